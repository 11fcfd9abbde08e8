package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

func (p *platform) permission(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		must(t, p.roles.CreatePermission, &rolesv1.CreatePermissionRequest{
			Permission: &rolesv1.CreatePermission{Name: name},
		})
	}
}

// role makes a role of the environment that may extend another.
func (p *platform) role(t *testing.T, name, extends string, permissions ...string) *rolesv1.Role {
	t.Helper()
	return must(t, p.roles.CreateRole, newRole(name, extends, permissions...)).GetRole()
}

func newRole(name, extends string, permissions ...string) *rolesv1.CreateRoleRequest {
	role := &rolesv1.CreateRole{Name: name, DisplayName: strings.ToUpper(name), Permissions: permissions}
	if extends != "" {
		role.Extends = &extends
	}
	return &rolesv1.CreateRoleRequest{Role: role}
}

// orgRole makes a role of an organization.
func (p *platform) orgRole(t *testing.T, organizationID, name, extends string, permissions ...string) *rolesv1.Role {
	t.Helper()
	return must(t, p.roles.CreateOrganizationRole, newOrgRole(organizationID, name, extends, permissions...)).GetRole()
}

func newOrgRole(organizationID, name, extends string, permissions ...string) *rolesv1.CreateOrganizationRoleRequest {
	role := newRole(name, extends, permissions...).GetRole()
	return &rolesv1.CreateOrganizationRoleRequest{OrgId: organizationID, Role: &rolesv1.CreateOrganizationRole{
		Name: role.GetName(), DisplayName: role.GetDisplayName(), Extends: role.Extends, Permissions: role.GetPermissions(),
	}}
}

// readRole reads a role of the environment with its own permissions.
func (p *platform) readRole(t *testing.T, name string) *rolesv1.Role {
	t.Helper()
	return must(t, p.roles.GetRole, &rolesv1.GetRoleRequest{RoleName: name, Include: new("permissions")}).GetRole()
}

