package platform

import (
	"context"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles/rolesconnect"
)

const (
	rolePrefix       = "role_"
	permissionPrefix = "perm_"

	// maxRolePermissions is the descriptors' limit for one request; that it holds for the role as well is inferred [I].
	maxRolePermissions = 100

	includePermissions    = "permissions"
	includeAllPermissions = "permissions:all"
)

// roles is scalekit.v1.roles.RolesService: the environment's roles, those of single organizations, and permissions.
//
// A stored role has its direct permissions by name alone, in their order; a reply has what its include asks for.
type roles struct {
	store         *store.Store
	quirks        Quirks
	organizations *organizations
	references    []roleReference
	countUsers    func(organizationID, name string) int // that of the users' roleReference

	rows        *store.Table[*rolesv1.Role]                                  // by id; the parent is the organization, or ""
	permissions *store.Table[*rolesv1.Permission]                            // by id
	defaults    *store.Table[*rolesv1.UpdateDefaultOrganizationRolesRequest] // by organization id; overrides alone

	roleNames       *store.Index[*rolesv1.Role]       // scope and name
	permissionNames *store.Index[*rolesv1.Permission] // name
}

// roleReference is what another service keeps that names roles: members, the group mappings of directories. The
// functions are called with the store locked.
//
// organizationID is "" for a role of the environment, which any organization may use.
type roleReference struct {
	// assignedTo says who uses a role, for error messages: "users".
	assignedTo string

	// count returns how many use the role.
	count func(organizationID, name string) int

	// reassign gives all of them the replacement instead. A deletion with reassign_role_name asks for it; the
	// replacement exists and can be seen wherever the role can. A mapping can also do without: then it is "".
	reassign func(organizationID, name, replacement string)

	// isMapping says that it is the group mappings of directories, see [Quirks.MappingsKeepNoRoles].
	isMapping bool
}

func newRoles(p *Platform) *roles {
	s := &roles{
		store:         p.options.Store,
		quirks:        p.options.Quirks,
		organizations: p.organizations,
		rows: store.NewTable[*rolesv1.Role](p.options.Store, "roles", "role",
			lifecycle(p.events, "role.", nobodys[*rolesv1.Role], plainData[*rolesv1.Role])),
		permissions: store.NewTable[*rolesv1.Permission](p.options.Store, "permissions", "permission",
			lifecycle(p.events, "permission.", nobodys[*rolesv1.Permission], plainData[*rolesv1.Permission])),
		defaults: store.NewTable[*rolesv1.UpdateDefaultOrganizationRolesRequest](
			p.options.Store, "organization_default_roles", "default role", store.Unwatched),
	}
	s.roleNames = s.rows.IndexBy(func(row *store.Row[*rolesv1.Role]) string { return roleKey(row.Parent, row.Value.GetName()) })
	s.permissionNames = s.permissions.IndexBy(func(row *store.Row[*rolesv1.Permission]) string { return row.Value.GetName() })
	return s
}

// organizationDeleted deletes what belongs to an organization that goes.
func (s *roles) organizationDeleted(id string) {
	s.defaults.DeleteOf(id)
	s.rows.DeleteOf(id)
}

func (s *roles) service(options []connect.HandlerOption) web.Service {
	path, handler := rolesconnect.NewRolesServiceHandler(s, options...)
	return web.Service{Path: path, Handler: handler}
}

func roleKey(organizationID, name string) string { return organizationID + "/" + name }

// exists says whether an organization can use a role of that name: its own, or the environment's. With no organization
// it is the environment's alone.
func (s *roles) exists(organizationID, name string) bool {
	_, ok := s.visible(organizationID, name)
	return ok
}

// lookup is exists with the role's id.
func (s *roles) lookup(organizationID, name string) (id string, found bool) {
	row, found := s.visible(organizationID, name)
	if !found {
		return "", false
	}
	return row.ID, true
}

// visible returns the row of the role that a name means in an organization. No role of an organization has the name of
// one of the environment's, so that there is never a choice.
func (s *roles) visible(organizationID, name string) (*store.Row[*rolesv1.Role], bool) {
	if found, ok := s.own(organizationID, name); ok {
		return found, true
	}
	return s.own("", name)
}

// own returns the row of a role of the organization itself, or, with none, of the environment.
func (s *roles) own(organizationID, name string) (*store.Row[*rolesv1.Role], bool) {
	id, ok := s.roleNames.Get(roleKey(organizationID, name))
	if !ok {
		return nil, false
	}
	return s.rows.Row(id), true
}

