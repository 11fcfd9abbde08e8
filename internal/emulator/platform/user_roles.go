package platform

import (
	"context"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// hasRoleIn says whether a user has a role: in the organization, or, with none, anywhere. A role of the environment needs
// no closer look: no organization has one of its own of that name.
func hasRoleIn(user *usersv1.User, organizationID, name string) bool {
	return slices.ContainsFunc(user.GetMemberships(), func(m *commonsv1.OrganizationMembership) bool {
		return (organizationID == "" || organizationID == m.GetOrganizationId()) && hasRole(m.GetRoles(), name)
	})
}

// countWithRole counts users, not memberships [U].
func (s *users) countWithRole(organizationID, name string) int {
	count := 0
	for _, row := range s.rows.All() {
		if hasRoleIn(row.Value, organizationID, name) {
			count++
		}
	}
	return count
}

// reassignRole gives everyone who has a role another one instead.
func (s *users) reassignRole(organizationID, name, replacement string) {
	for _, row := range slices.Clone(s.rows.All()) {
		if !hasRoleIn(row.Value, organizationID, name) {
			continue
		}
		user := proto.CloneOf(row.Value)
		for _, membership := range user.GetMemberships() {
			if organizationID != "" && organizationID != membership.GetOrganizationId() {
				continue
			}
			if !hasRole(membership.GetRoles(), name) {
				continue
			}
			withoutRole(membership, name)
			if !hasRole(membership.GetRoles(), replacement) {
				membership.Roles = append(membership.Roles, &commonsv1.Role{Name: replacement})
			}
		}
		s.put(user)
	}
}

func withoutRole(membership *commonsv1.OrganizationMembership, name string) {
	membership.Roles = slices.DeleteFunc(membership.GetRoles(), func(role *commonsv1.Role) bool {
		return role.GetName() == name
	})
}

// member names a user by id, for the RPCs that know no external id.
type member struct{ id string }

func (m member) GetId() string       { return m.id } //nolint:revive,staticcheck // As generated getters are named.
func (member) GetExternalId() string { return "" }   //nolint:revive,staticcheck // As generated getters are named.

// ListUserRoles implements the RPC of that name: as documented, the roles that a user has and, after them, those that they
// extend. A membership has the former alone [I].
func (s *users) ListUserRoles(
	_ context.Context, req *connect.Request[usersv1.ListUserRolesRequest],
) (*connect.Response[usersv1.ListUserRolesResponse], error) {
	return store.Query(s.store, func() (*usersv1.ListUserRolesResponse, error) {
		organizationID := req.Msg.GetOrganizationId()
		_, membership, err := s.findMembership(organizationID, member{req.Msg.GetUserId()})
		if err != nil {
			return nil, err
		}
		for _, role := range membership.GetRoles() {
			found, _ := s.roles.visible(organizationID, role.GetName())
			for found != nil {
				if name := found.Value.GetName(); !hasRole(membership.GetRoles(), name) {
					membership.Roles = append(membership.Roles, &commonsv1.Role{Name: name})
				}
				found = s.roles.base(found)
			}
		}
		s.viewMembership(membership)
		return &usersv1.ListUserRolesResponse{Roles: membership.GetRoles()}, nil
	})
}

// AssignUserRoles implements the RPC of that name: it adds, and returns all roles.
func (s *users) AssignUserRoles(
	_ context.Context, req *connect.Request[usersv1.AssignUserRolesRequest],
) (*connect.Response[usersv1.AssignUserRolesResponse], error) {
	return store.Mutate(s.store, func() (*usersv1.AssignUserRolesResponse, error) {
		organizationID := req.Msg.GetOrganizationId()
		user, membership, err := s.findMembership(organizationID, member{req.Msg.GetUserId()})
		if err != nil {
			return nil, err
		}
		var wanted []*commonsv1.Role
		for _, role := range req.Msg.GetRoles() {
			wanted = append(wanted, &commonsv1.Role{Id: role.GetId(), Name: role.GetRoleName()})
		}
		roles, err := s.resolveRoles(organizationID, wanted, "roles")
		if err != nil {
			return nil, err
		}
		for _, role := range roles {
			if !hasRole(membership.GetRoles(), role.GetName()) {
				membership.Roles = append(membership.Roles, role)
			}
		}
		return &usersv1.AssignUserRolesResponse{Roles: membershipOf(s.put(user), organizationID).GetRoles()}, nil
	})
}

// RemoveUserRole implements the RPC of that name. That a user may lose the last role is assumed [U].
func (s *users) RemoveUserRole(
	_ context.Context, req *connect.Request[usersv1.RemoveUserRoleRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		user, membership, err := s.findMembership(req.Msg.GetOrganizationId(), member{req.Msg.GetUserId()})
		if err != nil {
			return nil, err
		}
		name := req.Msg.GetRoleName()
		if !hasRole(membership.GetRoles(), name) {
			return nil, apierr.New(connect.CodeNotFound, "user %q has no role %q", user.GetId(), name)
		}
		withoutRole(membership, name)
		s.put(user)
		return &emptypb.Empty{}, nil
	})
}

// ListUserPermissions implements the RPC of that name: those of all roles of the user, inherited ones too.
func (s *users) ListUserPermissions(
	_ context.Context, req *connect.Request[usersv1.ListUserPermissionsRequest],
) (*connect.Response[usersv1.ListUserPermissionsResponse], error) {
	return store.Query(s.store, func() (*usersv1.ListUserPermissionsResponse, error) {
		_, membership, err := s.findMembership(req.Msg.GetOrganizationId(), member{req.Msg.GetUserId()})
		if err != nil {
			return nil, err
		}
		s.viewMembership(membership)
		out := &usersv1.ListUserPermissionsResponse{}
		for _, name := range membership.GetPermissions() {
			permission, err := s.roles.findPermission(name)
			if err != nil {
				return nil, err
			}
			out.Permissions = append(out.Permissions, &usersv1.Permission{
				Id: permission.GetId(), Name: name, Description: permission.GetDescription(),
			})
		}
		return out, nil
	})
}
