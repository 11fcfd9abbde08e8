package organization

import (
	"context"
	"fmt"
	"math"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/wrapperspb"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type userManagementResource struct{ tf.Resource }

// NewUserManagementResource returns scalekit_organization_user_management.
func NewUserManagementResource() resource.Resource { return &userManagementResource{} }

var (
	_ resource.ResourceWithConfigure   = (*userManagementResource)(nil)
	_ resource.ResourceWithImportState = (*userManagementResource)(nil)
	_ resource.ResourceWithIdentity    = (*userManagementResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*userManagementResource)(nil)
)

type userManagementModel struct {
	OrganizationID  types.String `tfsdk:"organization_id"`
	MaxAllowedUsers types.Int64  `tfsdk:"max_allowed_users"`
}

// fromAPI takes over the settings. One that is not set is null.
func (m *userManagementModel) fromAPI(settings *organizationsv1.OrganizationUserManagementSettings) {
	m.MaxAllowedUsers = types.Int64Null()
	if limit := settings.GetMaxAllowedUsers(); limit != nil {
		m.MaxAllowedUsers = types.Int64Value(int64(limit.GetValue()))
	}
}

func (r *userManagementResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_user_management"
	resp.ResourceBehavior.MutableIdentity = true // another organization is an update
}

func (r *userManagementResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "How many users an organization may have. Destroying the resource takes the organization's own limit away. " +
			"Not every environment offers these settings.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Changing it takes the old organization's limit away.",
				Required:            true,
				Validators:          []validator.String{tf.ID(idPrefix)},
			},
			"max_allowed_users": schema.Int64Attribute{
				MarkdownDescription: "How many active users and unexpired invitations the organization may have. `0` means without limit.",
				Required:            true,
				Validators:          []validator.Int64{int64validator.Between(0, math.MaxInt32)},
			},
		},
	}
}

func (r *userManagementResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = settingsIdentitySchema()
}

// ModifyPlan refuses a limit that is declared twice.
func (r *userManagementResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) && !req.Plan.Raw.IsNull() {
		planSettings(ctx, r.Data, req, resp, run.UserManagement, "user management")
	}
}

func (r *userManagementResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var m userManagementModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !r.write(ctx, &m, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
}

func (r *userManagementResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m userManagementModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
	got, err := r.Client.Organizations.GetOrganizationUserManagementSetting(ctx, connect.NewRequest(
		&organizationsv1.GetOrganizationUserManagementSettingsRequest{OrganizationId: m.OrganizationID.ValueString()}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the user management settings of organization %s", m.OrganizationID.ValueString()), err, nil)
		return
	}
	if err == nil && got.Msg.GetSettings().GetMaxAllowedUsers() == nil && m.MaxAllowedUsers.IsNull() {
		addNothingToImportError(&resp.Diagnostics, m.OrganizationID, "limit of its own")
		return
	}
	if err != nil || got.Msg.GetSettings().GetMaxAllowedUsers() == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	m.fromAPI(got.Msg.GetSettings())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *userManagementResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m, state userManagementModel
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

func (r *userManagementResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var m userManagementModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.end(ctx, m.OrganizationID, &resp.Diagnostics)
}

// end takes an organization's limit away, unless another resource of this run has set one. It reports whether that is
// done; an organization that is gone has none.
func (r *userManagementResource) end(ctx context.Context, organizationID types.String, diags *diag.Diagnostics) bool {
	object := run.Of(organizationID.ValueString(), run.UserManagement)
	defer r.Run.Lock(object)()
	if r.Run.Wrote(object) {
		return true
	}
	_, err := r.send(ctx, organizationID, nil)
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(diags, fmt.Sprintf("Could not take the user limit of organization %s away", organizationID.ValueString()), err, nil)
		return false
	}
	return true
}

func (r *userManagementResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importSettings(ctx, req, resp)
}

// write sets the limit, takes the reply over and reports a platform that stored another one. It reports whether there is
// a reply for the state.
func (r *userManagementResource) write(ctx context.Context, m *userManagementModel, diags *diag.Diagnostics) bool {
	wanted := m.MaxAllowedUsers
	object := run.Of(m.OrganizationID.ValueString(), run.UserManagement)
	defer r.Run.Lock(object)()
	r.Run.Write(object)
	settings, err := r.send(ctx, m.OrganizationID, wrapperspb.Int32(int32(wanted.ValueInt64())))
	if scalekit.IsNotFound(err) && r.AddMissingOrganization(ctx, diags, m.OrganizationID.ValueString()) {
		return false
	}
	if err != nil {
		tf.AddError(diags, fmt.Sprintf("Could not set the user management of organization %s", m.OrganizationID.ValueString()), err,
			tf.Fields{"max_allowed_users": path.Root("max_allowed_users")})
		return false
	}
	m.fromAPI(settings)
	if !wanted.Equal(m.MaxAllowedUsers) {
		diags.AddAttributeError(path.Root("max_allowed_users"), tf.NotStored, fmt.Sprintf(
			"The platform was sent %s and stored %s. The environment may have a lower limit.", wanted, m.MaxAllowedUsers))
	}
	return true
}

func (r *userManagementResource) send(ctx context.Context, organizationID types.String, limit *wrapperspb.Int32Value) (*organizationsv1.OrganizationUserManagementSettings, error) {
	reply, err := r.Client.Organizations.UpsertUserManagementSettings(ctx, connect.NewRequest(&organizationsv1.UpsertUserManagementSettingsRequest{
		OrganizationId: organizationID.ValueString(),
		Settings:       &organizationsv1.OrganizationUserManagementSettings{MaxAllowedUsers: limit},
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetSettings(), nil
}