// roleNames lists an organization's roles, a default member role with a star.
func (p *platform) roleNames(t *testing.T, organizationID string) string {
	t.Helper()
	var out []string
	for _, role := range must(t, p.roles.ListOrganizationRoles, &rolesv1.ListOrganizationRolesRequest{OrgId: organizationID}).GetRoles() {
		name := role.GetName()
		if role.GetDefaultMember() {
			name += "*"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// sources lists a role's permissions, each with the role it comes from.
func sources(role *rolesv1.Role) string {
	var out []string
	for _, permission := range role.GetPermissions() {
		out = append(out, permission.GetName()+"@"+permission.GetRoleName())
	}
	return strings.Join(out, " ")
}

func permissionNames(permissions []*rolesv1.Permission) string {
	var out []string
	for _, permission := range permissions {
		out = append(out, permission.GetName())
	}
	return strings.Join(out, " ")
}

func TestBuiltInRoles(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	listed := must(t, env.roles.ListRoles, &rolesv1.ListRolesRequest{Include: new("permissions")}).GetRoles()
	if len(listed) != 2 {
		t.Fatalf("roles %v, want 2", listed)
	}
	admin, member := listed[0], listed[1]
	if admin.GetName() != "admin" || !admin.GetDefaultCreator() || admin.GetDefaultMember() || len(admin.GetPermissions()) != 12 {
		t.Errorf("got %v, want admin", admin)
	}
	if member.GetName() != "member" || member.GetDefaultCreator() || !member.GetDefaultMember() ||
		sources(member) != "sk_org_settings_read@member sk_org_users_read@member" {
		t.Errorf("got %v, want member", member)
	}
	for _, permission := range admin.GetPermissions() {
		full := must(t, env.roles.GetPermission, &rolesv1.GetPermissionRequest{PermissionName: permission.GetName()}).GetPermission()
		if !full.GetIsScalekitPermission() || full.GetId() != permission.GetId() {
			t.Errorf("got %v for %v", full, permission)
		}
	}
	if err := env.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := env.Counts(); got["roles"] != 2 || got["permissions"] != 12 {
		t.Errorf("after a reset %v", got)
	}
}

func TestCreateRole(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.permission(t, "a:read", "a:write")
	created := must(t, env.roles.CreateRole, &rolesv1.CreateRoleRequest{Role: &rolesv1.CreateRole{
		Name: "engineer", DisplayName: "Engineer", Description: new("Builds"), Extends: new("member"),
		Permissions: []string{"a:write", "a:read", "a:write", "missing"},
	}}).GetRole()
	want := &rolesv1.Role{
		Id: created.GetId(), Name: "engineer", DisplayName: "Engineer", Description: "Builds", Extends: new("member"),
	}
	if !proto.Equal(created, want) || !strings.HasPrefix(created.GetId(), "role_") {
		t.Errorf("got  %v\nwant %v", created, want)
	}
	for include, want := range map[string]string{
		"":                "",
		"permissions":     "a:write@engineer a:read@engineer",
		"permissions:all": "a:write@engineer a:read@engineer sk_org_settings_read@member sk_org_users_read@member",
	} {
		got := must(t, env.roles.GetRole, &rolesv1.GetRoleRequest{RoleName: "engineer", Include: &include}).GetRole()
		if sources(got) != want {
			t.Errorf("include %q: %q, want %q", include, sources(got), want)
		}
		listed := must(t, env.roles.ListRoles, &rolesv1.ListRolesRequest{Include: &include}).GetRoles()
		if !proto.Equal(listed[2], got) {
			t.Errorf("listed %v\nwant %v", listed[2], got)
		}
	}
	if got := env.readRole(t, "member").GetDependentRolesCount(); got != 1 {
		t.Errorf("%d dependents, want 1", got)
	}
}

func TestCreateRoleRefused(t *testing.T) {
	t.Parallel()
	var many []string
	seed := &emulator.Seed{}
	for i := range 101 {
		many = append(many, fmt.Sprintf("p%d", i))
		seed.Permissions = append(seed.Permissions, emulator.SeedPermission{Name: many[i]})
	}
	env := startPlatform(t, emulator.Options{Seed: seed})
	wantInvalid(t, "already exists", env.roles.CreateRole, newRole("member", ""))
	wantNotFound(t, env.roles.CreateRole, newRole("engineer", "nobody"))
	wantNotFound(t, env.roles.CreateOrganizationRole, newOrgRole("org_1", "engineer", ""))
	for field, test := range map[string]struct {
		request    *rolesv1.CreateRoleRequest
		constraint string
	}{
		"role.name":           {newRole("non-existent", ""), "string.pattern"},
		"role.display_name":   {newRole("", ""), "required"},
		"role.permissions":    {newRole("engineer", "", many...), "repeated.max_items"},
		"role.permissions[0]": {newRole("engineer", "", "a b"), "string.pattern"},
		"role.extends":        {newRole("engineer", "a b"), "string.pattern"},
		"role":                {&rolesv1.CreateRoleRequest{}, "required"},
	} {
		wantViolation(t, refused(t, env.roles.CreateRole, test.request), field, test.constraint)
	}

	env.role(t, "full", "", many[:100]...)
	wantViolation(t, refused(t, env.roles.AddPermissionsToRole, &rolesv1.AddPermissionsToRoleRequest{
		RoleName: "full", PermissionNames: many[100:],
	}), "permission_names", "repeated.max_items")
	if got := env.Counts()["roles"]; got != 3 {
		t.Errorf("%d roles, want 3", got)
	}
}

func TestOrganizationRoles(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.permission(t, "a:read", "b:read")
	acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	env.role(t, "base", "", "a:read")
	created := env.orgRole(t, acme, "lead", "base", "b:read")
	if !created.GetIsOrgRole() || created.GetExtends() != "base" {
		t.Errorf("got %v", created)
	}
	get := func(org, name string) *rolesv1.GetOrganizationRoleRequest {
		return &rolesv1.GetOrganizationRoleRequest{OrgId: org, RoleName: name, Include: new("permissions:all")}
	}
	if got := must(t, env.roles.GetOrganizationRole, get(acme, "lead")).GetRole(); sources(got) != "b:read@lead a:read@base" {
		t.Errorf("permissions %q", sources(got))
	}
	env.orgRole(t, other, "lead", "") // The same name in another organization.

	if got, want := env.roleNames(t, acme), "admin member* base lead"; got != want {
		t.Errorf("roles %q, want %q", got, want)
	}
	if got := must(t, env.roles.ListRoles, &rolesv1.ListRolesRequest{}).GetRoles(); len(got) != 5 {
		t.Errorf("%v, want those of organizations as well", got)
	}
	wantInvalid(t, "already exists", env.roles.CreateOrganizationRole, newOrgRole(acme, "lead", ""))
	wantInvalid(t, "already exists", env.roles.CreateOrganizationRole, newOrgRole(acme, "base", ""))
	wantInvalid(t, "already exists", env.roles.CreateRole, newRole("lead", ""))
	wantNotFound(t, env.roles.CreateRole, newRole("boss", "lead")) // The environment cannot extend it.

	for _, request := range []*rolesv1.GetOrganizationRoleRequest{get(acme, "base"), get(acme, "nobody"), get("org_1", "lead")} {
		wantNotFound(t, env.roles.GetOrganizationRole, request)
		wantNotFound(t, env.roles.UpdateOrganizationRole, &rolesv1.UpdateOrganizationRoleRequest{
			OrgId: request.GetOrgId(), RoleName: request.GetRoleName(), Role: &rolesv1.UpdateRole{},
		})
		wantNotFound(t, env.roles.DeleteOrganizationRole, &rolesv1.DeleteOrganizationRoleRequest{
			OrgId: request.GetOrgId(), RoleName: request.GetRoleName(),
		})
		wantNotFound(t, env.roles.DeleteOrganizationRoleBase, &rolesv1.DeleteOrganizationRoleBaseRequest{
			OrgId: request.GetOrgId(), RoleName: request.GetRoleName(),
		})
		wantNotFound(t, env.roles.GetOrganizationRoleUsersCount, &rolesv1.GetOrganizationRoleUsersCountRequest{
			OrgId: request.GetOrgId(), RoleName: request.GetRoleName(),
		})
	}
	wantNotFound(t, env.roles.ListOrganizationRoles, &rolesv1.ListOrganizationRolesRequest{OrgId: "org_1"})

	must(t, env.roles.DeleteOrganizationRoleBase, &rolesv1.DeleteOrganizationRoleBaseRequest{OrgId: acme, RoleName: "lead"})
	if got := must(t, env.roles.GetOrganizationRole, get(acme, "lead")).GetRole(); got.Extends != nil || sources(got) != "b:read@lead" {
		t.Errorf("got %v", got)
	}
	if err := env.delete(t, acme); err != nil {
		t.Fatal(err)
	}
	if got := must(t, env.roles.ListRoles, &rolesv1.ListRolesRequest{}).GetRoles(); len(got) != 4 {
		t.Errorf("%v, want those of the organization gone", got)
	}
}

func TestUpdateRole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks emulator.Quirks
		change *rolesv1.UpdateRole
		want   func(*rolesv1.Role)
		has    string
	}{
		"nothing":      {change: &rolesv1.UpdateRole{}, has: "a b"},
		"display name": {change: &rolesv1.UpdateRole{DisplayName: new("New")}, want: func(r *rolesv1.Role) { r.DisplayName = "New" }, has: "a b"},
		"description":  {change: &rolesv1.UpdateRole{Description: new("New")}, want: func(r *rolesv1.Role) { r.Description = "New" }, has: "a b"},
		"extends":      {change: &rolesv1.UpdateRole{Extends: new("admin")}, want: func(r *rolesv1.Role) { r.Extends = new("admin") }, has: "a b"},
		"permissions replace": {
			change: &rolesv1.UpdateRole{Permissions: []string{"c", "missing"}}, has: "c",
		},
		"empty permissions clear": {
			quirks: emulator.Quirks{EmptyPermissionsClear: true}, change: &rolesv1.UpdateRole{}, has: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startPlatform(t, emulator.Options{Quirks: test.quirks})
			env.permission(t, "a", "b", "c")
			org := env.create(t, "Acme").GetId()
			want := env.role(t, "old", "member", "a", "b")
			got := must(t, env.roles.UpdateRole, &rolesv1.UpdateRoleRequest{RoleName: "old", Role: test.change}).GetRole()
			if test.want != nil {
				test.want(want)
			}
			if !proto.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			listed := must(t, env.roles.ListRolePermissions, &rolesv1.ListRolePermissionsRequest{RoleName: "old"}).GetPermissions()
			if permissionNames(listed) != test.has {
				t.Errorf("permissions %q, want %q", permissionNames(listed), test.has)
			}

			wantOrg := env.orgRole(t, org, "org_old", "member", "a", "b")
			gotOrg := must(t, env.roles.UpdateOrganizationRole,
				&rolesv1.UpdateOrganizationRoleRequest{OrgId: org, RoleName: "org_old", Role: test.change}).GetRole()
			if test.want != nil {
				test.want(wantOrg)
			}
			if !proto.Equal(gotOrg, wantOrg) {
				t.Errorf("got  %v\nwant %v", gotOrg, wantOrg)
			}
		})
	}
}

