package role

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type organizationDefaultResource struct{ tf.Resource }

// NewOrganizationDefaultResource returns scalekit_organization_default_role.
func NewOrganizationDefaultResource() resource.Resource { return &organizationDefaultResource{} }

var (
	_ resource.ResourceWithConfigure   = (*organizationDefaultResource)(nil)
	_ resource.ResourceWithImportState = (*organizationDefaultResource)(nil)
	_ resource.ResourceWithIdentity    = (*organizationDefaultResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*organizationDefaultResource)(nil)
)

// organizationDefaultModel is the role that new members of an organization get.
type organizationDefaultModel struct {
	OrganizationID    types.String `tfsdk:"organization_id"`
	DefaultMemberRole types.String `tfsdk:"default_member_role"`
}

// fromAPI takes over the role that is the default, nil if there is none.
func (m *organizationDefaultModel) fromAPI(member *rolesv1.Role) {
	m.DefaultMemberRole = tf.OptionalString(member.GetName())
}

// organizationDefaultIdentity is what identifies the default role of an organization.
type organizationDefaultIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
}

func (r *organizationDefaultResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_default_role"
	resp.ResourceBehavior.MutableIdentity = true // another organization is an update
}

func (r *organizationDefaultResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The role that new members of one organization get, in place of the environment's default. The API cannot take an " +
			"organization's own default away again. Destroying this resource sets it to the role that is the environment's default " +
			"member role then; a later change of the environment's default does not reach the organization.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Changing it returns the old organization to the environment's default.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationPrefix)},
			},
			"default_member_role": schema.StringAttribute{
				MarkdownDescription: "The name of the role, the organization's own or the environment's.",
				Required:            true,
				Validators:          []validator.String{roleName()},
			},
		},
	}
}

func (r *organizationDefaultResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityschema.StringAttribute{Description: "The organization's id, org_….", RequiredForImport: true},
		},
	}
}

func (r *organizationDefaultResource) of(organizationID types.String) scope {
	return scope{Data: r.Data, organizationID: organizationID.ValueString()}
}

// ModifyPlan looks for the role that is to be the default.
func (r *organizationDefaultResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state organizationDefaultModel
	if req.Plan.Raw.IsNull() || r.Data == nil {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() || plan.OrganizationID.IsUnknown() {
		return
	}
	r.Claim(&resp.Diagnostics, path.Root("organization_id"), r.object(plan),
		tf.Prior(ctx, req, resp, state.OrganizationID.ValueString()), "the default role of organization "+plan.OrganizationID.ValueString())
	if plan.DefaultMemberRole.IsUnknown() || plan.DefaultMemberRole.Equal(state.DefaultMemberRole) && plan.OrganizationID.Equal(state.OrganizationID) {
		return
	}
	r.of(plan.OrganizationID).checkReference(ctx, &resp.Diagnostics, plan.reference())
}

// object names the organization's default role in the record of a run.
func (r *organizationDefaultResource) object(m organizationDefaultModel) run.Object {
	return run.In(m.OrganizationID.ValueString(), run.OrganizationDefaultRole, "default")
}

func (m *organizationDefaultModel) reference() reference {
	return reference{path.Root("default_member_role"), "role", []string{m.DefaultMemberRole.ValueString()}}
}

func (r *organizationDefaultResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan organizationDefaultModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m, ok := r.write(ctx, &resp.Diagnostics, plan)
	if !ok {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationDefaultIdentity{OrganizationID: m.OrganizationID})...)
}

func (r *organizationDefaultResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m organizationDefaultModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationDefaultIdentity{OrganizationID: m.OrganizationID})...)
	member, err := r.of(m.OrganizationID).defaultMember(ctx)
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, "Could not read the default role of organization "+m.OrganizationID.ValueString(), err, nil)
		return
	}
	m.fromAPI(member)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *organizationDefaultResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state organizationDefaultModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !plan.OrganizationID.Equal(state.OrganizationID) && !r.end(ctx, state, &resp.Diagnostics) {
		return
	}
	m, ok := r.write(ctx, &resp.Diagnostics, plan)
	if !ok {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationDefaultIdentity{OrganizationID: m.OrganizationID})...)
}

// write sets the default and returns it as the platform then has it.
func (r *organizationDefaultResource) write(ctx context.Context, diags *diag.Diagnostics, plan organizationDefaultModel) (organizationDefaultModel, bool) {
	s := r.of(plan.OrganizationID)
	if s.refuseMissing(ctx, diags, plan.reference()); diags.HasError() {
		return plan, false
	}
	r.Run.Write(r.object(plan))
	member, err := s.setDefaultMember(ctx, plan.DefaultMemberRole.ValueString())
	if err == nil && member.GetName() != plan.DefaultMemberRole.ValueString() {
		member, err = s.defaultMember(ctx) // whether the reply names the role is not documented; the flags decide
	}
	if err != nil {
		tf.AddError(diags, "Could not set the default role of organization "+s.organizationID, err, defaultFields)
		return plan, false
	}
	m := plan
	m.fromAPI(member)
	reportDefault(diags, "default_member_role", plan.DefaultMemberRole, m.DefaultMemberRole)
	return m, true
}

// Delete sets the organization's default to the environment's. A default that somebody has changed since is left alone, and
// so is one that another resource of this run has written.
func (r *organizationDefaultResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state organizationDefaultModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.end(ctx, state, &resp.Diagnostics)
}

// end returns an organization to the environment's default. It reports whether that is done; an organization that is gone
// has no default.
func (r *organizationDefaultResource) end(ctx context.Context, state organizationDefaultModel, diags *diag.Diagnostics) bool {
	s := r.of(state.OrganizationID)
	defer s.Run.Lock(run.InEnvironment(run.DefaultRoles, ""))() // the environment's default may be about to change
	if s.Run.Wrote(r.object(state)) {
		return true
	}
	err := s.returnToEnvironment(ctx, state.DefaultMemberRole.ValueString())
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(diags, "Could not return organization "+s.organizationID+" to the environment's default role", err, nil)
		return false
	}
	return true
}

// ImportState accepts the organization's id.
func (r *organizationDefaultResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if tf.RefuseEmptyImport(req, resp, "organization's default role") {
		return
	}
	if req.ID != "" && !tf.ValidID(organizationPrefix, req.ID) {
		resp.Diagnostics.AddError("Cannot import the organization's default role",
			fmt.Sprintf("%q is not an organization's id, such as %q.", req.ID, "org_12345678901234567"))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("organization_id"), path.Root("organization_id"), req, resp)
}

func (s scope) setDefaultMember(ctx context.Context, name string) (*rolesv1.Role, error) {
	reply, err := s.Client.Roles.UpdateDefaultOrganizationRoles(ctx, connect.NewRequest(&rolesv1.UpdateDefaultOrganizationRolesRequest{
		OrgId: s.organizationID, DefaultMemberRole: name,
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetDefaultMember(), nil
}
