package organization

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

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
}

func (r *sessionPolicyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An organization's own session policy, in place of the application's. Where the two differ, the stricter one holds. " +
			"Destroying the resource returns the organization to the application's policy. The platform's documentation asks for the organization's " +
			"`session_policy` feature; see `scalekit_organization_features`.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Changing it replaces the resource.",
				Required:            true,
				Validators:          []validator.String{tf.ID(idPrefix)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
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

// ModifyPlan refuses an idle timeout that is no longer than an access token lives, which the environment decides.
func (r *sessionPolicyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if req.Plan.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) || r.Data == nil || !r.PlanChecks {
		return
	}
	var plan sessionPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	idle, ok := minutes(plan.IdleSessionTimeout)
	if resp.Diagnostics.HasError() || !ok || plan.OrganizationID.IsUnknown() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	got, err := r.Client.Organizations.GetApplicationSessionPolicy(ctx, connect.NewRequest(
		&organizationsv1.GetApplicationSessionPolicyRequest{OrganizationId: plan.OrganizationID.ValueString()}))
	if err != nil {
		tf.LogSkippedCheck(ctx, "the application's session policy", err)
		return
	}
	if expiry := int64(got.Msg.GetApplicationPolicy().GetAccessTokenExpiry()); expiry > 0 && idle <= expiry {
		resp.Diagnostics.AddAttributeError(path.Root("idle_session_timeout"), "Invalid session policy", fmt.Sprintf(
			"The idle timeout (%s) must be longer than an access token lives, which is %s in this environment.", formatMinutes(idle), formatMinutes(expiry)))
	}
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
	var m sessionPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !r.write(ctx, &m, &resp.Diagnostics) {
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
	_, err := r.Client.Organizations.UpdateOrganizationSessionPolicy(ctx, connect.NewRequest(&organizationsv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId: m.OrganizationID.ValueString(),
		PolicySource:   organizationsv1.SessionPolicyType_APPLICATION,
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not return organization %s to the application's session policy", m.OrganizationID.ValueString()), err, nil)
	}
}

func (r *sessionPolicyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importSettings(ctx, req, resp)
}
