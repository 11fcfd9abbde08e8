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

// roleWanted is what the two kinds of new roles have in common.
type roleWanted interface {
	GetName() string
	GetDisplayName() string
	GetDescription() string
	GetExtends() string
	GetPermissions() []string
}

// CreateRole implements the RPC of that name.
func (s *roles) CreateRole(
	_ context.Context, req *connect.Request[rolesv1.CreateRoleRequest],
) (*connect.Response[rolesv1.CreateRoleResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.CreateRoleResponse, error) {
		id, err := s.create("", req.Msg.GetRole(), "")
		if err != nil {
			return nil, err
		}
		return &rolesv1.CreateRoleResponse{Role: s.replyOf(id, "")}, nil
	})
}

// CreateOrganizationRole implements the RPC of that name.
func (s *roles) CreateOrganizationRole(
	_ context.Context, req *connect.Request[rolesv1.CreateOrganizationRoleRequest],
) (*connect.Response[rolesv1.CreateOrganizationRoleResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.CreateOrganizationRoleResponse, error) {
		if organizationID := req.Msg.GetOrgId(); !s.organizations.rows.Has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		id, err := s.create(req.Msg.GetOrgId(), req.Msg.GetRole(), "")
		if err != nil {
			return nil, err
		}
		return &rolesv1.CreateOrganizationRoleResponse{Role: s.replyOf(id, "")}, nil
	})
}

// create stores a role and returns its id, which a seed may give.
func (s *roles) create(organizationID string, wanted roleWanted, id string) (string, error) {
	id, _, err := store.NewID(s.rows, rolePrefix, id)
	if err != nil {
		return "", err
	}
	if s.taken(organizationID, wanted.GetName()) {
		return "", apierr.Duplicate("role", "name", wanted.GetName())
	}
	role := &rolesv1.Role{
		Id:          id,
		Name:        wanted.GetName(),
		DisplayName: wanted.GetDisplayName(),
		Description: wanted.GetDescription(),
		IsOrgRole:   organizationID != "",
	}
	if err := s.setExtends(role, organizationID, wanted.GetExtends()); err != nil {
		return "", err
	}
	if err := s.setPermissions(role, wanted.GetPermissions()); err != nil {
		return "", err
	}
	s.rows.Put(id, organizationID, role)
	return id, nil
}

// taken says whether a new role cannot have a name. A role of an organization may have the name of another
// organization's, but nowhere may a name mean two roles: so it cannot have one of the environment's, nor the other way
// round [I].
func (s *roles) taken(organizationID, name string) bool {
	if organizationID != "" {
		return s.exists(organizationID, name)
	}
	return slices.ContainsFunc(s.rows.All(), func(row *store.Row[*rolesv1.Role]) bool { return row.Value.GetName() == name })
}

// setExtends sets the base role; "" leaves it as it is. A role of the environment cannot extend one of an organization.
func (s *roles) setExtends(role *rolesv1.Role, organizationID, extends string) error {
	if extends == "" {
		return nil
	}
	base, ok := s.visible(organizationID, extends)
	if !ok {
		return apierr.NotFound("base role", extends)
	}
	for next := base; next != nil; next = s.base(next) {
		if next.ID == role.GetId() {
			return apierr.InvalidField("role.extends", "role.cycle", "role %q already extends %q", extends, role.GetName())
		}
	}
	role.Extends = &extends
	return nil
}

// setPermissions replaces a role's own permissions. Names that do not exist are left out: the documentation says that
// they are checked, but AddPermissionsToRole, at least, ignores them; see [Quirks.ChecksRolePermissions].
func (s *roles) setPermissions(role *rolesv1.Role, names []string) error {
	role.Permissions = nil
	return s.addPermissions(role, names, "role.permissions")
}

func (s *roles) addPermissions(role *rolesv1.Role, names []string, field string) error {
	for _, name := range names {
		_, exists := s.permissionNames.Get(name)
		switch {
		case !exists && s.quirks.ChecksRolePermissions:
			return apierr.NotFound("permission", name)
		case exists && !hasPermission(role, name):
			role.Permissions = append(role.Permissions, &rolesv1.RolePermission{Name: name})
		}
	}
	if len(role.GetPermissions()) > maxRolePermissions {
		return apierr.InvalidField(field, "repeated.max_items", "a role can have at most %d permissions", maxRolePermissions)
	}
	return nil
}

func hasPermission(role *rolesv1.Role, name string) bool {
	return slices.ContainsFunc(role.GetPermissions(), func(p *rolesv1.RolePermission) bool { return p.GetName() == name })
}

// UpdateRole implements the RPC of that name.
func (s *roles) UpdateRole(
	_ context.Context, req *connect.Request[rolesv1.UpdateRoleRequest],
) (*connect.Response[rolesv1.UpdateRoleResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.UpdateRoleResponse, error) {
		role, err := s.update("", req.Msg.GetRoleName(), req.Msg.GetRole())
		return &rolesv1.UpdateRoleResponse{Role: role}, err
	})
}

// UpdateOrganizationRole implements the RPC of that name.
func (s *roles) UpdateOrganizationRole(
	_ context.Context, req *connect.Request[rolesv1.UpdateOrganizationRoleRequest],
) (*connect.Response[rolesv1.UpdateOrganizationRoleResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.UpdateOrganizationRoleResponse, error) {
		role, err := s.update(req.Msg.GetOrgId(), req.Msg.GetRoleName(), req.Msg.GetRole())
		return &rolesv1.UpdateOrganizationRoleResponse{Role: role}, err
	})
}