// find returns a clone of the role that an RPC names. organizationID is "" for the environment's.
func (s *roles) find(organizationID, name string) (*rolesv1.Role, error) {
	if organizationID != "" && !s.organizations.rows.Has(organizationID) {
		return nil, apierr.NotFound("organization", organizationID)
	}
	found, ok := s.own(organizationID, name)
	if !ok {
		return nil, apierr.NotFound("role", name)
	}
	return s.rows.Get(found.ID)
}

// base returns the row of the role that a role extends, or nil.
func (s *roles) base(of *store.Row[*rolesv1.Role]) *store.Row[*rolesv1.Role] {
	if of.Value.Extends == nil {
		return nil
	}
	base, _ := s.visible(of.Parent, of.Value.GetExtends())
	return base
}

// dependents returns the rows of the roles that extend a role directly.
func (s *roles) dependents(of *store.Row[*rolesv1.Role]) []*store.Row[*rolesv1.Role] {
	var out []*store.Row[*rolesv1.Role]
	for _, row := range s.rows.All() {
		if s.base(row) == of {
			out = append(out, row)
		}
	}
	return out
}

// effective returns the permissions of a role and of all that it extends, each with the role it comes from: the role's
// own come first.
func (s *roles) effective(of *store.Row[*rolesv1.Role]) []*rolesv1.RolePermission {
	var out []*rolesv1.RolePermission
	seen := map[string]bool{}
	for role := of; role != nil; role = s.base(role) {
		for _, permission := range s.direct(role) {
			if !seen[permission.GetName()] {
				seen[permission.GetName()] = true
				out = append(out, permission)
			}
		}
	}
	return out
}

// direct returns a role's own permissions in full.
func (s *roles) direct(of *store.Row[*rolesv1.Role]) []*rolesv1.RolePermission {
	var out []*rolesv1.RolePermission
	for _, permission := range of.Value.GetPermissions() {
		id, ok := s.permissionNames.Get(permission.GetName())
		if !ok {
			continue
		}
		full := s.permissions.Row(id).Value
		out = append(out, &rolesv1.RolePermission{
			Id:          full.GetId(),
			Name:        full.GetName(),
			Description: full.GetDescription(),
			CreateTime:  full.GetCreateTime(),
			UpdateTime:  full.GetUpdateTime(),
			RoleName:    of.Value.GetName(),
		})
	}
	return out
}

// reply is a role as the platform shows it to an organization, or, with none, to the environment. Without an include it
// has no permissions.
func (s *roles) reply(row *store.Row[*rolesv1.Role], organizationID, include string) *rolesv1.Role {
	role, err := s.rows.Get(row.ID)
	if err != nil {
		return nil // Cannot be: the row is in the table.
	}
	role.Permissions = nil
	switch include {
	case includePermissions:
		role.Permissions = s.direct(row)
	case includeAllPermissions:
		role.Permissions = s.effective(row)
	}
	role.DependentRolesCount = int32(len(s.dependents(row)))
	role.IsOrgRole = row.Parent != ""
	if override, ok := s.override(organizationID); ok {
		role.DefaultMember = role.GetName() == override
	}
	return role
}

// replyOf is reply for a role that has just been stored.
func (s *roles) replyOf(id, include string) *rolesv1.Role {
	row := s.rows.Row(id)
	return s.reply(row, row.Parent, include)
}

// GetRole implements the RPC of that name.
func (s *roles) GetRole(
	_ context.Context, req *connect.Request[rolesv1.GetRoleRequest],
) (*connect.Response[rolesv1.GetRoleResponse], error) {
	return store.Query(s.store, func() (*rolesv1.GetRoleResponse, error) {
		found, err := s.find("", req.Msg.GetRoleName())
		if err != nil {
			return nil, err
		}
		return &rolesv1.GetRoleResponse{Role: s.replyOf(found.GetId(), req.Msg.GetInclude())}, nil
	})
}

