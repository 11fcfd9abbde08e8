package role

import (
	"context"
	"slices"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// followsDefault is the kind of a note in Data.Planned: this run has sent an organization back to the environment's
// default member role. The API cannot do so for good, so when the run changes that role as well, the organization
// follows. Otherwise its default would still be a role that the run is about to delete.
const followsDefault = "follows the default role: "

// flagged returns the roles that are the defaults, nil where there is none.
func flagged(roles []*rolesv1.Role) (creator, member *rolesv1.Role) {
	for _, role := range roles {
		if role.GetDefaultCreator() {
			creator = role
		}
		if role.GetDefaultMember() {
			member = role
		}
	}
	return creator, member
}

func hasRole(roles []*rolesv1.Role, name string) bool {
	return slices.ContainsFunc(roles, func(role *rolesv1.Role) bool { return role.GetName() == name })
}

// defaultMember returns the role that new members of the organization get, nil if there is none. Whether the environment's
// default stays flagged in the list of an organization with a default of its own is not documented; of two, it is the
// other.
func (s scope) defaultMember(ctx context.Context) (*rolesv1.Role, error) {
	roles, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	roles = slices.DeleteFunc(roles, func(role *rolesv1.Role) bool { return !role.GetDefaultMember() })
	if len(roles) > 1 {
		ofEnvironment, err := scope{Data: s.Data}.list(ctx)
		if err != nil {
			return nil, err
		}
		_, general := flagged(ofEnvironment)
		roles = slices.DeleteFunc(roles, func(role *rolesv1.Role) bool { return role.GetName() == general.GetName() })
	}
	if len(roles) == 0 {
		return nil, nil
	}
	return roles[0], nil
}

// returnToEnvironment makes the environment's default member role the organization's, if the organization's is ours.
func (s scope) returnToEnvironment(ctx context.Context, ours string) error {
	now, err := s.defaultMember(ctx)
	if err != nil || now.GetName() != ours {
		return err
	}
	roles, err := scope{Data: s.Data}.list(ctx)
	if err != nil {
		return err
	}
	_, general := flagged(roles)
	if general == nil {
		return nil
	}
	s.Planned.Add(followsDefault + s.organizationID)
	if general.GetName() == ours {
		return nil
	}
	_, err = s.setDefaultMember(ctx, general.GetName())
	return err
}

// follow makes the environment's new default member role that of an organization which this run has sent back to it. The
// organization may be gone by then.
func (s scope) follow(ctx context.Context, member string) error {
	_, err := s.setDefaultMember(ctx, member)
	if scalekit.IsNotFound(err) {
		return nil
	}
	return err
}
