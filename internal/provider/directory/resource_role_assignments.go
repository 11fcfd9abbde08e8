package directory

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type roleAssignmentsResource struct{ tf.Resource }

// NewRoleAssignmentsResource returns scalekit_directory_role_assignments.
func NewRoleAssignmentsResource() resource.Resource { return &roleAssignmentsResource{} }

var (
	_ resource.ResourceWithConfigure   = (*roleAssignmentsResource)(nil)
	_ resource.ResourceWithImportState = (*roleAssignmentsResource)(nil)
	_ resource.ResourceWithIdentity    = (*roleAssignmentsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*roleAssignmentsResource)(nil)
)

func (r *roleAssignmentsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory_role_assignments"
	resp.ResourceBehavior.MutableIdentity = true // a directory that was unknown may be another one
}

func (r *roleAssignmentsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan roleAssignmentsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.take(ctx, plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// take writes the mapping of a directory that has none of anybody else.
func (r *roleAssignmentsResource) take(
	ctx context.Context, plan roleAssignmentsModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) {
	d := plan.directory(r.Data)
	defer d.lock()()
	before, err := d.read(ctx)
	if err != nil {
		tf.AddError(diags, plan.failure(), err, nil)
		return
	}
	if foreign := before.without(plan.mapping()); len(foreign) > 0 {
		addForeignError(diags, d, foreign)
		return
	}
	r.write(ctx, d, plan, mapping{}, state, identity, diags)
}

// write puts the mapping in place of the directory's. The caller holds the directory's lock.
func (r *roleAssignmentsResource) write(
	ctx context.Context, d directoryOf, plan roleAssignmentsModel, before mapping, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) {
	d.Run.Write(d.whole())
	got, err := d.writeWhole(ctx, plan.mapping(), before)
	if err != nil {
		d.addWriteError(ctx, diags, plan.failure(), err, mappingFields, slices.Sorted(maps.Values(plan.mapping())), path.Root("role_by_group_id"))
		return
	}
	m := plan
	m.fromAPI(got)
	diags.Append(state.Set(ctx, m)...)
	diags.Append(identity.Set(ctx, m.identity())...)
	plan.reportDeviations(diags, got)
}

func (r *roleAssignmentsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m roleAssignmentsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	d := m.directory(r.Data)
	got, err := d.read(ctx)
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the role assignments of directory %s", d.id), err, nil)
		return
	}
	missing := m.mapping()
	maps.DeleteFunc(missing, func(groupID, _ string) bool { _, ok := got[groupID]; return ok })
	if gone, err := d.gone(ctx, missing); err == nil {
		d.warnOfGone(&resp.Diagnostics, gone)
		maps.Copy(got, gone)
	}
	m.fromAPI(got)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *roleAssignmentsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state roleAssignmentsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.DirectoryID.Equal(state.DirectoryID) {
		if r.remove(ctx, state, &resp.Diagnostics); !resp.Diagnostics.HasError() {
			r.take(ctx, plan, &resp.State, resp.Identity, &resp.Diagnostics)
		}
		return
	}
	d := plan.directory(r.Data)
	defer d.lock()()
	r.write(ctx, d, plan, state.mapping(), &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete empties the mapping, but for what this run has declared elsewhere.
func (r *roleAssignmentsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state roleAssignmentsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.remove(ctx, state, &resp.Diagnostics)
}

func (r *roleAssignmentsResource) remove(ctx context.Context, state roleAssignmentsModel, diags *diag.Diagnostics) {
	d := state.directory(r.Data)
	defer d.lock()()
	if d.Run.Wrote(d.whole()) {
		return // another resource of this run has taken the mapping over
	}
	before, err := d.read(ctx)
	rest := maps.Clone(before)
	maps.DeleteFunc(rest, func(groupID, _ string) bool { return !d.Run.Wrote(d.part(groupID)) })
	if err == nil && len(rest) < len(before) {
		var got mapping
		if got, err = d.write(ctx, rest); err == nil && len(got.without(rest)) > 0 {
			addKeptWarning(diags, d, got.without(rest))
		}
	}
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(diags, fmt.Sprintf("Could not remove the role assignments of directory %s", d.id), err, nil)
	}
}

// ImportState accepts ORGANIZATION_ID/DIRECTORY_ID.
func (r *roleAssignmentsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	tf.Import(ctx, req, resp, "directory's role assignments", tf.ImportPart{Attribute: "organization_id", Prefix: organizationIDPrefix},
		tf.ImportPart{Attribute: "directory_id", Prefix: idPrefix})
}

// ModifyPlan refuses what the apply could not do: a mapping that is declared twice, that has parts of somebody else, or
// that names what does not exist.
func (r *roleAssignmentsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if r.Data == nil {
		return
	}
	var plan, state roleAssignmentsModel
	isCreate := req.State.Raw.IsNull()
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	prior := tf.Prior(ctx, req, resp, state.DirectoryID.ValueString())
	if resp.Diagnostics.HasError() || plan.OrganizationID.IsUnknown() || plan.DirectoryID.IsUnknown() {
		return
	}
	d := plan.directory(r.Data)
	d.Run.Plan(d.whole())
	r.Claim(&resp.Diagnostics, path.Root("directory_id"), d.whole(), prior, "the role assignments of directory "+d.id)
	if d.Run.PlansIn(run.RoleAssignment, d.id) {
		addBothFormsError(&resp.Diagnostics, d.id)
		return
	}
	if !r.PlanChecks {
		return
	}
	if isCreate && prior == "" && !plan.RoleByGroupID.IsUnknown() {
		r.checkForeign(ctx, &resp.Diagnostics, d, plan)
	}
	d.checkExistence(ctx, &resp.Diagnostics, plan.changed(state))
}

// checkForeign reports the parts of the directory's mapping that the create would refuse to take over.
func (r *roleAssignmentsResource) checkForeign(ctx context.Context, diags *diag.Diagnostics, d directoryOf, plan roleAssignmentsModel) {
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	before, err := d.read(ctx)
	if err != nil {
		tf.LogSkippedCheck(ctx, "a directory's role assignments", err)
		return
	}
	foreign := before.without(plan.mapping())
	maps.DeleteFunc(foreign, func(groupID, _ string) bool { return plan.isUnknown(groupID) })
	if len(foreign) > 0 {
		addForeignError(diags, d, foreign)
	}
}

func addForeignError(diags *diag.Diagnostics, d directoryOf, foreign mapping) {
	diags.AddAttributeError(path.Root("role_by_group_id"), "The directory has other role assignments", fmt.Sprintf(
		"Directory %s has role assignments that are not in role_by_group_id: %s. Creating this resource would remove or change them. "+
			"To take them over, import the resource; put its own address in place of NAME:\n\n%s\nThe plan then shows what changes. "+
			"To leave them alone, declare single groups with scalekit_directory_role_assignment instead.",
		d.id, foreign.describe(), tf.ImportBlock("scalekit_directory_role_assignments", d.organizationID+"/"+d.id)))
}

func addKeptWarning(diags *diag.Diagnostics, d directoryOf, kept mapping) {
	diags.AddWarning("The platform kept role assignments", fmt.Sprintf(
		"Directory %s still has %s: this environment adds role assignments and does not remove them. Remove them in the Scalekit dashboard; "+
			"they also go with the directory.", d.id, kept.describe()))
}
