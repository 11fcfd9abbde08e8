package role

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// plannedKey is where a plan notes the role that it is about. Terraform plans a replacement in two steps, the second of
// which sees no prior state but this note, and shows errors but no warnings.
const plannedKey = "planned"

// placed is a role and where it is, which is unknown while its organization is only planned.
type placed struct {
	resourceModel
	organizationID types.String // null in the environment
}

func (p placed) scope(data *tf.Data) scope {
	return scope{Data: data, organizationID: p.organizationID.ValueString()}
}

// modifyPlan is the ModifyPlan of both kinds of roles; state is nil in a create, plan in a destroy.
func modifyPlan(ctx context.Context, data *tf.Data, state, plan *placed, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	isReplacement := state != nil && plan != nil &&
		(!plan.Name.Equal(state.Name) || !plan.organizationID.Equal(state.organizationID))
	if state != nil && (plan == nil || isReplacement) && data != nil && data.PlanChecks {
		state.scope(data).planDestroy(ctx, resp, *state)
	}
	if plan == nil {
		return
	}
	if state != nil && !isReplacement {
		refuseImpossible(&resp.Diagnostics, *state, *plan)
	}
	if !plan.Name.IsNull() && plan.Name.Equal(plan.ReassignRoleName) && !plan.Name.IsUnknown() {
		resp.Diagnostics.AddAttributeError(path.Root("reassign_role_name"), "The role cannot take its own place",
			"reassign_role_name is the role that the users of this one get when it is destroyed: name another one.")
	}
	if !plan.Name.IsUnknown() && plan.Name.Equal(plan.Extends) {
		resp.Diagnostics.AddAttributeError(path.Root("extends"), "The role cannot extend itself",
			"extends is the role whose permissions this one has as well: name another one.")
	}
	if data == nil || resp.Diagnostics.HasError() {
		return
	}

	if state != nil {
		state.noteExtends(data, *plan)
	}
	at := plan.scope(data)
	isPlaced := !plan.organizationID.IsUnknown() && !plan.Name.IsUnknown()
	if isPlaced {
		data.Run.Plan(at.object(plan.Name.ValueString()))
	}
	if !checkedPrior(ctx, req, resp, state, at, plan.Name, isPlaced) {
		at.checkName(ctx, &resp.Diagnostics, plan.Name.ValueString())
	}

	before := placed{}
	if state != nil {
		before = *state
	}
	at.checkReference(ctx, &resp.Diagnostics, reference{
		path.Root("permissions"), "permission", without(texts(plan.Permissions), texts(before.Permissions)),
	})
	if base := plan.Extends; !base.IsNull() && !base.IsUnknown() && !base.Equal(before.Extends) && !plan.organizationID.IsUnknown() {
		at.checkReference(ctx, &resp.Diagnostics, reference{path.Root("extends"), "role", []string{base.ValueString()}})
	}
}

// checkedPrior reports that the name need not be looked for: it is not known yet, or it is that of the role which the
// plan is about, be it changed or replaced. It leaves the note for a second step.
func checkedPrior(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, state *placed, at scope, name types.String, isPlaced bool) bool {
	if state == nil {
		note, diags := req.Private.GetKey(ctx, plannedKey)
		resp.Diagnostics.Append(diags...)
		return !isPlaced || string(note) == at.note(name.ValueString())
	}
	prior := scope{organizationID: state.organizationID.ValueString()}.note(state.Name.ValueString())
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedKey, []byte(prior))...)
	return !isPlaced || prior == at.note(name.ValueString())
}

// note names a role in the private state of a plan, in JSON.
func (s scope) note(name string) string { return fmt.Sprintf("%q", s.organizationID+"/"+name) }

// refuseImpossible refuses what the API has no call for.
func refuseImpossible(diags *diag.Diagnostics, state, plan placed) {
	const wayOut = "or have Terraform replace the role: terraform taint ADDRESS, then apply. A replacement is a new role, which " +
		"no user has any more, unless reassign_role_name hands them over to another one"
	if plan.Description.IsNull() && !state.Description.IsNull() {
		diags.AddAttributeError(path.Root("description"), "The description of a role cannot be removed", fmt.Sprintf(
			"Scalekit's API can change a role's description, but not clear it, and role %s has one. Give it another description, %s.",
			state.Name, wayOut))
	}
	if !plan.organizationID.IsNull() && !plan.Permissions.IsUnknown() && len(plan.Permissions.Elements()) == 0 &&
		len(state.Permissions.Elements()) > 0 {
		diags.AddAttributeError(path.Root("permissions"), "The last permission of an organization's role cannot be taken", fmt.Sprintf(
			"Scalekit's API replaces the permissions of an organization's role by others, but cannot take them all, and role %s has %s. "+
				"Leave it at least one permission, %s.", state.Name, quoted(texts(state.Permissions)), wayOut))
	}
}

// checkName reports a role that has the name of one to be created.
func (s scope) checkName(ctx context.Context, diags *diag.Diagnostics, name string) {
	if !s.PlanChecks {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	role, err := s.get(ctx, name)
	switch {
	case scalekit.IsNotFound(err):
	case err != nil:
		tf.LogSkippedCheck(ctx, "the name of a role", err)
	case s.owns(role) && s.Run.Refreshed(s.object(name)):
		// Terraform plans the replacement of a tainted role like a create, without a trace of the old one.
		diags.AddAttributeWarning(path.Root("name"), "The role's name is in use", fmt.Sprintf(
			"Terraform's state knows a %s already. Unless this plan replaces it, the apply will fail.", s.call(name)))
	default:
		s.addConflictError(diags, role)
	}
}

// planDestroy says what a role is in use for that is to be deleted. It is no error: what uses it may go in the same apply.
func (s scope) planDestroy(ctx context.Context, resp *resource.ModifyPlanResponse, state placed) {
	diags := &resp.Diagnostics
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	name := state.Name.ValueString()
	use := s.use(ctx, name)
	s.keepReleases(ctx, name, use, resp)
	text := use.sentence()
	if text == "" {
		return
	}
	summary := fmt.Sprintf("Role %q will be deleted", name)
	if replacement := state.ReassignRoleName.ValueString(); replacement != "" {
		diags.AddWarning(summary, fmt.Sprintf("%s Role %q takes its place (reassign_role_name).", text, replacement))
		return
	}
	diags.AddWarning(summary, text+" The platform does not delete a role that is in use: unless that ends before, the apply will fail. "+
		"To have another role take its place, set reassign_role_name and apply before you destroy this one.")
}
