package role

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// The API cannot rename a role. So a role of the new name is created, everything that uses the old one is moved to it, and
// then the old one is deleted: nobody is without the role in between.

// renamingKey is where a role's private state names the role of the new name, once a rename has created it.
const renamingKey = "renaming"

// renaming is a rename that is not done yet. It is empty if there is none.
type renaming struct {
	// Name and ID are those of the role that takes over.
	Name string `json:"name"`
	ID   string `json:"id"`
}

func readRenaming(ctx context.Context, private tf.Private, diags *diag.Diagnostics) renaming {
	var begun renaming
	note, noted := private.GetKey(ctx, renamingKey)
	diags.Append(noted...)
	if len(note) > 0 && json.Unmarshal(note, &begun) != nil {
		return renaming{}
	}
	return begun
}

func (r renaming) save(ctx context.Context, private tf.Private, diags *diag.Diagnostics) {
	note, err := json.Marshal(r)
	if err != nil {
		diags.AddError("The provider has a bug", fmt.Sprintf("The rename cannot be noted: %v. Please report this.", err))
		return
	}
	diags.Append(private.SetKey(ctx, renamingKey, note)...)
}

// successor is the role that a rename has created, nil if there is none any more.
func (s scope) successor(ctx context.Context, begun renaming) (*rolesv1.Role, error) {
	if begun.Name == "" {
		return nil, nil //nolint:nilnil // absence is no error
	}
	role, err := s.get(ctx, begun.Name)
	if scalekit.IsNotFound(err) || err == nil && role.GetId() != begun.ID {
		return nil, nil //nolint:nilnil // absence is no error
	}
	return role, err
}

// rename gives the role of the state the plan's name, and all else that the plan says. What it has begun is noted in the
// private state, so that the next apply goes on where this one fails.
func (s scope) rename(ctx context.Context, plan, state model, private tf.Private, diags *diag.Diagnostics) *rolesv1.Role {
	from, to := state.Name.ValueString(), plan.Name.ValueString()
	summary := fmt.Sprintf("Could not rename %s to %s", s.call(from), to)
	role, err := s.successor(ctx, readRenaming(ctx, private, diags))
	if err != nil {
		tf.AddError(diags, summary, err, fields)
		return nil
	}
	if role.GetName() != to {
		if role, err = s.create(ctx, diags, plan); err != nil {
			s.addCreateError(ctx, diags, plan, role, err)
			return nil
		}
		renaming{Name: to, ID: role.GetId()}.save(ctx, private, diags)
	}
	// What a create is answered with, or an earlier apply has made, need not have all that is planned.
	made := model{}
	made.fromAPI(role)
	if _, err := s.update(ctx, plan, made); err != nil {
		tf.AddError(diags, summary, err, fields)
		return nil
	}
	since := time.Now()
	for _, move := range []func(context.Context, string, string, time.Time) error{
		s.moveGroups, s.moveOrganizationDefaults, s.moveDependents,
	} {
		if err := move(ctx, from, to, since); err != nil {
			tf.AddError(diags, summary, err, fields)
			return nil
		}
	}
	if err := s.remove(ctx, from, &to); err != nil {
		tf.AddError(diags, summary, fmt.Errorf("role %s has taken over, and role %s could not be deleted: %w", to, from, err), fields)
		return nil
	}
	if role, err = s.get(ctx, to); err != nil {
		tf.AddError(diags, summary, err, fields)
		return nil
	}
	renaming{}.save(ctx, private, diags)
	return role
}

// warnOfRename says what a rename means. The counts help to see who notices.
func (s scope) warnOfRename(ctx context.Context, diags *diag.Diagnostics, state, plan model) {
	detail := fmt.Sprintf("Scalekit has no call to rename a role. A role %s is created, what uses %s is moved to it, and %s is deleted.",
		plan.Name, state.Name, state.Name)
	if s.PlanChecks {
		detail += s.usedBy(ctx, state.Name.ValueString())
	}
	diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("Role %s will be renamed", state.Name), detail+
		" An application that checks for the old name has to know the new one first; access tokens carry the old one until they expire.")
}

// checkRename reports a role that has the new name already, unless an earlier apply has made it for this rename.
func (s scope) checkRename(ctx context.Context, diags *diag.Diagnostics, name string, begun renaming) {
	if !s.PlanChecks {
		return
	}
	s.LookUp(ctx, "the name of a role", func(ctx context.Context) error {
		role, err := s.get(ctx, name)
		if err == nil && (begun.Name != name || begun.ID != role.GetId()) {
			s.addConflictError(diags, role)
		}
		return ignoreNotFound(err)
	})
}

func ignoreNotFound(err error) error {
	if scalekit.IsNotFound(err) {
		return nil
	}
	return err
}
