package role

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// errTaken says that a role of the wanted name was there before the create.
var errTaken = errors.New("the name is taken")

// create makes the role exactly once. Its name is unique, so a repeated create is refused.
//
// A role has no creation time by which to know one that a create of unknown outcome has made. So the name is looked for
// first: a role that was not there a moment ago, and is now, equal in all that was sent, is that create's. The lock keeps
// a second resource of the same name from coming in between.
func (s scope) create(ctx context.Context, diags *diag.Diagnostics, plan model) (*rolesv1.Role, error) {
	name := plan.Name.ValueString()
	defer s.Run.Lock(s.object(name))()
	existing, err := s.get(ctx, name)
	if err == nil {
		return existing, errTaken
	}
	if !scalekit.IsNotFound(err) {
		return nil, err
	}
	return scalekit.Create(ctx, s.Client, scalekit.Creation[*rolesv1.Role]{
		Create: func(ctx context.Context) (*rolesv1.Role, error) { return s.sendCreate(ctx, plan) },
		Find: func(ctx context.Context) (*rolesv1.Role, bool, error) {
			role, err := s.get(ctx, name)
			if scalekit.IsNotFound(err) {
				return nil, false, nil
			}
			if err != nil {
				return nil, false, err
			}
			return role, s.owns(role) && equal(plan, role), nil
		},
		Adopted: func(role *rolesv1.Role) { tf.AddAdopted(diags, s.call(role.GetName())) },
		Unique:  true,
	})
}

// equal reports whether the role is as planned. What the platform is to choose is unknown, and then nothing was sent.
func equal(plan model, role *rolesv1.Role) bool {
	return role.GetDisplayName() == plan.DisplayName.ValueString() &&
		role.GetDescription() == plan.Description.ValueString() &&
		role.GetExtends() == plan.Extends.ValueString() &&
		slices.Equal(ownPermissions(role), texts(plan.Permissions))
}

// addCreateError reports a failed create.
func (s scope) addCreateError(ctx context.Context, diags *diag.Diagnostics, plan model, existing *rolesv1.Role, err error) {
	name := plan.Name.ValueString()
	summary := "Could not create " + s.call(name)
	if errors.Is(err, errTaken) {
		s.addConflictError(diags, existing)
		return
	}
	if unknown := new(scalekit.UnknownOutcomeError); errors.As(err, &unknown) {
		diags.AddError(summary, fmt.Sprintf("It is not known whether the role was created: %s.\n\nApply again: if the role exists, "+
			"the plan says so and gives the import block.", tf.Text(err.Error())))
		return
	}
	// The platform says in words only that a name is taken, so that is looked up.
	if len(scalekit.Explain(err).Violations) == 0 {
		if role, lookErr := s.get(ctx, name); lookErr == nil {
			s.addConflictError(diags, role)
			return
		}
	}
	tf.AddError(diags, summary, err, fields)
}

// addConflictError reports a role that has the wanted name already, and what to do about it.
func (s scope) addConflictError(diags *diag.Diagnostics, role *rolesv1.Role) {
	name, holder := role.GetName(), fmt.Sprintf("Role %s (%s)", tf.Quote(role.GetName()), tf.Text(role.GetId()))
	taken := tf.Taken{
		Attribute: path.Root("name"), Key: fmt.Sprintf("the name %q", name), Holder: holder + " of this environment",
		ResourceType: "scalekit_role", ImportID: name,
	}
	switch {
	case s.owns(role) && s.isEnvironment():
		tf.AddTaken(diags, taken)
	case s.owns(role):
		taken.Holder = holder + " of organization " + s.organizationID
		taken.ResourceType, taken.ImportID = "scalekit_organization_role", s.organizationID+"/"+name
		tf.AddTaken(diags, taken)
	case s.isEnvironment():
		diags.AddAttributeError(taken.Attribute, tf.KeyIsTaken, "An organization has "+holder+", and no name may mean two roles. Choose another name.")
	default:
		diags.AddAttributeError(taken.Attribute, tf.KeyIsTaken, "The environment has "+holder+
			", which every organization can use, and no name may mean two roles. Choose another name.")
	}
}