func TestUpdateRoleRefused(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.role(t, "top", "")
	env.role(t, "middle", "top")
	env.role(t, "bottom", "middle")
	update := func(name string, change *rolesv1.UpdateRole) *rolesv1.UpdateRoleRequest {
		return &rolesv1.UpdateRoleRequest{RoleName: name, Role: change}
	}
	for _, base := range []string{"top", "middle", "bottom"} {
		err := refused(t, env.roles.UpdateRole, update("top", &rolesv1.UpdateRole{Extends: &base}))
		wantViolation(t, err, "role.extends", "role.cycle")
	}
	wantNotFound(t, env.roles.UpdateRole, update("top", &rolesv1.UpdateRole{Extends: new("nobody")}))
	wantNotFound(t, env.roles.UpdateRole, update("nobody", &rolesv1.UpdateRole{}))
	wantViolation(t, refused(t, env.roles.UpdateRole, update("top", &rolesv1.UpdateRole{Description: new("")})),
		"role.description", "string.min_len")
	wantViolation(t, refused(t, env.roles.UpdateRole, update("top", &rolesv1.UpdateRole{Extends: new("")})),
		"role.extends", "string.min_len")
	wantViolation(t, refused(t, env.roles.UpdateRole, update("top", nil)), "role", "required")
	wantViolation(t, refused(t, env.roles.GetRole, &rolesv1.GetRoleRequest{RoleName: "no-such-role"}), "role_name", "string.pattern")
	wantViolation(t, refused(t, env.roles.GetRole, &rolesv1.GetRoleRequest{RoleName: "top", Include: new("all")}), "include", "string.in")

	for _, name := range []string{"nobody", "other"} {
		wantNotFound(t, env.roles.GetRole, &rolesv1.GetRoleRequest{RoleName: name})
		wantNotFound(t, env.roles.ListDependentRoles, &rolesv1.ListDependentRolesRequest{RoleName: name})
		wantNotFound(t, env.roles.DeleteRoleBase, &rolesv1.DeleteRoleBaseRequest{RoleName: name})
		wantNotFound(t, env.roles.GetRoleUsersCount, &rolesv1.GetRoleUsersCountRequest{RoleName: name})
	}
	wantInvalid(t, "does not extend", env.roles.DeleteRoleBase, &rolesv1.DeleteRoleBaseRequest{RoleName: "top"})
	must(t, env.roles.DeleteRoleBase, &rolesv1.DeleteRoleBaseRequest{RoleName: "middle"})
	must(t, env.roles.UpdateRole, update("top", &rolesv1.UpdateRole{Extends: new("bottom")})) // No cycle any more.
	var dependents []string
	for _, role := range must(t, env.roles.ListDependentRoles, &rolesv1.ListDependentRolesRequest{RoleName: "middle"}).GetRoles() {
		dependents = append(dependents, role.GetName())
	}
	if want := []string{"bottom"}; !slices.Equal(dependents, want) {
		t.Errorf("dependents %q, want the direct ones %q", dependents, want)
	}
}

