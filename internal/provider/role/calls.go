package role

import (
	"context"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// scope is where roles are at home: the environment, or one organization. The API has a set of calls for each.
type scope struct {
	*tf.Data
	organizationID string // "" is the environment
}

func (s scope) isEnvironment() bool { return s.organizationID == "" }

// object names a role of the scope in the record of a run.
func (s scope) object(name string) run.Object { return run.In(s.organizationID, run.Role, name) }

// call names a role in messages.
func (s scope) call(name string) string {
	if s.isEnvironment() {
		return "role " + name
	}
	return "role " + name + " of organization " + s.organizationID
}

// owns reports whether a role is at home in the scope. Whether the calls for one scope find roles of the other is not
// documented.
func (s scope) owns(role *rolesv1.Role) bool { return role.GetIsOrgRole() != s.isEnvironment() }

// get reads a role with its own permissions.
func (s scope) get(ctx context.Context, name string) (*rolesv1.Role, error) {
	if s.isEnvironment() {
		reply, err := s.Client.Roles.GetRole(ctx, connect.NewRequest(&rolesv1.GetRoleRequest{
			RoleName: name, Include: new(withPermissions),
		}))
		if err != nil {
			return nil, err
		}
		return reply.Msg.GetRole(), nil
	}
	reply, err := s.Client.Roles.GetOrganizationRole(ctx, connect.NewRequest(&rolesv1.GetOrganizationRoleRequest{
		OrgId: s.organizationID, RoleName: name, Include: new(withPermissions),
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetRole(), nil
}

// withPermissions asks for a role's own permissions; a role comes without any otherwise.
const withPermissions = "permissions"

// list reads the roles that can be used in the scope: in an organization the environment's and its own.
func (s scope) list(ctx context.Context) ([]*rolesv1.Role, error) { return s.listIncluding(ctx, nil) }

// listIncluding is list with more of each role, such as withPermissions.
func (s scope) listIncluding(ctx context.Context, include *string) ([]*rolesv1.Role, error) {
	if !s.isEnvironment() {
		reply, err := s.Client.Roles.ListOrganizationRoles(ctx, connect.NewRequest(&rolesv1.ListOrganizationRolesRequest{
			OrgId: s.organizationID, Include: include,
		}))
		if err != nil {
			return nil, err
		}
		return reply.Msg.GetRoles(), nil
	}
	reply, err := s.Client.Roles.ListRoles(ctx, connect.NewRequest(&rolesv1.ListRolesRequest{Include: include}))
	if err != nil {
		return nil, err
	}
	var roles []*rolesv1.Role
	for _, role := range reply.Msg.GetRoles() {
		if s.owns(role) { // the roles of all organizations may be among them
			roles = append(roles, role)
		}
	}
	return roles, nil
}

func (s scope) sendCreate(ctx context.Context, plan model) (*rolesv1.Role, error) {
	if s.isEnvironment() {
		reply, err := s.Client.Roles.CreateRole(ctx, connect.NewRequest(&rolesv1.CreateRoleRequest{Role: &rolesv1.CreateRole{
			Name:        plan.Name.ValueString(),
			DisplayName: plan.DisplayName.ValueString(),
			Description: known(plan.Description),
			Extends:     plan.Extends.ValueStringPointer(),
			Permissions: texts(plan.Permissions),
		}}))
		if err != nil {
			return nil, err
		}
		return reply.Msg.GetRole(), nil
	}
	reply, err := s.Client.Roles.CreateOrganizationRole(ctx, connect.NewRequest(&rolesv1.CreateOrganizationRoleRequest{
		OrgId: s.organizationID,
		Role: &rolesv1.CreateOrganizationRole{
			Name:        plan.Name.ValueString(),
			DisplayName: plan.DisplayName.ValueString(),
			Description: known(plan.Description),
			Extends:     plan.Extends.ValueStringPointer(),
			Permissions: texts(plan.Permissions),
		},
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetRole(), nil
}

// known is the value for the API, nil for null and for what is left out.
func known(value types.String) *string {
	if value.IsUnknown() {
		return nil
	}
	return value.ValueStringPointer()
}

func (s scope) sendUpdate(ctx context.Context, name string, change *rolesv1.UpdateRole) error {
	if s.isEnvironment() {
		_, err := s.Client.Roles.UpdateRole(ctx, connect.NewRequest(&rolesv1.UpdateRoleRequest{RoleName: name, Role: change}))
		return err
	}
	_, err := s.Client.Roles.UpdateOrganizationRole(ctx, connect.NewRequest(&rolesv1.UpdateOrganizationRoleRequest{
		OrgId: s.organizationID, RoleName: name, Role: change,
	}))
	return err
}

func (s scope) sendDeleteBase(ctx context.Context, name string) error {
	if s.isEnvironment() {
		_, err := s.Client.Roles.DeleteRoleBase(ctx, connect.NewRequest(&rolesv1.DeleteRoleBaseRequest{RoleName: name}))
		return err
	}
	_, err := s.Client.Roles.DeleteOrganizationRoleBase(ctx, connect.NewRequest(&rolesv1.DeleteOrganizationRoleBaseRequest{
		OrgId: s.organizationID, RoleName: name,
	}))
	return err
}

func (s scope) sendDelete(ctx context.Context, name string, reassign *string) error {
	if s.isEnvironment() {
		_, err := s.Client.Roles.DeleteRole(ctx, connect.NewRequest(&rolesv1.DeleteRoleRequest{
			RoleName: name, ReassignRoleName: reassign,
		}))
		return err
	}
	_, err := s.Client.Roles.DeleteOrganizationRole(ctx, connect.NewRequest(&rolesv1.DeleteOrganizationRoleRequest{
		OrgId: s.organizationID, RoleName: name, ReassignRoleName: reassign,
	}))
	return err
}

// users counts the users that have a role.
func (s scope) users(ctx context.Context, name string) (int, error) {
	if s.isEnvironment() {
		reply, err := s.Client.Roles.GetRoleUsersCount(ctx, connect.NewRequest(&rolesv1.GetRoleUsersCountRequest{RoleName: name}))
		if err != nil {
			return 0, err
		}
		return int(reply.Msg.GetCount()), nil
	}
	reply, err := s.Client.Roles.GetOrganizationRoleUsersCount(ctx, connect.NewRequest(
		&rolesv1.GetOrganizationRoleUsersCountRequest{OrgId: s.organizationID, RoleName: name}))
	if err != nil {
		return 0, err
	}
	return int(reply.Msg.GetCount()), nil
}