// update touches the fields that are sent. An empty list of permissions cannot be told from none on the wire, and leaves
// them as they are [I]; see [Quirks.EmptyPermissionsClear].
func (s *roles) update(organizationID, name string, change *rolesv1.UpdateRole) (*rolesv1.Role, error) {
	role, err := s.find(organizationID, name)
	if err != nil {
		return nil, err
	}
	if change.DisplayName != nil {
		role.DisplayName = change.GetDisplayName()
	}
	if change.Description != nil {
		role.Description = change.GetDescription()
	}
	if err := s.setExtends(role, organizationID, change.GetExtends()); err != nil {
		return nil, err
	}
	if len(change.GetPermissions()) > 0 || s.quirks.EmptyPermissionsClear {
		if err := s.setPermissions(role, change.GetPermissions()); err != nil {
			return nil, err
		}
	}
	s.rows.Put(role.GetId(), organizationID, role)
	return s.replyOf(role.GetId(), ""), nil
}

// DeleteRoleBase implements the RPC of that name.
func (s *roles) DeleteRoleBase(
	_ context.Context, req *connect.Request[rolesv1.DeleteRoleBaseRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) { return s.deleteBase("", req.Msg.GetRoleName()) })
}

// DeleteOrganizationRoleBase implements the RPC of that name.
func (s *roles) DeleteOrganizationRoleBase(
	_ context.Context, req *connect.Request[rolesv1.DeleteOrganizationRoleBaseRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		return s.deleteBase(req.Msg.GetOrgId(), req.Msg.GetRoleName())
	})
}

// deleteBase refuses a role that extends nothing; whether the platform does is unknown [U].
func (s *roles) deleteBase(organizationID, name string) (*emptypb.Empty, error) {
	role, err := s.find(organizationID, name)
	if err != nil {
		return nil, err
	}
	if role.Extends == nil {
		return nil, apierr.New(connect.CodeInvalidArgument, "role %q does not extend a role", name)
	}
	role.Extends = nil
	s.rows.Put(role.GetId(), organizationID, role)
	return &emptypb.Empty{}, nil
}

// DeleteRole implements the RPC of that name.
func (s *roles) DeleteRole(
	_ context.Context, req *connect.Request[rolesv1.DeleteRoleRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		replacement := req.Msg.GetReassignRoleName()
		if replacement == "" {
			replacement = req.Msg.GetReassignRoleId() // Deprecated, and a name as well.
		}
		return s.delete("", req.Msg.GetRoleName(), replacement)
	})
}

// DeleteOrganizationRole implements the RPC of that name.
func (s *roles) DeleteOrganizationRole(
	_ context.Context, req *connect.Request[rolesv1.DeleteOrganizationRoleRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		return s.delete(req.Msg.GetOrgId(), req.Msg.GetRoleName(), req.Msg.GetReassignRoleName())
	})
}

// delete removes a role that nobody has, or whose holders get the replacement. As documented, a replacement helps roles
// that extend it as well: they extend the replacement then [I]. A default role of the environment cannot be deleted [I]; an
// organization's default can [S], and the replacement, or else the environment's default, is its default then [I].
func (s *roles) delete(organizationID, name, replacement string) (*emptypb.Empty, error) {
	role, err := s.find(organizationID, name)
	if err != nil {
		return nil, err
	}
	if replacement != "" {
		switch {
		case replacement == name:
			return nil, apierr.InvalidField("reassign_role_name", "role.self", "is the role that is deleted")
		case !s.exists(organizationID, replacement):
			return nil, apierr.NotFound("role", replacement)
		}
	}
	overriding := s.overriding(name, organizationID)
	if role.GetDefaultCreator() || role.GetDefaultMember() || len(overriding) > 0 && s.quirks.KeepsOrganizationDefaults {
		return nil, apierr.New(connect.CodeInvalidArgument, "role cannot be deleted as it is a default role")
	}
	for _, reference := range s.references {
		switch {
		case reference.count(organizationID, name) == 0:
		case replacement == "" && reference.isMapping && s.quirks.MappingsKeepNoRoles:
			reference.reassign(organizationID, name, "")
		case replacement == "":
			return nil, apierr.New(connect.CodeInvalidArgument,
				"role cannot be deleted as it is assigned to %s", reference.assignedTo)
		default:
			reference.reassign(organizationID, name, replacement)
		}
	}
	for _, dependent := range s.dependents(s.rows.Row(role.GetId())) {
		if replacement == "" {
			return nil, apierr.New(connect.CodeInvalidArgument,
				"role cannot be deleted as other roles extend it, %q for one", dependent.Value.GetName())
		}
		extending, err := s.rows.Get(dependent.ID)
		if err != nil {
			return nil, err
		}
		if err := s.setExtends(extending, dependent.Parent, replacement); err != nil {
			return nil, err
		}
		s.rows.Put(dependent.ID, dependent.Parent, extending)
	}
	for _, id := range overriding {
		if replacement == "" {
			s.defaults.Delete(id)
			continue
		}
		s.defaults.Put(id, id, &rolesv1.UpdateDefaultOrganizationRolesRequest{OrgId: id, DefaultMemberRole: replacement})
	}
	s.rows.Delete(role.GetId())
	return &emptypb.Empty{}, nil
}
