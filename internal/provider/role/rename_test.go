package role_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func organizationOf(i int) string { return fmt.Sprintf("org_1%017d", i) }
func directoryOf(i int) string    { return fmt.Sprintf("dir_1%017d", i) }
func groupOf(i int) string        { return fmt.Sprintf("dirgroup_1%017d", i) }

// inUse is an environment with roles r0_old, r1_old and so on. Each has a user of its own and a directory with a group of
// one person.
func inUse(count int, quirks emulator.Quirks) emulator.Options {
	seed := &emulator.Seed{}
	for i := range count {
		role := fmt.Sprintf("r%d_old", i)
		seed.Roles = append(seed.Roles, emulator.SeedRole{Name: role, DisplayName: role})
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
			ID: organizationOf(i), DisplayName: "Customer", Users: []emulator.SeedUser{
				{Email: fmt.Sprintf("direct%d@acme.example", i), Roles: []string{role}},
			},
			Domains: []emulator.SeedDomain{{Domain: fmt.Sprintf("acme%d.example", i)}},
			Directories: []emulator.SeedDirectory{{
				ID: directoryOf(i), Groups: []emulator.SeedDirectoryGroup{{ID: groupOf(i), DisplayName: "Engineering"}},
				Users: []emulator.SeedDirectoryUser{{Email: fmt.Sprintf("ada%d@acme%d.example", i, i), Groups: []string{"Engineering"}}},
			}},
		})
	}
	return emulator.Options{Seed: seed, Quirks: quirks}
}

func adoptRoles(count int) string {
	var blocks strings.Builder
	for i := range count {
		fmt.Fprintf(&blocks, "import {\n  to = scalekit_role.r[\"%d\"]\n  id = \"r%d_old\"\n}\n", i, i)
	}
	return blocks.String()
}

// usedRoles declares the roles of inUse, under names that end in the suffix, and all that can use one.
func usedRoles(count int, suffix string) string {
	return fmt.Sprintf(`
locals { all = toset([for i in range(%d) : tostring(i)]) }
resource "scalekit_role" "r" {
  for_each     = local.all
  name         = "r${each.key}_%s"
  display_name = "Role ${each.key}"
  permissions  = ["sk_org_sso_read"]
}
resource "scalekit_directory_role_assignments" "d" {
  for_each         = local.all
  organization_id  = format("org_1%%017d", each.key)
  directory_id     = format("dir_1%%017d", each.key)
  role_by_group_id = { (format("dirgroup_1%%017d", each.key)) = scalekit_role.r[each.key].name }
}
resource "scalekit_role" "lead" {
  name         = "lead"
  display_name = "Lead"
  extends      = scalekit_role.r["0"].name
  permissions  = ["sk_org_scim_read"]
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = scalekit_role.r["0"].name
  default_member_role  = "member"
}
resource "scalekit_organization_role" "clerk" {
  organization_id = "%s"
  name            = "clerk_%s"
  display_name    = "Clerk"
  extends         = scalekit_role.r["0"].name
}
resource "scalekit_organization_default_role" "clerk" {
  organization_id     = "%s"
  default_member_role = scalekit_organization_role.clerk.name
}
`, count, suffix, organizationOf(0), suffix, organizationOf(0))
}

// holders are the users who have a role directly or by a directory, and the groups that have it.
func holders(t *testing.T, env *acctest.Env, role string, i int) (users int, groups []string) {
	t.Helper()
	counted, err := env.Client().Roles.GetRoleUsersCount(t.Context(), connect.NewRequest(&rolesv1.GetRoleUsersCountRequest{RoleName: role}))
	if err != nil && connect.CodeOf(err) != connect.CodeNotFound {
		t.Fatal(err)
	}
	if err == nil {
		users = int(counted.Msg.GetCount())
	}
	directory, err := env.Client().Directories.GetDirectory(t.Context(), connect.NewRequest(&directoriesv1.GetDirectoryRequest{
		OrganizationId: organizationOf(i), Id: directoryOf(i),
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, assignment := range directory.Msg.GetDirectory().GetRoleAssignments().GetAssignments() {
		if assignment.GetRoleName() == role {
			groups = append(groups, assignment.GetGroupId())
		}
	}
	return users, groups
}

// A changed name renames a role: whoever has it keeps it, in one apply, however the apply is made.
func TestRenameCarriesHoldersAlong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		count    int
		settings string
		quirks   emulator.Quirks
		apply    func(*acctest.Workspace) (string, error)
	}{
		"one, one at a time":   {count: 1, apply: applying("-parallelism=1")},
		"one":                  {count: 1, apply: applying("-parallelism=10")},
		"ten, one at a time":   {count: 10, apply: applying("-parallelism=1")},
		"thirty":               {count: 30, apply: applying("-parallelism=10")},
		"from a saved plan":    {count: 2, apply: applyingSavedPlan},
		"without plan checks":  {count: 2, apply: applying("-parallelism=10"), settings: "plan_checks = false"},
		"with a target":        {count: 2, apply: applyingTarget},
		"mappings keep none":   {count: 2, apply: applying("-parallelism=10"), quirks: emulator.Quirks{MappingsKeepNoRoles: true}},
		"kept defaults":        {count: 2, apply: applying("-parallelism=10"), quirks: emulator.Quirks{KeepsOrganizationDefaults: true}},
		"no organization role": {count: 2, apply: applying("-parallelism=10"), quirks: emulator.Quirks{ListRolesEnvironmentOnly: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, inUse(test.count, test.quirks))
			workspace := env.Workspace(t)
			workspace.Configure(env.Provider(test.settings))
			workspace.Write(usedRoles(test.count, "old") + adoptRoles(test.count))
			workspace.MustApply()
			usersBefore := make([]int, test.count)
			for i := range test.count {
				usersBefore[i], _ = holders(t, env, fmt.Sprintf("r%d_old", i), i)
			}

			env.Emulator.ResetRequests()
			workspace.Write(usedRoles(test.count, "new"))
			output, err := test.apply(workspace)
			if err != nil {
				t.Fatalf("apply: %v\n%s", err, output)
			}
			if strings.Contains(output, "must be replaced") {
				t.Errorf("something is replaced:\n%s", output)
			}
			workspace.MustBeClean()
			for i := range test.count {
				role := fmt.Sprintf("r%d_new", i)
				users, groups := holders(t, env, role, i)
				if users != usersBefore[i] || !slices.Equal(groups, []string{groupOf(i)}) {
					t.Errorf("%s is had by %d users and the groups %v; before it were %d users", role, users, groups, usersBefore[i])
				}
			}
			if got := env.Emulator.Counts()["roles"]; got != test.count+4 { // admin, member, lead, clerk
				t.Errorf("there are %d roles", got)
			}
			if creator, member := defaults(t, env); creator != "r0_new" || member != "member" {
				t.Errorf("the defaults are %s and %s", creator, member)
			}
			mustHavePermissions(t, env, "lead", "sk_org_scim_read")
			if extends := getRole(t, env, "lead").GetExtends(); extends != "r0_new" {
				t.Errorf("the role lead extends %s", extends)
			}
			mustMoveBeforeDelete(t, env)
		})
	}
}

