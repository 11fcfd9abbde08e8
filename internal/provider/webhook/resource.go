package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// uidImport begins an import id that names an endpoint by its uid.
const uidImport = "uid:"

type endpointResource struct{ tf.Resource }

// NewResource returns scalekit_webhook_endpoint.
func NewResource() resource.Resource { return &endpointResource{} }

var (
	_ resource.ResourceWithConfigure   = (*endpointResource)(nil)
	_ resource.ResourceWithImportState = (*endpointResource)(nil)
	_ resource.ResourceWithIdentity    = (*endpointResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*endpointResource)(nil)
)

func (r *endpointResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_webhook_endpoint"
}

// unsentKey is where the private state says that an endpoint was created and its headers could not be set. An error would
// have made Terraform replace the endpoint.
const unsentKey = "unsent_headers"

func (r *endpointResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan, config resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	endpoint, err := r.create(ctx, plan.settings())
	if err != nil {
		r.addCreateError(ctx, &resp.Diagnostics, plan, err)
		return
	}
	m := plan
	m.fromAPI(endpoint)
	m.SigningSecret = types.StringNull()
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: m.ID})...)

	if headers := tf.Strings(config.HeadersWO); len(headers) > 0 {
		if err := r.Webhooks.ReplaceHeaders(ctx, endpoint.ID, headers); err != nil {
			resp.Diagnostics.Append(resp.Private.SetKey(ctx, unsentKey, []byte("true"))...)
			addWarning(&resp.Diagnostics, fmt.Sprintf("Could not set the headers of webhook endpoint %s", endpoint.ID), err,
				"The endpoint was created without them, and the next plan shows that they are still to be set.")
		}
	}
	secret, err := r.Webhooks.Secret(ctx, endpoint.ID)
	if err != nil {
		addWarning(&resp.Diagnostics, fmt.Sprintf("Could not read the signing secret of webhook endpoint %s", endpoint.ID), err,
			"The endpoint was created, and the next refresh reads it.")
	} else {
		m.SigningSecret = types.StringValue(secret)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

// create makes the endpoint exactly once. Creates of equal endpoints wait for each other, so that the one whose outcome is
// unknown can be told from its siblings.
func (r *endpointResource) create(ctx context.Context, settings svixportal.Settings) (svixportal.Endpoint, error) {
	defer r.Run.Lock(endpointObject(settings.URL))()
	endpoint, err := r.Webhooks.Create(ctx, settings, func(id string) bool { return r.Run.Wrote(endpointObject(id)) })
	if err == nil {
		r.Run.Write(endpointObject(endpoint.ID))
	}
	return endpoint, err
}

// addCreateError reports a failed create. The server says only that something is taken, so whose the uid is is looked up.
func (r *endpointResource) addCreateError(ctx context.Context, diags *diag.Diagnostics, plan resourceModel, err error) {
	summary := "Could not create the webhook endpoint"
	unknown := new(svixportal.UnknownOutcomeError)
	uid := plan.UID.ValueString()
	switch {
	case errors.As(err, &unknown):
		check := "Look for an endpoint of this URL in the webhook portal of the Scalekit dashboard before you apply again. If it is there, import " +
			"it by its id; otherwise another apply would create a second one. A uid makes such a case decidable."
		if uid != "" {
			check = fmt.Sprintf("Apply again: if the endpoint exists, the plan says so and gives the import block for uid %q.", uid)
		}
		diags.AddError(summary, fmt.Sprintf("It is not known whether the endpoint was created: %s.\n\n%s", tf.Text(err.Error()), check))
		return
	case svixportal.IsConflict(err) && uid != "":
		if found, ok, lookErr := r.Webhooks.FindByUID(ctx, uid); lookErr == nil && ok {
			addConflictError(diags, found, uid, true)
			return
		}
	}
	addError(diags, summary, err)
}

func (r *endpointResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: m.ID})...)
	id := m.ID.ValueString()
	endpoint, err := r.Webhooks.Get(ctx, id)
	secret := ""
	if err == nil {
		secret, err = r.Webhooks.Secret(ctx, id)
	}
	switch {
	case svixportal.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		addError(&resp.Diagnostics, fmt.Sprintf("Could not read webhook endpoint %s", id), err)
		return
	}
	m.fromAPI(endpoint)
	m.SigningSecret = types.StringValue(secret)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update does up to three things. What is done is in the state before the next is tried.
