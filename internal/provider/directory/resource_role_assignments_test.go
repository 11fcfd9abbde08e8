package directory_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const allID = orgID + "/" + dirID

func importAs(address, id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}

func TestRoleAssignments(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]emulator.Quirks{"as inferred": {}, "roles of the environment alone are listed": {ListRolesEnvironmentOnly: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startSeeded(t, quirks)
			workspace := env.Workspace(t)
			for _, pairs := range [][]string{
				{engID, "engineer"}, {engID, "engineer", salesID, "seller"}, {engID, "admin", itID, "buyer"}, {}, {engID, "engineer", salesID, "engineer"},
			} {
				workspace.Write(whole(pairs...))
				workspace.MustApply()
				workspace.MustBeClean()
				mustHaveRoles(t, env, pairs...)
			}
			output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace=scalekit_directory_role_assignments.all")
			if err != nil {
				t.Fatalf("replace: %v\n%s", err, output)
			}
			if output, err = workspace.Run("taint", "scalekit_directory_role_assignments.all"); err != nil {
				t.Fatalf("taint: %v\n%s", err, output)
			}
			workspace.MustApply()
			workspace.MustBeClean()
			mustHaveRoles(t, env, engID, "engineer", salesID, "engineer")
			mustDestroy(t, workspace)
			mustHaveRoles(t, env)
		})
	}
}

func TestRoleAssignmentsReplaceCreatingFirst(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	config := block("role_assignments", "all", fmt.Sprintf("role_by_group_id = { %q = \"engineer\" }\nlifecycle {\n create_before_destroy = true\n}", engID)) +
		block("role_assignment", "none", "group_id = \"dirgroup_1\"\nrole_name = \"engineer\"\ncount = 0")
	workspace.Write(config)
	workspace.MustApply()
	if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace=scalekit_directory_role_assignments.all"); err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	workspace.MustBeClean()
	mustHaveRoles(t, env, engID, "engineer")
}

func TestRoleAssignmentsDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(whole(engID, "engineer", salesID, "seller"))
	workspace.MustApply()

	for _, pairs := range [][]string{{}, {engID, "admin"}, {engID, "engineer", salesID, "seller", itID, "buyer"}} {
		assign(t, env, pairs...)
		acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
		workspace.MustBeClean()
		mustHaveRoles(t, env, engID, "engineer", salesID, "seller")
	}

	// A group that the identity provider has removed is warned of, and is in nobody's way.
	deleteGroup(t, env, salesID)
	workspace.MustBeClean()
	mustContainInPlan(t, workspace, "Warning: A group of the directory is gone", fmt.Sprintf("Directory %s has no group %s any more", dirID, salesID))
	workspace.Write(whole(engID, "admin", salesID, "seller"))
	workspace.MustApply()
	workspace.MustBeClean()
	mustHaveRoles(t, env, engID, "admin")
	workspace.Write(whole(engID, "engineer"))
	workspace.MustApply()
	workspace.MustBeClean()

	deleteDirectory(t, env, orgID, dirID)
	mustDestroy(t, workspace)
}

func TestRoleAssignmentsImport(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	assign(t, env, engID, "engineer", itID, "admin")
	workspace := env.Workspace(t)
	config := whole(engID, "engineer", itID, "admin")
	workspace.Write(config + importAs("scalekit_directory_role_assignments.all", allID))
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()

	identity := map[string]string{"organization_id": orgID, "directory_id": dirID}
	if _, got := protocol.Start(t, env).ImportByIdentity("scalekit_directory_role_assignments", identity); !maps.Equal(got, identity) {
		t.Errorf("the imported role assignments have the identity %v", got)
	}
	for id, complaint := range map[string]string{
		dirID:                             "is not an import id of a directory's role assignments",
		orgID + "/dir_999999999999999999": "Cannot import non-existent remote object",
	} {
		workspace := env.Workspace(t)
		workspace.Write(config + importAs("scalekit_directory_role_assignments.all", id))
		mustFailPlan(t, workspace, complaint)
	}
}

// What somebody else has assigned is not taken over but by an import, which the error gives.
func TestRoleAssignmentsRefuseForeignOnes(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]string{"plan": "", "apply": "plan_checks = false"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startSeeded(t, emulator.Quirks{})
			assign(t, env, engID, "engineer", itID, "admin")
			workspace := env.Workspace(t)
			workspace.Configure(env.Provider(provider))
			workspace.Write(whole(engID, "engineer", salesID, "seller"))
			complaints := []string{
				"The directory has other role assignments", fmt.Sprintf("that are not in role_by_group_id: { %q = \"admin\" }", itID),
				"import { to = scalekit_directory_role_assignments.NAME id = \"" + allID + "\"",
			}
			if provider == "" {
				mustFailPlan(t, workspace, complaints...)
			} else {
				mustFail(t, workspace, complaints...)
			}
			mustHaveRoles(t, env, engID, "engineer", itID, "admin")
			workspace.Write(whole(engID, "engineer", salesID, "seller") + importAs("scalekit_directory_role_assignments.all", allID))
			acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 1 changed, 0 destroyed")
			workspace.MustBeClean()
			mustHaveRoles(t, env, engID, "engineer", salesID, "seller")
		})
	}
}

// A role assignment that is there already as it is declared is nobody else's concern.
func TestRoleAssignmentsAdoptEqualOnes(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	assign(t, env, engID, "engineer")
	workspace := env.Workspace(t)
	workspace.Write(whole(engID, "engineer", salesID, "seller"))
	workspace.MustApply()
	workspace.MustBeClean()
}