// mustMoveBeforeDelete fails unless every role is created before anything moves to it, and moved before the old one goes.
func mustMoveBeforeDelete(t *testing.T, env *acctest.Env) {
	t.Helper()
	created, deleted := 0, 0
	for _, request := range env.Emulator.Requests() {
		switch request.RPC {
		case "CreateRole":
			created++
		case "DeleteRole":
			if deleted++; deleted > created {
				t.Error("a role is deleted before its successor is created")
			}
		}
	}
}

func applying(argument string) func(*acctest.Workspace) (string, error) {
	return func(w *acctest.Workspace) (string, error) {
		return w.Run("apply", "-auto-approve", "-input=false", "-no-color", argument)
	}
}

func applyingSavedPlan(w *acctest.Workspace) (string, error) {
	if output, err := w.Run("plan", "-out=plan", "-input=false", "-no-color"); err != nil {
		return output, err
	}
	return w.Run("apply", "-input=false", "-no-color", "plan")
}

// applyingTarget renames the roles first, and lets what refers to them follow.
func applyingTarget(w *acctest.Workspace) (string, error) {
	if output, err := w.Run("apply", "-auto-approve", "-input=false", "-no-color", "-target=scalekit_role.r"); err != nil {
		return output, err
	}
	return w.Apply()
}

// A name that another role has is refused, at plan and at apply, and that role is left alone.
func TestRenameToATakenName(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]string{"plan checks": "", "no plan checks": "plan_checks = false"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, withEngineer())
			workspace := env.Workspace(t)
			workspace.Configure(env.Provider(settings))
			const clerk = "resource \"scalekit_role\" \"clerk\" {\nname = \"%s\"\ndisplay_name = \"Engineer\"\n}\n"
			workspace.Write(fmt.Sprintf(clerk, "clerk"))
			workspace.MustApply()
			before := getRole(t, env, "engineer")
			workspace.Write(fmt.Sprintf(clerk, "engineer"))
			mustFail(t, workspace, []string{"apply", "-auto-approve"}, "The key is taken", `Role "engineer" (role_`)
			if after := getRole(t, env, "engineer"); after.GetId() != before.GetId() {
				t.Error("the other role was replaced")
			}
			getRole(t, env, "clerk")
			if users, _ := env.Client().Roles.GetRoleUsersCount(t.Context(), connect.NewRequest(&rolesv1.GetRoleUsersCountRequest{RoleName: "engineer"})); users.Msg.GetCount() != 2 {
				t.Error("the other role has lost its users")
			}
		})
	}
}

// What a failed rename has made is used by the next apply, and only that: a role of the same name that somebody else has
// made in its place is refused.
func TestRenameGoesOn(t *testing.T) {
	t.Parallel()
	for name, rival := range map[string]bool{"undisturbed": false, "somebody makes the role anew": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, inUse(1, emulator.Quirks{}))
			workspace := env.Workspace(t)
			workspace.Write(usedRoles(1, "old") + adoptRoles(1))
			workspace.MustApply()
			workspace.Write(usedRoles(1, "new"))
			if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "AssignRoles", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Count: 1}}); err != nil {
				t.Fatal(err)
			}
			mustFail(t, workspace, []string{"apply", "-auto-approve"}, "Could not rename role r0_old to r0_new")
			made := getRole(t, env, "r0_new")
			if rival {
				deleteRole(t, env, "r0_new")
				if _, err := env.Client().Roles.CreateRole(t.Context(), connect.NewRequest(&rolesv1.CreateRoleRequest{
					Role: &rolesv1.CreateRole{Name: "r0_new", DisplayName: "Role 0", Permissions: []string{"sk_org_sso_read"}},
				})); err != nil {
					t.Fatal(err)
				}
				mustFail(t, workspace, []string{"apply", "-auto-approve"}, "The key is taken")
				getRole(t, env, "r0_old")
				return
			}
			workspace.MustApply()
			workspace.MustBeClean()
			if now := getRole(t, env, "r0_new"); now.GetId() != made.GetId() {
				t.Error("the role was made twice")
			}
		})
	}
}
