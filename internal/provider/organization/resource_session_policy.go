package organization

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type sessionPolicyResource struct{ tf.Resource }

// NewSessionPolicyResource returns scalekit_organization_session_policy.
func NewSessionPolicyResource() resource.Resource { return &sessionPolicyResource{} }

var (
	_ resource.ResourceWithConfigure      = (*sessionPolicyResource)(nil)
	_ resource.ResourceWithImportState    = (*sessionPolicyResource)(nil)
	_ resource.ResourceWithIdentity       = (*sessionPolicyResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*sessionPolicyResource)(nil)
	_ resource.ResourceWithValidateConfig = (*sessionPolicyResource)(nil)
)

func (r *sessionPolicyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_session_policy"
	resp.ResourceBehavior.MutableIdentity = true // another organization is an update
}

func (r *sessionPolicyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An organization's own session policy, in place of the application's. Where the two differ, the stricter one holds. " +
			"Destroying the resource returns the organization to the application's policy. The platform's documentation asks for the organization's " +
			"`session_policy` feature; see `scalekit_organization_features`.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Changing it returns the old organization to the application's policy.",
				Required:            true,
				Validators:          []validator.String{tf.ID(idPrefix)},
			},
			"absolute_session_timeout": schema.StringAttribute{
				MarkdownDescription: "How long a session lasts at most, as a duration of whole minutes such as `\"8h\"` or `\"480m\"`, up to a year.",
				Required:            true,
				Validators:          []validator.String{minutesValidator{maximum: 525600}},
				PlanModifiers:       []planmodifier.String{sameDuration{}},
			},
			"idle_session_timeout": schema.StringAttribute{
				MarkdownDescription: "How long a session lasts without activity, as a duration of whole minutes, up to a week: longer than an access token lives " +
					"(5 minutes unless the environment says otherwise) and shorter than `absolute_session_timeout`. Left out, it is what the platform has.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{minutesValidator{maximum: 10080}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), sameDuration{}},
			},
			"idle_session_timeout_enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether `idle_session_timeout` is enforced. Left out, it is what the platform has.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (r *sessionPolicyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = settingsIdentitySchema()
}

// ValidateConfig refuses an idle timeout that would never be reached. Whether one counts that is turned off is not
// documented: an organization may have such a policy already, and the platform decides on a new one.
func (r *sessionPolicyResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m sessionPolicyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	isOff := m.IdleSessionTimeoutEnabled.Equal(types.BoolValue(false))
	absolute, absoluteKnown := minutes(m.AbsoluteSessionTimeout)
	idle, idleKnown := minutes(m.IdleSessionTimeout)
	if absoluteKnown && idleKnown && idle >= absolute && !isOff {
		resp.Diagnostics.AddAttributeError(path.Root("idle_session_timeout"), "Invalid session policy", fmt.Sprintf(
			"The idle timeout (%s) must be shorter than the absolute timeout (%s).", formatMinutes(idle), formatMinutes(absolute)))
	}
}

