package facts_test

import (
	"context"
	"fmt"
	"slices"

	"connectrpc.com/connect"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var roleFacts = []fact{
	{
		key:      "role.name-taken",
		question: "How is the name of another role refused?",
		assumed:  "refused as invalid_argument",
		mark:     contradictory,
		relies:   "The provider says that the role exists, and how to import it.",
		probe: func(r *run) string {
			role := r.role("taken")
			_, err := try(r, r.client.Roles.CreateRole, &rolesv1.CreateRoleRequest{Role: &rolesv1.CreateRole{Name: role.GetName(), DisplayName: "Fact"}})
			return outcome(err)
		},
	},
	{
		key:      "role.no-permissions",
		question: "What does an update with an empty list of permissions do to a role's permissions?",
		assumed:  "nothing",
		mark:     inferred,
		relies:   "scalekit_role takes permissions away one by one; an organization's role cannot lose its last.",
		probe: func(r *run) string {
			role := r.role("reader", withPermission)
			must(r, r.client.Roles.UpdateRole, &rolesv1.UpdateRoleRequest{RoleName: role.GetName(), Role: &rolesv1.UpdateRole{DisplayName: new("Changed")}})
			return yesNo(len(r.permissionsOf(role)) == 1, "nothing", "takes them away")
		},
		variants: []variant{{emulator.Quirks{EmptyPermissionsClear: true}, "takes them away"}},
	},
	{
		key:      "role.missing-permission",
		question: "What is the answer to a role with a permission that does not exist?",
		assumed:  "accepted, without it",
		mark:     contradictory,
		relies:   "The plan looks for the permission beforehand.",
		probe: func(r *run) string {
			reply, err := try(r, r.client.Roles.CreateRole, &rolesv1.CreateRoleRequest{Role: &rolesv1.CreateRole{
				Name: r.name("reader"), DisplayName: "Fact", Permissions: []string{"sk_org_users_read", r.name("none") + ":read"},
			}})
			if err != nil {
				return outcome(err)
			}
			r.removeRole(reply.GetRole().GetName())
			return "accepted, " + yesNo(len(r.permissionsOf(reply.GetRole())) == 1, "without it", "with it")
		},
		variants: []variant{{emulator.Quirks{ChecksRolePermissions: true}, "refused as not_found"}},
	},
	{
		key:      "role.missing-base",
		question: "What is the answer to a role that extends one that does not exist?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "The plan looks for the role beforehand.",
		probe: func(r *run) string {
			reply, err := try(r, r.client.Roles.CreateRole, &rolesv1.CreateRoleRequest{Role: &rolesv1.CreateRole{
				Name: r.name("reader"), DisplayName: "Fact", Extends: new(r.name("none")),
			}})
			if err == nil {
				r.removeRole(reply.GetRole().GetName())
			}
			return outcome(err)
		},
	},
	{
		key:      "role.no-base",
		question: "What is the answer to taking the base from a role that extends none?",
		assumed:  "refused as invalid_argument",
		mark:     unknown,
		relies:   "scalekit_role does so only where it extends one.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Roles.DeleteRoleBase, &rolesv1.DeleteRoleBaseRequest{RoleName: r.role("alone").GetName()})
			return outcome(err)
		},
	},
	{
		key:      "role.delete-base",
		question: "What is the answer to the delete of a role that another one extends?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "A plan that destroys a role says how many extend it, and how to hand them over.",
		probe: func(r *run) string {
			base := r.role("base")
			r.role("reader", func(role *rolesv1.CreateRole) { role.Extends = new(base.GetName()) })
			_, err := try(r, r.client.Roles.DeleteRole, &rolesv1.DeleteRoleRequest{RoleName: base.GetName()})
			return outcome(err)
		},
	},
	{
		key:      "role.delete-used",
		question: "What is the answer to the delete of a role that a user has?",
		assumed:  "refused as invalid_argument",
		mark:     seen,
		relies:   "A plan that destroys a role says how many users have it.",
		probe: func(r *run) string {
			role, org := r.role("used"), r.organization()
			user := r.mustUser(org, "ada")
			must(r, r.client.Users.UpdateMembership, &usersv1.UpdateMembershipRequest{
				OrganizationId: org.GetId(), Identities: &usersv1.UpdateMembershipRequest_Id{Id: user.GetId()},
				Membership: &usersv1.UpdateMembership{Roles: []*commonsv1.Role{{Name: role.GetName()}}},
			})
			_, err := try(r, r.client.Roles.DeleteRole, &rolesv1.DeleteRoleRequest{RoleName: role.GetName()})
			return outcome(err)
		},
	},
	{
		key:      "role.missing",
		question: "What is the answer to a read of a role that does not exist?",
		assumed:  "refused as not_found",
		mark:     seen,
		relies:   "A role that is gone leaves the state.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Roles.GetRole, &rolesv1.GetRoleRequest{RoleName: r.name("none")})
			return outcome(err)
		},
	},
	{
		key:      "role.list-order",
		question: "In which order are roles listed?",
		assumed:  "oldest first",
		mark:     unknown,
		relies:   "Nothing depends on it: the data source keeps the platform's order.",
		probe: func(r *run) string {
			older, newer := r.role("first"), r.role("second")
			return order(r.listedRoles(), older.GetId(), newer.GetId())
		},
	},
	{
		key:      "role.list-of-environment",
		question: "Does the list of the environment's roles have those of organizations?",
		assumed:  "yes",
		mark:     contradictory,
		relies:   "The provider leaves them out itself.",
		probe: func(r *run) string {
			own := r.organizationRole(r.organization(), r.name("own"))
			return yesNo(slices.Contains(r.listedRoles(), own.GetId()), "yes", "no")
		},
		variants: []variant{{emulator.Quirks{ListRolesEnvironmentOnly: true}, "no"}},
	},
	{
		key:      "organization-role.environments",
		question: "Does the read of an organization's role find a role of the environment?",
		assumed:  "no: refused as not_found",
		mark:     unknown,
		relies:   "The provider tells the two apart by is_org_role.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Roles.GetOrganizationRole, &rolesv1.GetOrganizationRoleRequest{OrgId: r.organization().GetId(), RoleName: "member"})
			return yesNo(err == nil, "yes", "no: "+outcome(err))
		},
		variants: []variant{{emulator.Quirks{OrganizationHasEnvironmentRoles: true}, "yes"}},
	},
	{
		key:      "organization-role.environments-name",
		question: "What is the answer to an organization's role with the name of one of the environment's?",
		assumed:  "refused as invalid_argument",
		mark:     unknown,
		relies:   "The plan says that the name is taken.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Roles.CreateOrganizationRole, &rolesv1.CreateOrganizationRoleRequest{
				OrgId: r.organization().GetId(), Role: &rolesv1.CreateOrganizationRole{Name: "member", DisplayName: "Fact"},
			})
			return outcome(err)
		},
	},
	{
		key:      "organization-role.same-name",
		question: "May two organizations have roles of one name?",
		assumed:  "accepted",
		mark:     inferred,
		relies:   "A module may give each customer the same roles.",
		probe: func(r *run) string {
			name := r.name("own")
			r.organizationRole(r.organization(), name)
			_, err := try(r, r.client.Roles.CreateOrganizationRole, &rolesv1.CreateOrganizationRoleRequest{
				OrgId: r.organization().GetId(), Role: &rolesv1.CreateOrganizationRole{Name: name, DisplayName: "Fact"},
			})
			return outcome(err)
		},
	},
	{
		key:      "organization-role.default",
		question: "Which of an organization's roles are shown as the default of new members, once it has its own default?",
		assumed:  "its own alone",
		mark:     inferred,
		relies:   "scalekit_organization_default_role reads the default from the list.",
		probe: func(r *run) string {
			org := r.organization()
			own := r.organizationRole(org, r.name("own"))
			must(r, r.client.Roles.UpdateDefaultOrganizationRoles, &rolesv1.UpdateDefaultOrganizationRolesRequest{OrgId: org.GetId(), DefaultMemberRole: own.GetName()})
			var shown []string
			for _, role := range must(r, r.client.Roles.ListOrganizationRoles, &rolesv1.ListOrganizationRolesRequest{OrgId: org.GetId()}).GetRoles() {
				if role.GetDefaultMember() {
					shown = append(shown, role.GetId())
				}
			}
			switch {
			case !slices.Contains(shown, own.GetId()):
				return fmt.Sprintf("%d others", len(shown))
			case len(shown) == 1:
				return "its own alone"
			default:
				return fmt.Sprintf("its own and %d others", len(shown)-1)
			}
		},
	},
	{
		key:      "organization-role.delete-default",
		question: "What is the answer to the delete of a role that is an organization's default?",
		assumed:  "accepted",
		mark:     seen,
		relies:   "scalekit_organization_role works with both: where it is refused, the organization gets another default first.",
		probe: func(r *run) string {
			org := r.organization()
			own := r.organizationRole(org, r.name("own"))
			must(r, r.client.Roles.UpdateDefaultOrganizationRoles, &rolesv1.UpdateDefaultOrganizationRolesRequest{OrgId: org.GetId(), DefaultMemberRole: own.GetName()})
			_, err := try(r, r.client.Roles.DeleteOrganizationRole, &rolesv1.DeleteOrganizationRoleRequest{OrgId: org.GetId(), RoleName: own.GetName()})
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{KeepsOrganizationDefaults: true}, "refused as invalid_argument"}},
	},
	{
		key:      "organization-role.missing-organization",
		question: "What is the answer to a list of the roles of an organization that does not exist?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "The data source says that there is no such organization.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Roles.ListOrganizationRoles, &rolesv1.ListOrganizationRolesRequest{OrgId: missingOrganization})
			return outcome(err)
		},
	},
}

