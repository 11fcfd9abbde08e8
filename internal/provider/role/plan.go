package role

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// placed is a role and where it is, which is unknown while its organization is only planned.
type placed struct {
	resourceModel
	organizationID types.String // null in the environment
}

func (p placed) scope(data *tf.Data) scope {
	return scope{Data: data, organizationID: p.organizationID.ValueString()}
}

func (p placed) resourceType() string {
	if p.organizationID.IsNull() {
		return "scalekit_role"
	}
	return "scalekit_organization_role"
}

// modifyPlan is the ModifyPlan of both kinds of roles; state is nil in a create, plan in a destroy.
func modifyPlan(ctx context.Context, data *tf.Data, state, plan *placed, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	isReplacement := state != nil && plan != nil && !plan.organizationID.Equal(state.organizationID)
	switch {
	case state == nil || state.ID.IsNull():
	case plan == nil:
		data.Discard(&resp.Diagnostics, run.InEnvironment(run.Role, state.ID.ValueString()), state.resourceType(), "role "+state.Name.ValueString())
	default:
		data.Keep(&resp.Diagnostics, run.InEnvironment(run.Role, state.ID.ValueString()), state.resourceType(), "role "+state.Name.ValueString())
	}
	if state != nil && (plan == nil || isReplacement) && data != nil && data.PlanChecks {
		state.scope(data).warnOfDestroy(ctx, &resp.Diagnostics, *state)
	}
	if plan == nil {
		return
	}
	isRename := state != nil && !isReplacement && !plan.Name.Equal(state.Name)
	if isRename {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), types.StringUnknown())...)
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

	at := plan.scope(data)
	if prior := notePrior(ctx, req, resp, state); !plan.organizationID.IsUnknown() && !plan.Name.IsUnknown() {
		name := plan.Name.ValueString()
		data.Run.Plan(at.object(name))
		data.Claim(&resp.Diagnostics, path.Root("name"), at.object(name), prior, at.call(name))
		switch {
		case prior == at.note(plan.Name.ValueString()):
		case isRename:
			at.checkRename(ctx, &resp.Diagnostics, plan.Name.ValueString(), readRenaming(ctx, req.Private, &resp.Diagnostics))
			at.warnOfRename(ctx, &resp.Diagnostics, state.model, plan.model)
		default:
			at.checkName(ctx, &resp.Diagnostics, plan.Name.ValueString())
		}
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

// notePrior returns the note of the role that the plan is about, "" for one that is to be created.
func notePrior(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, state *placed) string {
	prior := ""
	if state != nil {
		prior = scope{organizationID: state.organizationID.ValueString()}.note(state.Name.ValueString())
	}
	return tf.Prior(ctx, req, resp, prior)
}

// note names a role in the private state of a plan.
func (s scope) note(name string) string { return s.organizationID + "/" + name }

// refuseImpossible refuses what the API has no call for.
func refuseImpossible(diags *diag.Diagnostics, state, plan placed) {
	if !plan.organizationID.IsNull() && !plan.Permissions.IsUnknown() && len(plan.Permissions.Elements()) == 0 &&
		len(state.Permissions.Elements()) > 0 {
		diags.AddAttributeError(path.Root("permissions"), "The last permission of an organization's role cannot be taken", fmt.Sprintf(
			"Scalekit's API replaces the permissions of an organization's role by others, but cannot take them all, and role %s has %s. "+
				"Declare at least one permission, or leave permissions out of the configuration to keep what the role has. To be rid "+
				"of them, replace the role (terraform apply -replace=ADDRESS): the new one has no users, unless reassign_role_name "+
				"hands them over to another role first.", state.Name, tf.QuoteAll(texts(state.Permissions))))
	}
}

// checkName reports a role that has the name of one to be created.
func (s scope) checkName(ctx context.Context, diags *diag.Diagnostics, name string) {
	if !s.PlanChecks {
		return
	}
	s.LookUp(ctx, "the name of a role", func(ctx context.Context) error {
		role, err := s.get(ctx, name)
		if err == nil {
			s.addConflictError(diags, role)
		}
		return ignoreNotFound(err)
	})
}

// warnOfDestroy says who loses a role that is to be deleted, and what it is in use for that stands in the way. That is no
// error: what uses it may go in the same apply.
func (s scope) warnOfDestroy(ctx context.Context, diags *diag.Diagnostics, state placed) {
	name, replacement := state.Name.ValueString(), state.ReassignRoleName.ValueString()
	use := s.use(ctx, name)
	text := strings.TrimSpace(use.sentence() + s.losingSentence(ctx, name, replacement))
	switch {
	case text == "":
		return
	case replacement != "":
		text += fmt.Sprintf(" Role %q takes its place (reassign_role_name).", replacement)
	case use.needsDecision():
		text += " The platform does not delete a role that users have, that is a default, or that others extend: unless that ends in the " +
			"same apply, the apply will fail. " + reassignAdvice
	}
	diags.AddWarning(fmt.Sprintf("Role %q will be deleted", name), text)
}

// usedBy says what a role is in use for, after a space; "" if it is not.
func (s scope) usedBy(ctx context.Context, name string) string {
	if text := s.use(ctx, name).sentence(); text != "" {
		return " " + text
	}
	return ""
}