// ModifyPlan refuses a policy that the platform would refuse, because of what it has or of how long access tokens live in
// the environment, and one that is declared twice.
func (r *sessionPolicyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) || req.Plan.Raw.IsNull() {
		return
	}
	organizationID, moves := planSettings(ctx, r.Data, req, resp, run.SessionPolicy, "session policy")
	var config, plan sessionPolicyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if moves && config.IdleSessionTimeout.IsNull() {
		plan.IdleSessionTimeout = types.StringUnknown()
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("idle_session_timeout"), plan.IdleSessionTimeout)...)
	}
	if moves && config.IdleSessionTimeoutEnabled.IsNull() {
		plan.IdleSessionTimeoutEnabled = types.BoolUnknown()
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("idle_session_timeout_enabled"), plan.IdleSessionTimeoutEnabled)...)
	}
	if resp.Diagnostics.HasError() || req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	idle, ok := minutes(plan.IdleSessionTimeout)
	isOn := plan.IdleSessionTimeoutEnabled.Equal(types.BoolValue(true))
	if absolute, known := minutes(plan.AbsoluteSessionTimeout); ok && known && idle >= absolute && isOn && config.IdleSessionTimeout.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("absolute_session_timeout"), "Invalid session policy", fmt.Sprintf(
			"The organization has an idle timeout of %s, which the configuration leaves out, and which must be shorter than the absolute "+
				"timeout (%s). Declare idle_session_timeout, or set idle_session_timeout_enabled to false.", formatMinutes(idle), formatMinutes(absolute)))
	}
	if isOn && plan.IdleSessionTimeout.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("idle_session_timeout_enabled"), "Invalid session policy",
			"The idle timeout is enabled and has no value. Declare idle_session_timeout.")
	}
	if !ok || organizationID == "" || r.Data == nil || !r.PlanChecks {
		return
	}
	r.LookUp(ctx, "the application's session policy", func(ctx context.Context) error {
		got, err := r.Client.Organizations.GetApplicationSessionPolicy(ctx, connect.NewRequest(
			&organizationsv1.GetApplicationSessionPolicyRequest{OrganizationId: organizationID}))
		if err != nil {
			return err
		}
		if expiry := int64(got.Msg.GetApplicationPolicy().GetAccessTokenExpiry()); expiry > 0 && idle <= expiry {
			resp.Diagnostics.AddAttributeError(path.Root("idle_session_timeout"), "Invalid session policy", fmt.Sprintf(
				"The idle timeout (%s) must be longer than an access token lives, which is %s in this environment.", formatMinutes(idle), formatMinutes(expiry)))
		}
		return nil
	})
}

func (r *sessionPolicyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var m sessionPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !r.write(ctx, &m, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
}

func (r *sessionPolicyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m sessionPolicyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
	got, err := r.Client.Organizations.GetOrganizationSessionPolicy(ctx, connect.NewRequest(
		&organizationsv1.GetOrganizationSessionPolicyRequest{OrganizationId: m.OrganizationID.ValueString()}))
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the session policy of organization %s", m.OrganizationID.ValueString()), err, nil)
		return
	case got.Msg.GetPolicy().GetPolicySource() != organizationsv1.SessionPolicyType_CUSTOM && m.AbsoluteSessionTimeout.IsNull():
		addNothingToImportError(&resp.Diagnostics, m.OrganizationID, "session policy of its own: it follows the application's")
		return
	case got.Msg.GetPolicy().GetPolicySource() != organizationsv1.SessionPolicyType_CUSTOM:
		// The organization follows the application's policy, so it has none of its own.
		resp.State.RemoveResource(ctx)
		return
	}
	m.fromAPI(got.Msg.GetPolicy())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *sessionPolicyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m, state sessionPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !m.OrganizationID.Equal(state.OrganizationID) && !r.end(ctx, state.OrganizationID, &resp.Diagnostics) {
		return
	}
	if !r.write(ctx, &m, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
}

func (r *sessionPolicyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var m sessionPolicyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.end(ctx, m.OrganizationID, &resp.Diagnostics)
}

// end returns an organization to the application's policy, unless another resource of this run has set its own. It reports
// whether that is done; an organization that is gone has none.
func (r *sessionPolicyResource) end(ctx context.Context, organizationID types.String, diags *diag.Diagnostics) bool {
	object := run.Of(organizationID.ValueString(), run.SessionPolicy)
	defer r.Run.Lock(object)()
	if r.Run.Wrote(object) {
		return true
	}
	_, err := r.Client.Organizations.UpdateOrganizationSessionPolicy(ctx, connect.NewRequest(&organizationsv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId: organizationID.ValueString(),
		PolicySource:   organizationsv1.SessionPolicyType_APPLICATION,
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(diags, fmt.Sprintf("Could not return organization %s to the application's session policy", organizationID.ValueString()), err, nil)
		return false
	}
	return true
}

func (r *sessionPolicyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importSettings(ctx, req, resp)
}