func withPermission(role *rolesv1.CreateRole) { role.Permissions = []string{"sk_org_users_read"} }

func (r *run) removeRole(name string) {
	r.later(func(ctx context.Context) {
		_, _ = r.client.Roles.DeleteRole(ctx, connect.NewRequest(&rolesv1.DeleteRoleRequest{RoleName: name}))
	})
}

// permissionsOf are the names of a role's own permissions.
func (r *run) permissionsOf(role *rolesv1.Role) []string {
	reply := must(r, r.client.Roles.GetRole, &rolesv1.GetRoleRequest{RoleName: role.GetName(), Include: new("permissions")})
	var names []string
	for _, permission := range reply.GetRole().GetPermissions() {
		names = append(names, permission.GetName())
	}
	return names
}

func (r *run) listedRoles() []string {
	var listed []string
	for _, role := range must(r, r.client.Roles.ListRoles, &rolesv1.ListRolesRequest{}).GetRoles() {
		listed = append(listed, role.GetId())
	}
	return listed
}

func (r *run) organizationRole(org *organizationsv1.Organization, name string) *rolesv1.Role {
	return must(r, r.client.Roles.CreateOrganizationRole, &rolesv1.CreateOrganizationRoleRequest{
		OrgId: org.GetId(), Role: &rolesv1.CreateOrganizationRole{Name: name, DisplayName: "Fact"},
	}).GetRole()
}
