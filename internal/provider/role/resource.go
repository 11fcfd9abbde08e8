package role

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

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
}

func (r *roleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A role of the environment, which every organization can give its users. The built-in roles `admin` and " +
			"`member` are imported like any other.\n\n" + destroyNote,
		Attributes: attributes("Leaving it out, or empty, takes all of them."),
	}
}

// destroyNote tells what stands in the way of a destroy.
const destroyNote = "The platform does not delete a role that users have, directly or by a directory's mapping. `reassign_role_name` says " +
	"which role takes its place. What the same apply takes from it, a group's mapping for one, it lets go of by itself, as long as `plan_checks` is on."

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
	if s.awaitReferences(ctx, &resp.Diagnostics, plan.model, model{}); resp.Diagnostics.HasError() {
		return
	}
	role, err := s.create(ctx, plan.model)
	if err != nil {
		s.addCreateError(ctx, &resp.Diagnostics, plan.model, role, err)
		return
	}
	m := plan
	m.fromAPI(role)
	// A create is answered without the permissions. The role reaches the state before they are read.
	m.Permissions = plan.Permissions
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
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	s := r.environment()
	role, err := s.get(ctx, m.Name.ValueString())
	switch {
	case scalekit.IsNotFound(err), err == nil && !s.owns(role):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, "Could not read "+s.call(m.Name.ValueString()), err, nil)
		return
	}
	r.Run.Refresh(s.object(role.GetName()))
	m.fromAPI(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
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
	if s.awaitReferences(ctx, &resp.Diagnostics, plan.model, state.model); resp.Diagnostics.HasError() {
		return
	}
	role, err := s.update(ctx, plan.model, state.model)
	if err != nil {
		tf.AddError(&resp.Diagnostics, "Could not update "+s.call(state.Name.ValueString()), err, fields)
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
	s, name, reassign := r.environment(), state.Name.ValueString(), state.ReassignRoleName.ValueStringPointer()
	releases, diags := req.Private.GetKey(ctx, releasesKey)
	resp.Diagnostics.Append(diags...)
	if err := s.remove(ctx, name, reassign, releases); err != nil {
		s.addRemoveError(ctx, &resp.Diagnostics, name, reassign, err)
	}
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

// awaitReferences waits for what the role refers to anew.
func (s scope) awaitReferences(ctx context.Context, diags *diag.Diagnostics, plan, state model) {
	s.await(ctx, diags, reference{path.Root("permissions"), "permission", without(texts(plan.Permissions), texts(state.Permissions))})
	if base := plan.Extends; !base.IsNull() && !base.Equal(state.Extends) {
		s.await(ctx, diags, reference{path.Root("extends"), "role", []string{base.ValueString()}})
	}
}

// addUnverifiedWarning reports a role that was created and could not be read: an error would make Terraform replace it.
func (s scope) addUnverifiedWarning(diags *diag.Diagnostics, name string, err error) {
	diags.AddWarning("The permissions of "+s.call(name)+" are not verified", fmt.Sprintf(
		"The role was created, but could not be read afterwards: %v. The next plan shows whether it has all of its permissions.", err))
}