// A platform that only adds is found out, and told of.
func TestRoleAssignmentsOnPlatformThatMerges(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{AssignRolesMerges: true})
	workspace := env.Workspace(t)
	workspace.Write(whole(engID, "engineer", salesID, "seller"))
	workspace.MustApply()
	workspace.MustBeClean()
	workspace.Write(whole(engID, "admin"))
	mustFail(t, workspace, "kept role assignments that are not in the configuration", fmt.Sprintf("{ %q = \"seller\" }", salesID))
	workspace.Write(whole(engID, "admin", salesID, "seller"))
	workspace.MustApply()
	workspace.MustBeClean()
	acctest.MustContain(t, mustDestroy(t, workspace), "The platform kept role assignments", "this environment adds role assignments and does not remove them")
}

func TestRoleAssignmentsRefuseInvalidValues(t *testing.T) {
	t.Parallel()
	workspace := startSeeded(t, emulator.Quirks{}).Workspace(t)
	for config, complaint := range map[string]string{
		whole("Engineering", "engineer"):      `must be an id that begins with "dirgroup_"`,
		whole(engID, "not a role"):            `must be 1 to 64 letters, digits and underscores`,
		single("one", "dir_1", "engineer"):    `must be an id that begins with "dirgroup_"`,
		single("one", engID, ""):              `must be 1 to 64 letters, digits and underscores`,
		whole(engID, fmt.Sprintf("%065d", 0)): `must be 1 to 64 letters, digits and underscores`,
	} {
		workspace.Write(config)
		mustFailPlan(t, workspace, complaint)
	}
}

// Groups and roles that do not exist are found by the plan.
func TestRoleAssignmentsCheckExistence(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	missingID := "dirgroup_11111111111111119"
	workspace := env.Workspace(t)
	for _, config := range []string{whole(engID, "enginee", missingID, "seller"), single("a", engID, "enginee") + single("b", missingID, "seller")} {
		workspace.Write(config)
		mustFailPlan(t, workspace,
			"Warning: The role does not exist", `has a role "enginee". Did you mean "engineer"?`,
			"The group does not exist", fmt.Sprintf("Directory %s has no group %q. Did you mean", dirID, missingID), `"Engineering" (`+engID+")")
	}

	// The apply says so, too, at the attribute.
	workspace.Configure(env.Provider("plan_checks = false"))
	workspace.Write(whole(engID, "enginee"))
	mustFail(t, workspace, "Error: The role does not exist", `has a role "enginee". Did you mean "engineer"?`)

	// A look-up that fails does not fail the plan.
	workspace.Configure(env.Provider("max_retries = 0"))
	if err := env.Emulator.SetFaults([]emulator.Fault{
		{RPC: "ListDirectoryGroups", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1},
		{RPC: "ListOrganizationRoles", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1},
	}); err != nil {
		t.Fatal(err)
	}
	workspace.Write(whole(engID, "engineer"))
	workspace.MustApply()
	workspace.MustBeClean()
}

// A role may be created by the same plan, for the environment or for the organization.
func TestRoleAssignmentsWithPlannedRoles(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	roles := fmt.Sprintf(`
resource "scalekit_role" "owner" {
  name         = "owner"
  display_name = "Owner"
}
resource "scalekit_organization_role" "guest" {
  organization_id = %q
  name            = "guest"
  display_name    = "Guest"
}
`, orgID)
	workspace.Write(roles + block("role_assignments", "all", fmt.Sprintf(
		"role_by_group_id = {\n%q = scalekit_role.owner.name\n%q = scalekit_organization_role.guest.name\n}", engID, itID)))
	workspace.MustApply()
	workspace.MustBeClean()
	mustHaveRoles(t, env, engID, "owner", itID, "guest")

	// The other form, in one apply.
	workspace.Write(roles + block("role_assignment", "a", fmt.Sprintf("group_id = %q\nrole_name = scalekit_role.owner.name", engID)) +
		block("role_assignment", "b", fmt.Sprintf("group_id = %q\nrole_name = scalekit_organization_role.guest.name", itID)))
	workspace.MustApply()
	workspace.MustBeClean()
	mustHaveRoles(t, env, engID, "owner", itID, "guest")

	// All of it goes in one apply.
	mustDestroy(t, workspace)
	mustHaveRoles(t, env)
}

// The plan reports a mapping that is declared as a whole and in parts.
func TestBothForms(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(whole(engID, "engineer") + single("sales", salesID, "seller"))
	mustFailPlan(t, workspace, "The role assignments are declared twice", "Keep one form.")

	// Where the directory is created in the same run, its id is known in time to refuse the second form.
	const directory = `
resource "scalekit_organization" "new" {
  display_name = "New"
}
resource "scalekit_directory" "new" {
  organization_id = scalekit_organization.new.id
}
resource "scalekit_directory_role_assignments" "new" {
  organization_id  = scalekit_organization.new.id
  directory_id     = scalekit_directory.new.id
  role_by_group_id = {}
}
resource "scalekit_directory_role_assignment" "new" {
  organization_id = scalekit_organization.new.id
  directory_id    = scalekit_directory.new.id
  group_id        = "dirgroup_11111111111111111"
  role_name       = "engineer"
}
`
	workspace.Write(directory)
	if output, err := workspace.Run("plan", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	mustFail(t, workspace, "The role assignments are declared twice")
}

// Going from one form to the other is one apply, in both directions.
func TestChangeOfForm(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	for range 3 {
		for _, config := range []string{
			whole(engID, "engineer", salesID, "seller"),
			single("eng", engID, "engineer") + single("sales", salesID, "seller"),
			single("engineers", engID, "engineer") + single("sellers", salesID, "seller"), // other addresses
		} {
			workspace.Write(config)
			workspace.MustApply()
			workspace.MustBeClean()
			mustHaveRoles(t, env, engID, "engineer", salesID, "seller")
		}
	}
}
