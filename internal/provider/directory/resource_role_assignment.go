package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type roleAssignmentResource struct{ tf.Resource }

// NewRoleAssignmentResource returns scalekit_directory_role_assignment.
func NewRoleAssignmentResource() resource.Resource { return &roleAssignmentResource{} }

var (
	_ resource.ResourceWithConfigure   = (*roleAssignmentResource)(nil)
	_ resource.ResourceWithImportState = (*roleAssignmentResource)(nil)
	_ resource.ResourceWithIdentity    = (*roleAssignmentResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*roleAssignmentResource)(nil)
)

func (r *roleAssignmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory_role_assignment"
	resp.ResourceBehavior.MutableIdentity = true // a directory that was unknown may be another one
}

func (r *roleAssignmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan roleAssignmentModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	d := plan.directory(r.Data)
	got, err := d.assign(ctx, plan.GroupID.ValueString(), plan.RoleName.ValueString(), plan.check)
	if taken := new(takenGroupError); errors.As(err, &taken) {
		addTakenError(&resp.Diagnostics, d, plan, taken.role)
		return
	}
	plan.finish(ctx, d, got, err, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (r *roleAssignmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m roleAssignmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	d := m.directory(r.Data)
	got, err := d.read(ctx)
	role, ok := got[m.GroupID.ValueString()]
	switch {
	case err == nil && !ok:
		gone, err := d.gone(ctx, m.mapping())
		if err != nil || len(gone) == 0 {
			resp.State.RemoveResource(ctx)
			return
		}
		d.warnOfGone(&resp.Diagnostics, gone)
		return
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the role of group %s", m.GroupID.ValueString()), err, nil)
		return
	}
	m.RoleName = types.StringValue(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *roleAssignmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state roleAssignmentModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	check := func(mapping) error { return nil }
	if !plan.DirectoryID.Equal(state.DirectoryID) {
		if r.withdraw(ctx, state, &resp.Diagnostics); resp.Diagnostics.HasError() {
			return
		}
		check = plan.check
	}
	d := plan.directory(r.Data)
	got, err := d.assign(ctx, plan.GroupID.ValueString(), plan.RoleName.ValueString(), check)
	plan.finish(ctx, d, got, err, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (r *roleAssignmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state roleAssignmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.withdraw(ctx, state, &resp.Diagnostics)
}

func (r *roleAssignmentResource) withdraw(ctx context.Context, state roleAssignmentModel, diags *diag.Diagnostics) {
	d, groupID, role := state.directory(r.Data), state.GroupID.ValueString(), state.RoleName.ValueString()
	got, err := d.withdraw(ctx, groupID, role)
	if scalekit.IsNotFound(err) {
		// Of the directory, or of what another part of the mapping names.
		if _, readErr := d.read(ctx); scalekit.IsNotFound(readErr) {
			return
		}
	}
	if err != nil {
		tf.AddError(diags, fmt.Sprintf("Could not take the role %s from group %s", role, groupID), err, nil)
		return
	}
	if got[groupID] == role {
		addKeptWarning(diags, d, mapping{groupID: role})
	}
}

// ImportState accepts ORGANIZATION_ID/DIRECTORY_ID/GROUP_ID.
func (r *roleAssignmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	tf.Import(ctx, req, resp, "directory role assignment", tf.ImportPart{Attribute: "organization_id", Prefix: organizationIDPrefix},
		tf.ImportPart{Attribute: "directory_id", Prefix: idPrefix}, tf.ImportPart{Attribute: "group_id", Prefix: groupIDPrefix})
}

// ModifyPlan refuses what the apply could not do: a mapping that is declared twice, a group that has another role, or a
// group or role that does not exist.
func (r *roleAssignmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if r.Data == nil {
		return
	}
	var plan, state roleAssignmentModel
	isCreate := req.State.Raw.IsNull()
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	prior := tf.Prior(ctx, req, resp, strings.Trim(state.DirectoryID.ValueString()+"/"+state.GroupID.ValueString(), "/"))
	if resp.Diagnostics.HasError() || plan.OrganizationID.IsUnknown() || plan.DirectoryID.IsUnknown() {
		return
	}
	d := plan.directory(r.Data)
	d.Run.Plan(d.part(plan.GroupID.ValueString()))
	if !plan.GroupID.IsUnknown() {
		r.Claim(&resp.Diagnostics, path.Root("group_id"), d.part(plan.GroupID.ValueString()), prior, "the role of group "+plan.GroupID.ValueString())
	}
	if d.Run.Plans(d.whole()) {
		addBothFormsError(&resp.Diagnostics, d.id)
		return
	}
	if !r.PlanChecks {
		return
	}
	if isCreate && prior == "" && !plan.GroupID.IsUnknown() && !plan.RoleName.IsUnknown() {
		r.checkTaken(ctx, &resp.Diagnostics, d, plan)
	}
	part := planned{groupPath: path.Root("group_id"), rolePath: path.Root("role_name")}
	if !plan.GroupID.Equal(state.GroupID) || !plan.DirectoryID.Equal(state.DirectoryID) {
		part.groupID = plan.GroupID.ValueString()
	}
	if !plan.RoleName.Equal(state.RoleName) {
		part.role = plan.RoleName.ValueString()
	}
	d.checkExistence(ctx, &resp.Diagnostics, []planned{part})
}

// checkTaken reports that the group has another role, which the create would refuse to change.
func (r *roleAssignmentResource) checkTaken(ctx context.Context, diags *diag.Diagnostics, d directoryOf, plan roleAssignmentModel) {
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	// All resources of a directory look at the same mapping, so a plan reads it once, unless it says no.
	isTaken := func(before mapping) bool { return plan.check(before) != nil }
	before, err := run.LookUp(d.Run, run.In(d.id, run.Group, "mapping"), isTaken, func() (mapping, error) { return d.read(ctx) })
	if err != nil {
		tf.LogSkippedCheck(ctx, "a directory's role assignments", err)
		return
	}
	if taken := new(takenGroupError); errors.As(plan.check(before), &taken) {
		addTakenError(diags, d, plan, taken.role)
	}
}

func addTakenError(diags *diag.Diagnostics, d directoryOf, plan roleAssignmentModel, role string) {
	diags.AddAttributeError(path.Root("group_id"), "The group has a role already", fmt.Sprintf(
		"In directory %s, group %s has the role %q, and a group has one role. To give it the role %q here, import it; put the resource's own "+
			"address in place of NAME:\n\n%s\nThe plan then shows the change.", d.id, plan.GroupID.ValueString(), role, plan.RoleName.ValueString(),
		tf.ImportBlock("scalekit_directory_role_assignment", d.organizationID+"/"+d.id+"/"+plan.GroupID.ValueString())))
}
