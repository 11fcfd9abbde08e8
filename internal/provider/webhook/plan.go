package webhook

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// endpointObject names an endpoint in the record of a run.
func endpointObject(id string) run.Object { return run.InEnvironment(run.WebhookEndpoint, id) }

// ModifyPlan refuses a new URL that is not encrypted, foretells a rotation, warns of unknown event types, and looks for
// an endpoint that has the planned uid already.
func (r *endpointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state resourceModel
	isCreate := req.State.Raw.IsNull()
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		r.Discard(&resp.Diagnostics, endpointObject(state.ID.ValueString()), "scalekit_webhook_endpoint", "webhook endpoint "+state.ID.ValueString())
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ownID := tf.Prior(ctx, req, resp, state.ID.ValueString())
	if !isCreate {
		r.Keep(&resp.Diagnostics, endpointObject(ownID), "scalekit_webhook_endpoint", "webhook endpoint "+ownID)
		unsent, diags := req.Private.GetKey(ctx, unsentKey)
		resp.Diagnostics.Append(diags...)
		if string(unsent) == "true" {
			resp.Diagnostics.AddAttributeWarning(path.Root("headers_wo"), "The headers are still to be set", fmt.Sprintf(
				"Webhook endpoint %s was created, and its headers could not be set then. This plan sets them.", ownID))
		}
		if plan.rotates(state) || string(unsent) == "true" {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("signing_secret"), types.StringUnknown())...)
		}
	}
	if uid := plan.UID.ValueString(); uid != "" {
		r.Claim(&resp.Diagnostics, path.Root("uid"), run.In("uid", run.WebhookEndpoint, uid), ownID, fmt.Sprintf("the webhook endpoint with uid %q", uid))
	}
	if complaint := plainHTTP(plan.URL.ValueString()); complaint != "" {
		if plan.URL.Equal(state.URL) {
			resp.Diagnostics.AddAttributeWarning(path.Root("url"), "The URL is not encrypted", complaint)
		} else {
			resp.Diagnostics.AddAttributeError(path.Root("url"), "Invalid URL", complaint)
		}
	}
	if resp.Diagnostics.HasError() || r.Data == nil || !r.PlanChecks {
		return
	}
	if plan.Enabled.ValueBool() {
		r.Run.PlanEnabled(endpointObject(ownID))
	}
	if isCreate || !plan.EventTypes.Equal(state.EventTypes) {
		r.warnOfUnknownEventTypes(ctx, &resp.Diagnostics, plan.EventTypes)
	}
	if uid := plan.UID.ValueString(); uid != "" && (isCreate || !plan.UID.Equal(state.UID)) {
		r.LookUp(ctx, "the uid of a webhook endpoint", func(ctx context.Context) error {
			found, ok, err := r.Webhooks.FindByUID(ctx, uid)
			if err == nil && ok && found.ID != ownID {
				addConflictError(&resp.Diagnostics, found, uid, ownID == "")
			}
			return err
		})
	}
}

// addConflictError reports an endpoint that has the wanted uid already, and what to do about it.
func addConflictError(diags *diag.Diagnostics, found svixportal.Endpoint, uid string, isCreate bool) {
	holder, key := "Webhook endpoint "+found.ID, fmt.Sprintf("the uid %q", uid)
	if isCreate {
		tf.AddTaken(diags, tf.Taken{
			Attribute: path.Root("uid"), Key: key, Holder: holder, ResourceType: "scalekit_webhook_endpoint", ImportID: found.ID,
		})
		return
	}
	diags.AddAttributeError(path.Root("uid"), tf.KeyIsTaken, holder+" already has "+key+". A uid is unique: choose another one.")
}