func (r *endpointResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state, config resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := state.ID.ValueString()
	m := plan
	m.HeadersWOVersion, m.SecretRotation, m.SigningSecret = state.HeadersWOVersion, state.SecretRotation, state.SigningSecret

	if !plan.settings().Equal(state.settings()) {
		endpoint, err := r.Webhooks.Replace(ctx, id, plan.settings())
		if err != nil {
			r.addUpdateError(ctx, &resp.Diagnostics, plan, err)
			return
		}
		m.fromAPI(endpoint)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: m.ID})...)

	unsent, diags := req.Private.GetKey(ctx, unsentKey)
	resp.Diagnostics.Append(diags...)
	if !plan.HeadersWOVersion.Equal(state.HeadersWOVersion) || string(unsent) == "true" {
		if err := r.Webhooks.ReplaceHeaders(ctx, id, tf.Strings(config.HeadersWO)); err != nil {
			addError(&resp.Diagnostics, fmt.Sprintf("Could not set the headers of webhook endpoint %s", id), err)
			return
		}
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, unsentKey, []byte("false"))...)
		m.HeadersWOVersion = plan.HeadersWOVersion
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}

	if plan.rotates(state) {
		secret, err := r.rotate(ctx, id, plan, state)
		if err != nil {
			addError(&resp.Diagnostics, fmt.Sprintf("Could not rotate the signing secret of webhook endpoint %s", id), err)
			return
		}
		m.SigningSecret = types.StringValue(secret)
	}
	m.SecretRotation = plan.SecretRotation
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

// rotate makes a new secret and returns it. Where it is not known whether that happened, the secret itself tells.
func (r *endpointResource) rotate(ctx context.Context, id string, plan, state resourceModel) (string, error) {
	err := r.Webhooks.RotateSecret(ctx, id, plan.grace())
	if err != nil && !svixportal.IsUncertain(err) {
		return "", err
	}
	// Also when the user cancels the run meanwhile: the next apply would rotate once more.
	readCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tf.LookUpTimeout)
	defer cancel()
	secret, readErr := r.Webhooks.Secret(readCtx, id)
	switch {
	case readErr == nil && (err == nil || secret != state.SigningSecret.ValueString()):
		return secret, nil
	case err != nil:
		return "", err
	default:
		return "", fmt.Errorf("the secret was rotated, but could not be read: %w", readErr)
	}
}

// addUpdateError reports a failed update, and whose the uid is if that is the reason.
func (r *endpointResource) addUpdateError(ctx context.Context, diags *diag.Diagnostics, plan resourceModel, err error) {
	if uid := plan.UID.ValueString(); svixportal.IsConflict(err) && uid != "" {
		if found, ok, lookErr := r.Webhooks.FindByUID(ctx, uid); lookErr == nil && ok && found.ID != plan.ID.ValueString() {
			addConflictError(diags, found, uid, false)
			return
		}
	}
	addError(diags, fmt.Sprintf("Could not update webhook endpoint %s", plan.ID.ValueString()), err)
}

func (r *endpointResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.Webhooks.Delete(ctx, state.ID.ValueString()); err != nil {
		addError(&resp.Diagnostics, fmt.Sprintf("Could not delete webhook endpoint %s", state.ID.ValueString()), err)
	}
}

// ImportState accepts an endpoint's id, or its own id behind "uid:".
func (r *endpointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if tf.RefuseEmptyImport(req, resp, "webhook endpoint") {
		return
	}
	uid, isUID := strings.CutPrefix(req.ID, uidImport)
	switch {
	case isUID && namePattern.MatchString(uid):
		found, ok, err := r.Webhooks.FindByUID(ctx, uid)
		if err != nil {
			addError(&resp.Diagnostics, fmt.Sprintf("Could not look up the webhook endpoint with uid %q", uid), err)
			return
		}
		if !ok {
			resp.Diagnostics.AddError("Cannot import the webhook endpoint", fmt.Sprintf("No webhook endpoint of this environment has the uid %q.", uid))
			return
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), found.ID)...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), found.ID)...)
	case req.ID == "" || tf.ValidID(idPrefix, req.ID) && namePattern.MatchString(req.ID):
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
	default:
		resp.Diagnostics.AddError("Cannot import the webhook endpoint", fmt.Sprintf(
			"%q is not an import id of a webhook endpoint. Give its id, such as %q, or its own id as %q.",
			req.ID, "ep_2srOrx2ZWZBpBUvZwXKQmoEYga2", uidImport+"directory-sync"))
	}
}

// reportDeviations says where the server stored something else than was planned, which would otherwise come back as a
// diff with every plan.
func reportDeviations(diags *diag.Diagnostics, plan, got model) {
	tf.ReportDeviations(diags,
		tf.Deviation{Attribute: "url", Wanted: plan.URL, Stored: got.URL},
		tf.Deviation{Attribute: "description", Wanted: plan.Description, Stored: got.Description},
		tf.Deviation{Attribute: "event_types", Wanted: plan.EventTypes, Stored: got.EventTypes},
		tf.Deviation{Attribute: "enabled", Wanted: plan.Enabled, Stored: got.Enabled},
		tf.Deviation{Attribute: "channels", Wanted: plan.Channels, Stored: got.Channels},
		tf.Deviation{Attribute: "rate_limit", Wanted: plan.RateLimit, Stored: got.RateLimit},
		tf.Deviation{Attribute: "metadata", Wanted: plan.Metadata, Stored: got.Metadata},
		tf.Deviation{Attribute: "uid", Wanted: plan.UID, Stored: got.UID})
}
