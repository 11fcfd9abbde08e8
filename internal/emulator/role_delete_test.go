package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

func deleteRole(name, replacement string) *rolesv1.DeleteRoleRequest {
	request := &rolesv1.DeleteRoleRequest{RoleName: name}
	if replacement != "" {
		request.ReassignRoleName = &replacement
	}
	return request
}

func deleteOrgRole(organizationID, name, replacement string) *rolesv1.DeleteOrganizationRoleRequest {
	request := &rolesv1.DeleteOrganizationRoleRequest{OrgId: organizationID, RoleName: name}
	if replacement != "" {
		request.ReassignRoleName = &replacement
	}
	return request
}

func TestDeleteRole(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.role(t, "unused", "")
	must(t, env.roles.DeleteRole, deleteRole("unused", ""))
	wantNotFound(t, env.roles.DeleteRole, deleteRole("unused", ""))
	env.role(t, "unused", "") // The name is free again.
	must(t, env.roles.DeleteRole, deleteRole("unused", "member"))

	for _, name := range []string{"admin", "member"} {
		wantInvalid(t, "default role", env.roles.DeleteRole, deleteRole(name, ""))
	}
	env.role(t, "other", "")
	wantNotFound(t, env.roles.DeleteRole, deleteRole("other", "nobody"))
	wantViolation(t, refused(t, env.roles.DeleteRole, deleteRole("other", "other")), "reassign_role_name", "role.self")
}

func TestDeleteRoleOfUsers(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	env.role(t, "old", "")
	env.role(t, "new", "")
	hank := env.user(t, acme, "hank@acme.example", "old", "member")
	env.join(t, other, hank, "old", "new")
	env.user(t, acme, "frank@acme.example", "member")

	count := func(organizationID, name string) int64 {
		if organizationID == "" {
			return must(t, env.roles.GetRoleUsersCount, &rolesv1.GetRoleUsersCountRequest{RoleName: name}).GetCount()
		}
		return must(t, env.roles.GetOrganizationRoleUsersCount,
			&rolesv1.GetOrganizationRoleUsersCountRequest{OrgId: organizationID, RoleName: name}).GetCount()
	}
	if got := [2]int64{count("", "old"), count("", "member")}; got != [2]int64{1, 2} {
		t.Errorf("%v users have the roles, want 1 and 2", got)
	}
	wantInvalid(t, "role cannot be deleted as it is assigned to users", env.roles.DeleteRole, deleteRole("old", ""))
	wantNotFound(t, env.roles.DeleteRole, deleteRole("old", "nobody"))
	must(t, env.roles.DeleteRole, deleteRole("old", "new"))
	if got, want := env.rolesOf(t, acme, hank), "member new"; got != want {
		t.Errorf("roles %q, want %q", got, want)
	}
	if got, want := env.rolesOf(t, other, hank), "new"; got != want {
		t.Errorf("roles %q, want %q", got, want)
	}
	// The deprecated field holds a name too.
	must(t, env.roles.DeleteRole, &rolesv1.DeleteRoleRequest{RoleName: "new", ReassignRoleId: new("admin")})
	if got, want := env.rolesOf(t, other, hank), "admin"; got != want {
		t.Errorf("roles %q, want %q", got, want)
	}

	// Roles of organizations, of which another one has one of the same name.
	env.orgRole(t, acme, "lead", "")
	env.orgRole(t, acme, "chief", "")
	env.orgRole(t, other, "lead", "")
	env.assign(t, acme, hank, "lead")
	env.assign(t, other, hank, "lead")
	if got := count(acme, "lead"); got != 1 {
		t.Errorf("%d users, want 1", got)
	}
	wantInvalid(t, "assigned to users", env.roles.DeleteOrganizationRole, deleteOrgRole(acme, "lead", ""))
	must(t, env.roles.DeleteOrganizationRole, deleteOrgRole(acme, "lead", "chief"))
	if got, want := env.rolesOf(t, acme, hank), "member admin chief"; got != want {
		t.Errorf("roles %q, want %q", got, want)
	}
	wantNotFound(t, env.roles.DeleteOrganizationRole, deleteOrgRole(other, "lead", "chief")) // Not of this organization.
	must(t, env.roles.DeleteOrganizationRole, deleteOrgRole(other, "lead", "member"))
	if got, want := env.rolesOf(t, other, hank), "admin member"; got != want {
		t.Errorf("roles %q, want %q", got, want)
	}
}

