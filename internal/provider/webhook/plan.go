package webhook

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// plannedKey is where a plan notes the endpoint that it is about: when Terraform plans a replacement, its second step
// sees no prior state but this note.
const plannedKey = "planned"

// endpointObject names an endpoint in the record of a run.
func endpointObject(id string) run.Object { return run.InEnvironment(run.WebhookEndpoint, id) }

// ModifyPlan refuses a new URL that is not encrypted, foretells a rotation, warns of unknown event types, and looks for
// an endpoint that has the planned uid already.
func (r *endpointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ownID := ""
	isCreate := req.State.Raw.IsNull()
	if isCreate {
		note, diags := req.Private.GetKey(ctx, plannedKey)
		resp.Diagnostics.Append(diags...)
		if len(note) > 0 && json.Unmarshal(note, &ownID) != nil {
			ownID = ""
		}
	} else {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		ownID = state.ID.ValueString()
		if note, err := json.Marshal(ownID); err == nil {
			resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedKey, note)...)
		}
		if plan.rotates(state) {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("signing_secret"), types.StringUnknown())...)
		}
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
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	if isCreate || !plan.EventTypes.Equal(state.EventTypes) {
		r.warnOfUnknownEventTypes(ctx, &resp.Diagnostics, plan.EventTypes)
	}
	if isCreate || !plan.UID.Equal(state.UID) {
		r.checkUID(ctx, &resp.Diagnostics, plan.UID.ValueString(), ownID)
	}
}

// checkUID reports another endpoint that has the planned uid.
func (r *endpointResource) checkUID(ctx context.Context, diags *diag.Diagnostics, uid, ownID string) {
	if uid == "" {
		return
	}
	found, ok, err := r.Webhooks.FindByUID(ctx, uid)
	switch {
	case err != nil:
		tf.LogSkippedCheck(ctx, "the uid of a webhook endpoint", err)
	case !ok || found.ID == ownID:
	case r.Run.Refreshed(endpointObject(found.ID)):
		// Terraform plans the replacement of a tainted endpoint like a create, without a trace of the old one.
		diags.AddAttributeWarning(path.Root("uid"), "The uid is in use", fmt.Sprintf(
			"Webhook endpoint %s, which Terraform's state knows, has the uid %q. Unless this plan replaces it, the apply will fail.", found.ID, uid))
	default:
		addConflictError(diags, found, uid, ownID == "")
	}
}

// addConflictError reports an endpoint that has the wanted uid already, and how to adopt it if that helps.
func addConflictError(diags *diag.Diagnostics, found svixportal.Endpoint, uid string, adoptable bool) {
	detail := fmt.Sprintf("Webhook endpoint %s of this environment has the uid %q already.", found.ID, uid)
	if adoptable {
		detail += " To manage it here, import it; put the resource's own address in place of NAME:\n\n" +
			tf.ImportBlock("scalekit_webhook_endpoint", found.ID) + "\nOtherwise choose another uid."
	} else {
		detail += " A uid is unique: choose another one."
	}
	diags.AddAttributeError(path.Root("uid"), "The uid is taken", detail)
}