// update brings the role from state to plan and returns it as the platform then has it.
//
// The list of permissions is always sent in full: that a list which is not sent leaves them alone is inferred. What an
// update cannot do has calls of its own: to end the extension of another role, and to take the last permission.
func (s scope) update(ctx context.Context, plan, state model) (*rolesv1.Role, error) {
	name := state.Name.ValueString()
	defer s.Run.Lock(s.object(name))()
	change := &rolesv1.UpdateRole{Permissions: texts(plan.Permissions)}
	if !plan.DisplayName.Equal(state.DisplayName) {
		change.DisplayName = plan.DisplayName.ValueStringPointer()
	}
	if !plan.Description.Equal(state.Description) {
		change.Description = plan.Description.ValueStringPointer()
	}
	if !plan.Extends.Equal(state.Extends) {
		change.Extends = plan.Extends.ValueStringPointer()
	}
	replacesPermissions := len(change.GetPermissions()) > 0 && !plan.Permissions.Equal(state.Permissions)
	if replacesPermissions || change.DisplayName != nil || change.Description != nil || change.Extends != nil {
		if err := s.sendUpdate(ctx, name, change); err != nil {
			return nil, err
		}
	}
	if plan.Extends.IsNull() && !state.Extends.IsNull() {
		if err := s.removeBase(ctx, name); err != nil {
			return nil, err
		}
	}
	role, err := s.get(ctx, name)
	if err != nil {
		return nil, err
	}
	surplus := without(ownPermissions(role), texts(plan.Permissions))
	if len(surplus) == 0 || !s.isEnvironment() {
		return role, nil
	}
	for _, permission := range surplus {
		_, err := s.Client.Roles.RemovePermissionFromRole(ctx, connect.NewRequest(&rolesv1.RemovePermissionFromRoleRequest{
			RoleName: name, PermissionName: permission,
		}))
		if err != nil && !scalekit.IsNotFound(err) {
			return nil, err
		}
	}
	return s.get(ctx, name)
}

// removeBase ends the extension of another role. What the platform says of a role that extends none, which is what a
// repeated call finds, is not documented, so after a refusal the role is looked at.
func (s scope) removeBase(ctx context.Context, name string) error {
	err := s.sendDeleteBase(ctx, name)
	if err == nil {
		return nil
	}
	if role, lookErr := s.get(ctx, name); lookErr == nil && role.GetExtends() == "" {
		return nil
	}
	return err
}

// reportDeviations says where the platform stored something else than was planned, which would otherwise come back as
// a diff with every plan.
func reportDeviations(diags *diag.Diagnostics, plan, got model) {
	tf.ReportDeviations(diags, tf.Deviation{Attribute: "display_name", Wanted: plan.DisplayName, Stored: got.DisplayName},
		tf.Deviation{Attribute: "description", Wanted: plan.Description, Stored: got.Description},
		tf.Deviation{Attribute: "extends", Wanted: plan.Extends, Stored: got.Extends})
	if plan.Permissions.IsUnknown() {
		return
	}
	wanted, stored := texts(plan.Permissions), texts(got.Permissions)
	if lacking := without(wanted, stored); len(lacking) > 0 {
		diags.AddAttributeError(path.Root("permissions"), tf.NotStored, fmt.Sprintf(
			"The role did not get %s. The platform leaves out a permission that does not exist, without an error: create it, "+
				"or correct its name, and apply again.", tf.QuoteAll(lacking)))
	}
	if surplus := without(stored, wanted); len(surplus) > 0 {
		diags.AddAttributeError(path.Root("permissions"), tf.NotStored, fmt.Sprintf(
			"The role kept %s, which the configuration does not give it. Declare it, or take it from the role in the Scalekit "+
				"dashboard.", tf.QuoteAll(surplus)))
	}
}
