package platform

import (
	"context"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// full returns permissions as the RPCs that are about them alone do.
func (s *roles) full(of []*rolesv1.RolePermission) []*rolesv1.Permission {
	var out []*rolesv1.Permission
	for _, permission := range of {
		if full, err := s.permissions.Get(permission.GetId()); err == nil {
			out = append(out, full)
		}
	}
	return out
}

// ListRolePermissions implements the RPC of that name: a role's own permissions. This RPC and those below know the
// environment's roles alone.
func (s *roles) ListRolePermissions(
	_ context.Context, req *connect.Request[rolesv1.ListRolePermissionsRequest],
) (*connect.Response[rolesv1.ListRolePermissionsResponse], error) {
	return store.Query(s.store, func() (*rolesv1.ListRolePermissionsResponse, error) {
		role, err := s.find("", req.Msg.GetRoleName())
		if err != nil {
			return nil, err
		}
		return &rolesv1.ListRolePermissionsResponse{Permissions: s.full(s.direct(s.rows.Row(role.GetId())))}, nil
	})
}

// ListEffectiveRolePermissions implements the RPC of that name: with what a role inherits.
func (s *roles) ListEffectiveRolePermissions(
	_ context.Context, req *connect.Request[rolesv1.ListEffectiveRolePermissionsRequest],
) (*connect.Response[rolesv1.ListEffectiveRolePermissionsResponse], error) {
	return store.Query(s.store, func() (*rolesv1.ListEffectiveRolePermissionsResponse, error) {
		role, err := s.find("", req.Msg.GetRoleName())
		if err != nil {
			return nil, err
		}
		return &rolesv1.ListEffectiveRolePermissionsResponse{
			Permissions: s.full(s.effective(s.rows.Row(role.GetId()))),
		}, nil
	})
}

// AddPermissionsToRole implements the RPC of that name. It returns all of the role's own permissions.
func (s *roles) AddPermissionsToRole(
	_ context.Context, req *connect.Request[rolesv1.AddPermissionsToRoleRequest],
) (*connect.Response[rolesv1.AddPermissionsToRoleResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.AddPermissionsToRoleResponse, error) {
		role, err := s.find("", req.Msg.GetRoleName())
		if err != nil {
			return nil, err
		}
		if err := s.addPermissions(role, req.Msg.GetPermissionNames(), "permission_names"); err != nil {
			return nil, err
		}
		s.rows.Put(role.GetId(), "", role)
		return &rolesv1.AddPermissionsToRoleResponse{Permissions: s.full(s.direct(s.rows.Row(role.GetId())))}, nil
	})
}

// RemovePermissionFromRole implements the RPC of that name. A permission that the role does not have itself is an error.
func (s *roles) RemovePermissionFromRole(
	_ context.Context, req *connect.Request[rolesv1.RemovePermissionFromRoleRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		role, err := s.find("", req.Msg.GetRoleName())
		if err != nil {
			return nil, err
		}
		name := req.Msg.GetPermissionName()
		if !hasPermission(role, name) {
			return nil, apierr.New(connect.CodeNotFound, "role %q has no permission %q", role.GetName(), name)
		}
		s.removePermission(role, s.rows.Parent(role.GetId()), name)
		return &emptypb.Empty{}, nil
	})
}

func (s *roles) removePermission(role *rolesv1.Role, organizationID, name string) {
	role.Permissions = slices.DeleteFunc(role.GetPermissions(), func(p *rolesv1.RolePermission) bool {
		return p.GetName() == name
	})
	s.rows.Put(role.GetId(), organizationID, role)
}
