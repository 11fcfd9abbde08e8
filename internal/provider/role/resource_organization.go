package role

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type organizationRoleResource struct{ tf.Resource }

// NewOrganizationResource returns scalekit_organization_role.
func NewOrganizationResource() resource.Resource { return &organizationRoleResource{} }

var (
	_ resource.ResourceWithConfigure   = (*organizationRoleResource)(nil)
	_ resource.ResourceWithImportState = (*organizationRoleResource)(nil)
	_ resource.ResourceWithIdentity    = (*organizationRoleResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*organizationRoleResource)(nil)
)

func (r *organizationRoleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_role"
	resp.ResourceBehavior.MutableIdentity = true // a renamed role has another name
}

func (r *organizationRoleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := attributes("The API cannot take the last one of an organization's role, so a plan that does fails.")
	all["organization_id"] = organizationID()
	resp.Schema = schema.Schema{
		MarkdownDescription: "A role of one organization, which only that organization can give its users. No role of the environment " +
			"may have its name.\n\n" + destroyNote,
		Attributes: all,
	}
}

func (r *organizationRoleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityschema.StringAttribute{Description: "The organization's id, org_….", RequiredForImport: true},
			"name":            identityschema.StringAttribute{Description: "The role's name.", RequiredForImport: true},
		},
	}
}

// of is where the roles of the organization are.
func (r *organizationRoleResource) of(organizationID types.String) scope {
	return scope{Data: r.Data, organizationID: organizationID.ValueString()}
}

// ModifyPlan refuses what the API cannot do, says what a destroy comes up against, and looks for a role of the planned
// name and for what the role refers to.
func (r *organizationRoleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var state, plan *placed
	if !req.State.Raw.IsNull() {
		var m organizationModel
		resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
		state = &placed{m.resourceModel, m.OrganizationID}
	}
	if !req.Plan.Raw.IsNull() {
		var m organizationModel
		resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
		plan = &placed{m.resourceModel, m.OrganizationID}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	modifyPlan(ctx, r.Data, state, plan, req, resp)
}

func (r *organizationRoleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan organizationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := r.of(plan.OrganizationID)
	if s.refuseMissingReferences(ctx, &resp.Diagnostics, plan.model, model{}); resp.Diagnostics.HasError() {
		return
	}
	role, err := s.create(ctx, &resp.Diagnostics, plan.model)
	if err != nil {
		s.addCreateError(ctx, &resp.Diagnostics, plan.model, role, err)
		return
	}
	m := plan
	m.fromAPI(role)
	// A create is answered without the permissions. The role reaches the state before they are read.
	m.Permissions = stringSet(texts(plan.Permissions))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationIdentityModel{OrganizationID: m.OrganizationID, Name: m.Name})...)
	role, err = s.get(ctx, m.Name.ValueString())
	if err != nil {
		s.addUnverifiedWarning(&resp.Diagnostics, m.Name.ValueString(), err)
		return
	}
	m.fromAPI(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

func (r *organizationRoleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m organizationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Set the identity even when the object is gone: older states have none.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationIdentityModel{OrganizationID: m.OrganizationID, Name: m.Name})...)
	s := r.of(m.OrganizationID)
	role, err := s.read(ctx, m.model, readRenaming(ctx, req.Private, &resp.Diagnostics))
	if err != nil {
		tf.AddError(&resp.Diagnostics, "Could not read "+s.call(m.Name.ValueString()), err, nil)
		return
	}
	if role == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	m.fromAPI(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationIdentityModel{OrganizationID: m.OrganizationID, Name: m.Name})...)
}

func (r *organizationRoleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state organizationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := r.of(plan.OrganizationID)
	if s.refuseMissingReferences(ctx, &resp.Diagnostics, plan.model, state.model); resp.Diagnostics.HasError() {
		return
	}
	role := s.change(ctx, plan.model, state.model, resp.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	m := plan
	m.fromAPI(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, organizationIdentityModel{OrganizationID: m.OrganizationID, Name: m.Name})...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

func (r *organizationRoleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state organizationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, reassign := r.of(state.OrganizationID), state.ReassignRoleName.ValueStringPointer()
	s.delete(ctx, state.model, reassign, readRenaming(ctx, req.Private, &resp.Diagnostics), &resp.Diagnostics)
}

// ImportState accepts an organization's id and a role's name, joined by a slash.
func (r *organizationRoleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		var identity organizationIdentityModel
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("organization_id"), identity.OrganizationID)...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), identity.Name)...)
		return
	}
	organizationID, name, _ := strings.Cut(req.ID, "/")
	if !tf.ValidID(organizationPrefix, organizationID) || !rolePattern.MatchString(name) {
		resp.Diagnostics.AddError("Cannot import the organization's role", fmt.Sprintf(
			"%q is not an organization's id and a role's name, such as %q.", req.ID, "org_12345678901234567/globex_admin"))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("organization_id"), organizationID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
}