// GetOrganizationRole implements the RPC of that name. That it does not find the environment's roles is assumed [U]; see
// [Quirks.OrganizationHasEnvironmentRoles].
func (s *roles) GetOrganizationRole(
	_ context.Context, req *connect.Request[rolesv1.GetOrganizationRoleRequest],
) (*connect.Response[rolesv1.GetOrganizationRoleResponse], error) {
	return store.Query(s.store, func() (*rolesv1.GetOrganizationRoleResponse, error) {
		organizationID, name := req.Msg.GetOrgId(), req.Msg.GetRoleName()
		if !s.organizations.rows.Has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		find := s.own
		if s.quirks.OrganizationHasEnvironmentRoles {
			find = s.visible
		}
		found, ok := find(organizationID, name)
		if !ok {
			return nil, apierr.NotFound("role", name)
		}
		return &rolesv1.GetOrganizationRoleResponse{Role: s.reply(found, organizationID, req.Msg.GetInclude())}, nil
	})
}

// ListRoles implements the RPC of that name. The documentation says that the roles of organizations are among them, and
// a role does not say whose it is; see [Quirks.ListRolesEnvironmentOnly]. The order, that of creation, is assumed [U].
func (s *roles) ListRoles(
	_ context.Context, req *connect.Request[rolesv1.ListRolesRequest],
) (*connect.Response[rolesv1.ListRolesResponse], error) {
	return store.Query(s.store, func() (*rolesv1.ListRolesResponse, error) {
		out := &rolesv1.ListRolesResponse{}
		for _, row := range s.rows.All() {
			if row.Parent == "" || !s.quirks.ListRolesEnvironmentOnly {
				out.Roles = append(out.Roles, s.reply(row, row.Parent, req.Msg.GetInclude()))
			}
		}
		return out, nil
	})
}

// ListOrganizationRoles implements the RPC of that name: the environment's roles and the organization's, with the
// organization's own default. The order, that of creation, is assumed [U].
func (s *roles) ListOrganizationRoles(
	_ context.Context, req *connect.Request[rolesv1.ListOrganizationRolesRequest],
) (*connect.Response[rolesv1.ListOrganizationRolesResponse], error) {
	return store.Query(s.store, func() (*rolesv1.ListOrganizationRolesResponse, error) {
		organizationID := req.Msg.GetOrgId()
		if !s.organizations.rows.Has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		out := &rolesv1.ListOrganizationRolesResponse{}
		for _, row := range s.rows.All() {
			if row.Parent == "" || row.Parent == organizationID {
				out.Roles = append(out.Roles, s.reply(row, organizationID, req.Msg.GetInclude()))
			}
		}
		return out, nil
	})
}

// ListDependentRoles implements the RPC of that name: the roles that extend a role of the environment directly, those of
// organizations among them [I], with their permissions.
func (s *roles) ListDependentRoles(
	_ context.Context, req *connect.Request[rolesv1.ListDependentRolesRequest],
) (*connect.Response[rolesv1.ListDependentRolesResponse], error) {
	return store.Query(s.store, func() (*rolesv1.ListDependentRolesResponse, error) {
		found, err := s.find("", req.Msg.GetRoleName())
		if err != nil {
			return nil, err
		}
		out := &rolesv1.ListDependentRolesResponse{}
		for _, row := range s.dependents(s.rows.Row(found.GetId())) {
			out.Roles = append(out.Roles, s.reply(row, row.Parent, includePermissions))
		}
		return out, nil
	})
}

// usersCount counts the users that have a role, in whatever state their membership is [U].
func (s *roles) usersCount(organizationID, name string) (int64, error) {
	if _, err := s.find(organizationID, name); err != nil {
		return 0, err
	}
	return int64(s.countUsers(organizationID, name)), nil
}

// GetRoleUsersCount implements the RPC of that name.
func (s *roles) GetRoleUsersCount(
	_ context.Context, req *connect.Request[rolesv1.GetRoleUsersCountRequest],
) (*connect.Response[rolesv1.GetRoleUsersCountResponse], error) {
	return store.Query(s.store, func() (*rolesv1.GetRoleUsersCountResponse, error) {
		count, err := s.usersCount("", req.Msg.GetRoleName())
		return &rolesv1.GetRoleUsersCountResponse{Count: count}, err
	})
}

// GetOrganizationRoleUsersCount implements the RPC of that name.
func (s *roles) GetOrganizationRoleUsersCount(
	_ context.Context, req *connect.Request[rolesv1.GetOrganizationRoleUsersCountRequest],
) (*connect.Response[rolesv1.GetOrganizationRoleUsersCountResponse], error) {
	return store.Query(s.store, func() (*rolesv1.GetOrganizationRoleUsersCountResponse, error) {
		count, err := s.usersCount(req.Msg.GetOrgId(), req.Msg.GetRoleName())
		return &rolesv1.GetOrganizationRoleUsersCountResponse{Count: count}, err
	})
}
