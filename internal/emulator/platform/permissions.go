package platform

import (
	"context"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

const maxPermissionPage = 100 // the descriptor's rule refuses more

// builtInPermissions are there in every environment. Their descriptions are made up [U].
var builtInPermissions = []struct{ name, description string }{
	{"sk_org_settings_read", "Read the organization's settings"},
	{"sk_org_settings_manage", "Manage the organization's settings"},
	{"sk_org_users_read", "Read the organization's users"},
	{"sk_org_users_invite", "Invite users to the organization"},
	{"sk_org_users_delete", "Delete users of the organization"},
	{"sk_org_users_role_change", "Change the roles of the organization's users"},
	{"sk_org_sso_read", "Read the organization's SSO connections"},
	{"sk_org_sso_manage", "Manage the organization's SSO connections"},
	{"sk_org_scim_read", "Read the organization's directories"},
	{"sk_org_scim_manage", "Manage the organization's directories"},
	{"sk_org_session_policy_read", "Read the organization's session policy"},
	{"sk_org_session_policy_manage", "Manage the organization's session policy"},
}

// bootstrap creates the built-in permissions and roles. That these roles can be updated as any other is assumed [U].
func (s *roles) bootstrap() error {
	var all []string
	for _, builtIn := range builtInPermissions {
		all = append(all, builtIn.name)
		created, err := s.createPermission(&rolesv1.CreatePermission{
			Name: builtIn.name, Description: builtIn.description,
		}, "")
		if err != nil {
			return err
		}
		created.IsScalekitPermission = true
		s.permissions.Put(created.GetId(), "", created)
	}
	admin, err := s.create("", &rolesv1.CreateRole{
		Name: "admin", DisplayName: "Admin", Description: new("Full access to the organization"), Permissions: all,
	}, "")
	if err != nil {
		return err
	}
	member, err := s.create("", &rolesv1.CreateRole{
		Name: "member", DisplayName: "Member", Description: new("Read access to the organization"),
		Permissions: []string{"sk_org_settings_read", "sk_org_users_read"},
	}, "")
	if err != nil {
		return err
	}
	return s.setDefaults(admin, member)
}

// CreatePermission implements the RPC of that name.
func (s *roles) CreatePermission(
	_ context.Context, req *connect.Request[rolesv1.CreatePermissionRequest],
) (*connect.Response[rolesv1.CreatePermissionResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.CreatePermissionResponse, error) {
		created, err := s.createPermission(req.Msg.GetPermission(), "")
		return &rolesv1.CreatePermissionResponse{Permission: created}, err
	})
}

// createPermission stores a permission, whose id a seed may give.
func (s *roles) createPermission(wanted *rolesv1.CreatePermission, id string) (*rolesv1.Permission, error) {
	id, created, err := store.NewID(s.permissions, permissionPrefix, id)
	if err != nil {
		return nil, err
	}
	if _, taken := s.permissionNames.Get(wanted.GetName()); taken {
		return nil, apierr.Duplicate("permission", "name", wanted.GetName())
	}
	permission := &rolesv1.Permission{
		Id:          id,
		Name:        wanted.GetName(),
		Description: wanted.GetDescription(),
		CreateTime:  timestamppb.New(created),
		UpdateTime:  timestamppb.New(created),
	}
	s.permissions.Put(id, "", permission)
	return permission, nil
}

func (s *roles) findPermission(name string) (*rolesv1.Permission, error) {
	id, ok := s.permissionNames.Get(name)
	if !ok {
		return nil, apierr.NotFound("permission", name)
	}
	return s.permissions.Get(id)
}

// customPermission finds a permission that can be changed: a built-in one cannot [I].
func (s *roles) customPermission(name string) (*rolesv1.Permission, error) {
	permission, err := s.findPermission(name)
	if err == nil && permission.GetIsScalekitPermission() {
		return nil, apierr.New(connect.CodeInvalidArgument, "permission %q is predefined and cannot be changed", name)
	}
	return permission, err
}

// GetPermission implements the RPC of that name.
func (s *roles) GetPermission(
	_ context.Context, req *connect.Request[rolesv1.GetPermissionRequest],
) (*connect.Response[rolesv1.GetPermissionResponse], error) {
	return store.Query(s.store, func() (*rolesv1.GetPermissionResponse, error) {
		permission, err := s.findPermission(req.Msg.GetPermissionName())
		return &rolesv1.GetPermissionResponse{Permission: permission}, err
	})
}

// UpdatePermission implements the RPC of that name. The name, which the request must repeat, is immutable: another one
// is refused [I]. The description is replaced, also by "".
func (s *roles) UpdatePermission(
	_ context.Context, req *connect.Request[rolesv1.UpdatePermissionRequest],
) (*connect.Response[rolesv1.UpdatePermissionResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.UpdatePermissionResponse, error) {
		permission, err := s.customPermission(req.Msg.GetPermissionName())
		if err != nil {
			return nil, err
		}
		change := req.Msg.GetPermission()
		if change.GetName() != permission.GetName() {
			return nil, apierr.InvalidField("permission.name", "immutable", "the name of a permission cannot be changed")
		}
		permission.Description = change.GetDescription()
		permission.UpdateTime = timestamppb.New(s.store.UpdateTime(permission.GetCreateTime().AsTime()))
		s.permissions.Put(permission.GetId(), "", permission)
		return &rolesv1.UpdatePermissionResponse{Permission: permission}, nil
	})
}

// ListPermissions implements the RPC of that name. The order, newest first, is assumed [U].
func (s *roles) ListPermissions(
	_ context.Context, req *connect.Request[rolesv1.ListPermissionsRequest],
) (*connect.Response[rolesv1.ListPermissionsResponse], error) {
	return store.Query(s.store, func() (*rolesv1.ListPermissionsResponse, error) {
		kind := req.Msg.GetType()
		matching := store.Where(s.permissions.All(), func(row *store.Row[*rolesv1.Permission]) bool {
			return kind == rolesv1.PermissionType_ALL ||
				row.Value.GetIsScalekitPermission() == (kind == rolesv1.PermissionType_SCALEKIT)
		})
		found, err := store.Paginate(matching, store.PageRequest{
			Size:  req.Msg.GetPageSize(),
			Max:   maxPermissionPage,
			Token: req.Msg.GetPageToken(),
			Scope: "permissions?type=" + kind.String(),
		})
		return &rolesv1.ListPermissionsResponse{
			Permissions:   found.Items,
			NextPageToken: found.Next,
			PrevPageToken: found.Prev,
			TotalSize:     found.Total,
		}, err
	})
}

// DeletePermission implements the RPC of that name. Roles that have the permission lose it; the documentation only warns
// that it "may" have to be taken from them first, see [Quirks.KeepsUsedPermissions].
func (s *roles) DeletePermission(
	_ context.Context, req *connect.Request[rolesv1.DeletePermissionRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		permission, err := s.customPermission(req.Msg.GetPermissionName())
		if err != nil {
			return nil, err
		}
		for _, row := range slices.Clone(s.rows.All()) {
			switch {
			case !hasPermission(row.Value, permission.GetName()):
			case s.quirks.KeepsUsedPermissions:
				return nil, apierr.New(connect.CodeInvalidArgument,
					"permission cannot be deleted as it is assigned to roles, %q for one", row.Value.GetName())
			default:
				s.removePermission(proto.CloneOf(row.Value), row.Parent, permission.GetName())
			}
		}
		s.permissions.Delete(permission.GetId())
		return &emptypb.Empty{}, nil
	})
}