// A group that a directory maps to a role holds it as a user does.
func TestDeleteRoleOfGroups(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{Seed: parseSeed(t, `{
		"roles": [{"name": "engineer"}, {"name": "builder"}],
		"organizations": [{"id": "org_1", "display_name": "Acme", "roles": [{"name": "lead"}], "directories": [{
			"id": "dir_1", "directory_provider": "OKTA", "groups": [{"display_name": "Eng"}, {"display_name": "Leads"}],
			"role_assignments": {"Eng": "engineer", "Leads": "lead"}
		}]}]
	}`)})
	directories := directoriesconnect.NewDirectoryServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token))
	mapping := func() string {
		directory := must(t, directories.GetDirectory, &dirv1.GetDirectoryRequest{OrganizationId: "org_1", Id: "dir_1"}).GetDirectory()
		var out []string
		for _, assignment := range directory.GetRoleAssignments().GetAssignments() {
			out = append(out, assignment.GetRoleName())
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	wantInvalid(t, "assigned to directory groups", env.roles.DeleteRole, deleteRole("engineer", ""))
	wantInvalid(t, "assigned to directory groups", env.roles.DeleteOrganizationRole, deleteOrgRole("org_1", "lead", ""))
	must(t, env.roles.DeleteRole, deleteRole("engineer", "builder"))
	must(t, env.roles.DeleteOrganizationRole, deleteOrgRole("org_1", "lead", "member"))
	if got := mapping(); got != "builder member" {
		t.Errorf("the groups have %q, want builder and member", got)
	}
}

func TestDeleteRoleWithDependents(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	env.role(t, "base", "")
	env.role(t, "top", "base")
	env.role(t, "above", "top")
	env.orgRole(t, org, "lead", "base")
	wantInvalid(t, "other roles extend it", env.roles.DeleteRole, deleteRole("base", ""))
	// A role that extends the one to be deleted would come to extend itself.
	wantViolation(t, refused(t, env.roles.DeleteRole, deleteRole("base", "above")), "role.extends", "role.cycle")
	if got := env.readRole(t, "base").GetDependentRolesCount(); got != 2 {
		t.Errorf("%d dependents, want 2: a refused delete changes nothing", got)
	}
	must(t, env.roles.DeleteRole, deleteRole("base", "member"))
	if got := env.readRole(t, "top").GetExtends(); got != "member" {
		t.Errorf("top extends %q, want member", got)
	}
	if got := env.readRole(t, "member").GetDependentRolesCount(); got != 2 {
		t.Errorf("%d dependents, want 2", got)
	}
}

func setDefaults(creator, member string) *rolesv1.UpdateDefaultRolesRequest {
	return &rolesv1.UpdateDefaultRolesRequest{DefaultCreatorRole: &creator, DefaultMemberRole: &member}
}

func TestDefaultRoles(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	env.permission(t, "a")
	owner, user := env.role(t, "owner", "", "a"), env.role(t, "user", "")
	env.orgRole(t, org, "guest", "")

	got := must(t, env.roles.UpdateDefaultRoles, setDefaults("owner", "user"))
	if creator := got.GetDefaultCreator(); creator.GetName() != "owner" || !creator.GetDefaultCreator() || sources(creator) != "a@owner" {
		t.Errorf("got %v", got)
	}
	if member := got.GetDefaultMember(); member.GetName() != "user" || !member.GetDefaultMember() || member.GetDefaultCreator() {
		t.Errorf("got %v", got)
	}
	if admin := env.readRole(t, "admin"); admin.GetDefaultCreator() {
		t.Error("admin is a default still")
	}
	must(t, env.roles.DeleteRole, deleteRole("admin", "")) // It was built in, but a default is what keeps a role.
	wantInvalid(t, "default role", env.roles.DeleteRole, deleteRole("owner", "member"))

	wantInvalid(t, "creator role must be specified", env.roles.UpdateDefaultRoles,
		&rolesv1.UpdateDefaultRolesRequest{DefaultMemberRole: new("user")})
	wantInvalid(t, "member role must be specified", env.roles.UpdateDefaultRoles,
		&rolesv1.UpdateDefaultRolesRequest{DefaultCreatorRole: new("user")})
	wantNotFound(t, env.roles.UpdateDefaultRoles, setDefaults("owner", "nobody"))
	wantNotFound(t, env.roles.UpdateDefaultRoles, setDefaults("guest", "user")) // A role of an organization.
	one := must(t, env.roles.UpdateDefaultRoles, &rolesv1.UpdateDefaultRolesRequest{
		DefaultCreator: &rolesv1.UpdateDefaultRole{Id: user.GetId()},
		DefaultMember:  &rolesv1.UpdateDefaultRole{Id: owner.GetId(), Name: new("user")},
	})
	if one.GetDefaultCreator().GetName() != "user" || !one.GetDefaultMember().GetDefaultCreator() {
		t.Errorf("got %v, want one role for both", one)
	}
	wantNotFound(t, env.roles.UpdateDefaultRoles, &rolesv1.UpdateDefaultRolesRequest{
		DefaultCreator: &rolesv1.UpdateDefaultRole{Id: "role_1"}, DefaultMemberRole: new("user"),
	})
}

func TestOrganizationDefaultRole(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	env.orgRole(t, acme, "guest", "")
	set := func(org, name string) *rolesv1.UpdateDefaultOrganizationRolesRequest {
		return &rolesv1.UpdateDefaultOrganizationRolesRequest{OrgId: org, DefaultMemberRole: name}
	}
	got := must(t, env.roles.UpdateDefaultOrganizationRoles, set(acme, "guest")).GetDefaultMember()
	if got.GetName() != "guest" || !got.GetDefaultMember() || !got.GetIsOrgRole() {
		t.Errorf("got %v", got)
	}
	for org, want := range map[string]string{acme: "admin member guest*", other: "admin member*"} {
		if got := env.roleNames(t, org); got != want {
			t.Errorf("roles %q, want %q", got, want)
		}
	}
	if !env.readRole(t, "member").GetDefaultMember() {
		t.Error("member is no default of the environment any more")
	}
	if got := env.rolesOf(t, acme, env.user(t, acme, "hank@acme.example")); got != "guest" {
		t.Errorf("a new member has %q, want guest", got)
	}
	if got := env.rolesOf(t, other, env.user(t, other, "ada@other.example")); got != "member" {
		t.Errorf("a new member has %q, want member", got)
	}
	wantNotFound(t, env.roles.UpdateDefaultOrganizationRoles, set(other, "guest"))
	wantNotFound(t, env.roles.UpdateDefaultOrganizationRoles, set("org_1", "member"))

	// An organization's default can be deleted. Its replacement takes its place, or else the environment's default.
	env.role(t, "extra", "")
	must(t, env.roles.DeleteOrganizationRole, deleteOrgRole(acme, "guest", "extra"))
	if got := env.roleNames(t, acme); got != "admin member extra*" {
		t.Errorf("after a delete with a replacement the roles are %q", got)
	}
	must(t, env.roles.DeleteRole, deleteRole("extra", "member"))
	if got := env.roleNames(t, acme); got != "admin member*" {
		t.Errorf("after the delete of a replacement the roles are %q", got)
	}
	env.orgRole(t, acme, "visitor", "")
	must(t, env.roles.UpdateDefaultOrganizationRoles, set(acme, "visitor"))
	must(t, env.roles.DeleteOrganizationRole, deleteOrgRole(acme, "visitor", ""))
	if got := env.roleNames(t, acme); got != "admin member*" {
		t.Errorf("after a delete without a replacement the roles are %q", got)
	}
}
