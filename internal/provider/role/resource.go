package role

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type roleResource struct{ tf.Resource }

// NewResource returns scalekit_role.
func NewResource() resource.Resource { return &roleResource{} }

var (
	_ resource.ResourceWithConfigure   = (*roleResource)(nil)
	_ resource.ResourceWithImportState = (*roleResource)(nil)
	_ resource.ResourceWithIdentity    = (*roleResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*roleResource)(nil)
)

func (r *roleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_role"
	resp.ResourceBehavior.MutableIdentity = true // a renamed role has another name
}

func (r *roleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A role of the environment, which every organization can give its users. The built-in roles `admin` and " +
			"`member` are imported like any other.\n\n" + destroyNote,
		Attributes: attributes("An empty set takes all of them."),
	}
}

// destroyNote tells what a rename and a destroy do.
const destroyNote = "Scalekit has no call to rename a role. When `name` changes, the provider creates a role of the new name, moves to it " +
	"what uses the old one (users, groups of directories, defaults, roles that extend it), and then deletes the old one.\n\n" +
	"Destroying a role takes it from the groups that directories' mappings give it to. The platform does not delete a role that users " +
	"have otherwise, that is a default, or that other roles extend: `reassign_role_name` says which role takes its place there."

func (r *roleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{Description: "The role's name.", RequiredForImport: true},
		},
	}
}

// environment is where the roles of this resource are.
func (r *roleResource) environment() scope { return scope{Data: r.Data} }

// ModifyPlan refuses what the API cannot do, says what a destroy comes up against, and looks for a role of the planned
// name and for what the role refers to.
func (r *roleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var state, plan *placed
	if !req.State.Raw.IsNull() {
		state = new(placed)
		resp.Diagnostics.Append(req.State.Get(ctx, &state.resourceModel)...)
	}
	if !req.Plan.Raw.IsNull() {
		plan = new(placed)
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan.resourceModel)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	modifyPlan(ctx, r.Data, state, plan, req, resp)
}

func (r *roleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := r.environment()
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
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	role, err = s.get(ctx, m.Name.ValueString())
	if err != nil {
		s.addUnverifiedWarning(&resp.Diagnostics, m.Name.ValueString(), err)
		return
	}
	m.fromAPI(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

func (r *roleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Set the identity even when the object is gone: older states have none.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	s := r.environment()
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
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
}

func (r *roleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := r.environment()
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
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

func (r *roleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, reassign := r.environment(), state.ReassignRoleName.ValueStringPointer()
	s.delete(ctx, state.model, reassign, readRenaming(ctx, req.Private, &resp.Diagnostics), &resp.Diagnostics)
}

// ImportState accepts a role's name.
func (r *roleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if tf.RefuseEmptyImport(req, resp, "role") {
		return
	}
	if req.ID != "" && !rolePattern.MatchString(req.ID) {
		resp.Diagnostics.AddError("Cannot import the role", fmt.Sprintf("%q is not a role's name, such as %q.", req.ID, "engineer"))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("name"), path.Root("name"), req, resp)
}

// read reads the role of a state, nil if it is gone. A role of another id that has the name by now is another role. Where
// a rename was interrupted after it had deleted the old role, the role is the one that has taken over.
func (s scope) read(ctx context.Context, state model, begun renaming) (*rolesv1.Role, error) {
	role, err := s.get(ctx, state.Name.ValueString())
	if err == nil && s.owns(role) && (state.ID.ValueString() == "" || role.GetId() == state.ID.ValueString()) {
		return role, nil
	}
	if err != nil && !scalekit.IsNotFound(err) {
		return nil, err
	}
	return s.successor(ctx, begun)
}

// change brings a role from state to plan, and reports why it cannot.
func (s scope) change(ctx context.Context, plan, state model, private tf.Private, diags *diag.Diagnostics) *rolesv1.Role {
	if !plan.Name.Equal(state.Name) {
		return s.rename(ctx, plan, state, private, diags)
	}
	role, err := s.update(ctx, plan, state)
	if err != nil {
		tf.AddError(diags, "Could not update "+s.call(state.Name.ValueString()), err, fields)
	}
	return role
}

// delete deletes the role of a state, and the one that a rename has made and not given to anybody. A role of another id
// that has the name by now is somebody else's.
func (s scope) delete(ctx context.Context, state model, reassign *string, begun renaming, diags *diag.Diagnostics) {
	name := state.Name.ValueString()
	role, err := s.get(ctx, name)
	switch {
	case scalekit.IsNotFound(err):
	case err != nil:
		tf.AddError(diags, "Could not delete "+s.call(name), err, fields)
		return
	case state.ID.ValueString() != "" && role.GetId() != state.ID.ValueString():
		diags.AddWarning("A role of the name stays", fmt.Sprintf(
			"%s, %s, is gone. Another role has its name, %s, which is not touched.", s.call(name), state.ID.ValueString(), role.GetId()))
	default:
		if err := s.remove(ctx, name, reassign); err != nil {
			s.addRemoveError(ctx, diags, name, reassign, err)
			return
		}
	}
	half, err := s.successor(ctx, begun)
	if err == nil && half != nil {
		err = s.remove(ctx, half.GetName(), reassign)
	}
	if err != nil {
		s.addRemoveError(ctx, diags, begun.Name, reassign, err)
	}
}

// refuseMissingReferences reports what the role refers to anew and what does not exist.
func (s scope) refuseMissingReferences(ctx context.Context, diags *diag.Diagnostics, plan, state model) {
	s.refuseMissing(ctx, diags, reference{path.Root("permissions"), "permission", without(texts(plan.Permissions), texts(state.Permissions))})
	if base := plan.Extends; !base.IsNull() && !base.Equal(state.Extends) {
		s.refuseMissing(ctx, diags, reference{path.Root("extends"), "role", []string{base.ValueString()}})
	}
}

// addUnverifiedWarning reports a role that was created and could not be read: an error would make Terraform replace it.
func (s scope) addUnverifiedWarning(diags *diag.Diagnostics, name string, err error) {
	diags.AddWarning("The permissions of "+s.call(name)+" are not verified", fmt.Sprintf(
		"The role was created, but could not be read afterwards: %s. The next plan shows whether it has all of its permissions.", tf.Text(err.Error())))
}