func TestRoleQuirks(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{Quirks: emulator.Quirks{
		ChecksRolePermissions: true, ListRolesEnvironmentOnly: true, OrganizationHasEnvironmentRoles: true,
	}})
	org := env.create(t, "Acme").GetId()
	wantNotFound(t, env.roles.CreateRole, newRole("engineer", "", "missing"))
	wantNotFound(t, env.roles.CreateOrganizationRole, newOrgRole(org, "engineer", "", "missing"))
	wantNotFound(t, env.roles.UpdateRole, &rolesv1.UpdateRoleRequest{
		RoleName: "member", Role: &rolesv1.UpdateRole{Permissions: []string{"missing"}},
	})
	wantNotFound(t, env.roles.AddPermissionsToRole, &rolesv1.AddPermissionsToRoleRequest{
		RoleName: "member", PermissionNames: []string{"missing"},
	})
	env.orgRole(t, org, "lead", "")
	if got := must(t, env.roles.ListRoles, &rolesv1.ListRolesRequest{}).GetRoles(); len(got) != 2 {
		t.Errorf("%v, want the environment's alone", got)
	}
	got := must(t, env.roles.GetOrganizationRole, &rolesv1.GetOrganizationRoleRequest{OrgId: org, RoleName: "member"}).GetRole()
	if got.GetIsOrgRole() || !got.GetDefaultMember() {
		t.Errorf("got %v, want the environment's", got)
	}
}
