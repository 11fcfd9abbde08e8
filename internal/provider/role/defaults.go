package role

import (
	"context"
	"slices"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
)

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

// defaultMember returns the role that new members of the organization get, nil if there is none.
func (s scope) defaultMember(ctx context.Context) (*rolesv1.Role, error) {
	roles, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	members := slices.DeleteFunc(slices.Clone(roles), func(role *rolesv1.Role) bool { return !role.GetDefaultMember() })
	if len(members) < 2 {
		return memberAmong(members, nil), nil
	}
	ofEnvironment, err := scope{Data: s.Data}.list(ctx)
	if err != nil {
		return nil, err
	}
	_, general := flagged(ofEnvironment)
	return memberAmong(members, general), nil
}

// memberAmong returns the default member role among the roles that an organization can use. Whether the environment's
// default stays flagged in the list of an organization with a default of its own is not documented; of two, it is the
// other.
func memberAmong(roles []*rolesv1.Role, general *rolesv1.Role) *rolesv1.Role {
	var member *rolesv1.Role
	for _, role := range roles {
		if role.GetDefaultMember() && (member == nil || role.GetName() != general.GetName()) {
			member = role
		}
	}
	return member
}

// moveDefaults makes another role the default where this one is: the environment's defaults, or the organization's.
func (s scope) moveDefaults(ctx context.Context, name, to string) error {
	if !s.isEnvironment() {
		now, err := s.defaultMember(ctx)
		if err != nil || now.GetName() != name {
			return err
		}
		_, err = s.setDefaultMember(ctx, to)
		return err
	}
	defer s.Run.Lock(run.InEnvironment(run.DefaultRoles, ""))()
	roles, err := s.list(ctx)
	if err != nil {
		return err
	}
	creator, member := flagged(roles)
	if creator.GetName() != name && member.GetName() != name || !hasRole(roles, to) {
		return nil
	}
	next := func(now *rolesv1.Role) string {
		if now != nil && now.GetName() != name {
			return now.GetName()
		}
		return to
	}
	_, err = s.setDefaults(ctx, next(creator), next(member))
	return err
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
	if general == nil || general.GetName() == ours {
		return nil
	}
	_, err = s.setDefaultMember(ctx, general.GetName())
	return err
}
