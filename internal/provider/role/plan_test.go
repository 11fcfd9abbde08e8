package role_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const engineerWithInvoices = `
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  permissions  = ["billing:read"]
}
`

func withEngineer() emulator.Options {
	return emulator.Options{Seed: &emulator.Seed{
		Permissions: []emulator.SeedPermission{{Name: "billing:read"}},
		Roles:       []emulator.SeedRole{{Name: "engineer", DisplayName: "Engineer"}},
		Organizations: []emulator.SeedOrganization{{
			ID: "org_1", DisplayName: "Globex",
			Roles: []emulator.SeedRole{{Name: "auditor", DisplayName: "Auditor"}},
			Users: []emulator.SeedUser{
				{Email: "ada@globex.example", Roles: []string{"engineer"}}, {Email: "bob@globex.example", Roles: []string{"engineer"}},
			},
		}},
	}}
}

func mustFail(t *testing.T, workspace *acctest.Workspace, command []string, texts ...string) {
	t.Helper()
	output, err := workspace.Run(append(command, "-no-color")...)
	if err == nil {
		t.Fatalf("%s succeeds:\n%s", strings.Join(command, " "), output)
	}
	acctest.MustContain(t, output, texts...)
}

func TestPlanFindsConflicts(t *testing.T) {
	t.Parallel()
	for name, conflict := range map[string]struct {
		resources  string
		complaints []string
		adopt      string
	}{
		"role": {
			engineerWithInvoices,
			[]string{"The key is taken", `Role "engineer" (role_`, "moved {", "terraform untaint scalekit_role.NAME", `import { to = scalekit_role.NAME id = "engineer" }`},
			"import {\n  to = scalekit_role.engineer\n  id = \"engineer\"\n}\n",
		},
		"organization role": {
			"resource \"scalekit_organization_role\" \"auditor\" {\norganization_id = \"org_1\"\nname = \"auditor\"\ndisplay_name = \"The auditor\"\n}\n",
			[]string{"The key is taken", `of organization org_1 already has the name "auditor"`, `import { to = scalekit_organization_role.NAME id = "org_1/auditor" }`},
			"import {\n  to = scalekit_organization_role.auditor\n  id = \"org_1/auditor\"\n}\n",
		},
		"permission": {
			"resource \"scalekit_permission\" \"billing\" {\nname = \"billing:read\"\ndescription = \"See invoices\"\n}\n",
			[]string{"The key is taken", `Permission "billing:read" (perm_`, `import { to = scalekit_permission.NAME id = "billing:read" }`},
			"import {\n  to = scalekit_permission.billing\n  id = \"billing:read\"\n}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, withEngineer())
			workspace := env.Workspace(t)
			workspace.Write(conflict.resources)
			mustFail(t, workspace, []string{"plan"}, conflict.complaints...)

			// Without plan checks the apply says the same, and has changed nothing.
			workspace.Configure(env.Provider("plan_checks = false"))
			workspace.Write(conflict.resources)
			env.Emulator.ResetRequests()
			if output, err := workspace.Run("plan", "-no-color"); err != nil {
				t.Fatalf("plan: %v\n%s", err, output)
			}
			for _, request := range env.Emulator.Requests() {
				if request.RPC != "oauth/token" {
					t.Errorf("the plan called %s", request.RPC)
				}
			}
			mustFail(t, workspace, []string{"apply", "-auto-approve"}, conflict.complaints...)

			workspace.Configure(env.Provider(""))
			workspace.Write(conflict.resources + conflict.adopt)
			acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 1 changed, 0 destroyed")
			workspace.MustBeClean()
		})
	}
}

// A permission that does not exist would be left out by the platform without a word.
func TestUnknownPermissionIsRefused(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{Permissions: []emulator.SeedPermission{{Name: "billing:read"}}}})
	workspace := env.Workspace(t)
	const wrong = `
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  permissions  = ["biling:read", "sk_org_sso_read", "entirely:unknown"]
}
`
	workspace.Write(wrong)
	output, err := workspace.Run("plan", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, `This environment has no permission "biling:read". Did you mean "billing:read"?`,
		`This environment has no permission "entirely:unknown". The platform leaves out`, "Otherwise the apply will refuse it.")
	mustFail(t, workspace, []string{"apply", "-auto-approve"}, `This environment has no permission "biling:read".`)
	workspace.Configure(env.Provider("plan_checks = false"))
	workspace.Write(wrong)
	mustFail(t, workspace, []string{"apply", "-auto-approve"}, `This environment has no permission "biling:read".`)
	if got := env.Emulator.Counts()["roles"]; got != 2 {
		t.Errorf("%d roles: the role was created all the same", got)
	}
	workspace.Configure(env.Provider(""))
	workspace.Write(strings.NewReplacer("biling:read", "billing:read", `, "entirely:unknown"`, "").Replace(wrong))
	workspace.MustApply()
	workspace.MustBeClean()
	workspace.Write(wrong)
	mustFail(t, workspace, []string{"apply", "-auto-approve"}, `This environment has no permission "biling:read".`)
}

// A permission and a base role that the same apply creates beforehand are no unknown ones.
func TestPlanKnowsPlannedPermissions(t *testing.T) {
	t.Parallel()
	for name, references := range map[string]string{
		"by reference":  "extends = scalekit_role.base.name\npermissions = [for p in scalekit_permission.all : p.name]",
		"by depends_on": "extends = \"zbase\"\npermissions = [\"billing:read\", \"billing:write\"]\ndepends_on = [scalekit_permission.all, scalekit_role.base]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{}).Workspace(t)
			workspace.Write(`
resource "scalekit_permission" "all" {
  for_each = toset(["billing:read", "billing:write"])
  name     = each.key
}
resource "scalekit_role" "base" {
  name         = "zbase"
  display_name = "Base"
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  ` + references + `
}`)
			if output := workspace.MustApply(); strings.Contains(output, "Warning") {
				t.Errorf("the apply warns:\n%s", output)
			}
			workspace.MustBeClean()
			if output, err := workspace.Destroy(); err != nil {
				t.Fatalf("destroy: %v\n%s", err, output)
			}
		})
	}
}

// A look-up that fails does not fail the plan.
func TestPlanCheckFails(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withEngineer())
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("max_retries = 0"))
	workspace.Write(engineerWithInvoices + "resource \"scalekit_permission\" \"billing\" {\nname = \"billing:read\"\n}\n")
	var faults []emulator.Fault
	for _, rpc := range []string{"GetRole", "GetPermission", "ListPermissions", "ListRoles"} {
		faults = append(faults, emulator.Fault{RPC: rpc, Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1})
	}
	if err := env.Emulator.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
	if output, err := workspace.Run("plan", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
}

// All roles of a plan share one look at the permissions.
func TestPlanListsPermissionsOnce(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(`
resource "scalekit_role" "all" {
  count        = 20
  name         = "role_${count.index}"
  display_name = "Role ${count.index}"
  permissions  = ["sk_org_sso_read"]
}`)
	if output, err := workspace.Run("plan", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	lists := 0
	for _, request := range env.Emulator.Requests() {
		if request.RPC == "ListPermissions" {
			lists++
		}
	}
	if lists != 1 {
		t.Errorf("the plan listed the permissions %d times", lists)
	}
}

func TestDestroyOfRoleInUse(t *testing.T) {
	t.Parallel()
	const adopt = "import {\n  to = scalekit_role.engineer\n  id = \"engineer\"\n}\n"
	workspace := acctest.StartEmulator(t, withEngineer()).Workspace(t)
	workspace.Write(engineerWithInvoices + adopt + `
resource "scalekit_role" "lead" {
  name         = "lead"
  display_name = "Lead"
  extends      = scalekit_role.engineer.name
}`)
	workspace.MustApply()
	output, err := workspace.Run("plan", "-destroy", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, `Role "engineer" will be deleted`, "2 users have it and 1 role extends it.", "Set reassign_role_name")

	mustFail(t, workspace, []string{"destroy", "-auto-approve", "-target=" + engineer}, "Could not delete role engineer", "2 users have it.",
		"Set reassign_role_name to the role that takes its place")

	workspace.Write(strings.Replace(engineerWithInvoices, "permissions ", "reassign_role_name = \"member\"\npermissions ", 1))
	workspace.MustApply()
	workspace.MustBeClean()
	output, err = workspace.Destroy()
	if err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, `2 users have it. Role "member" takes its place`)
}

// The role to hand the users over to may be gone. Then it matters whether there are users.
func TestReassignToMissingRole(t *testing.T) {
	t.Parallel()
	for name, users := range map[string][]emulator.SeedUser{
		"no users": nil, "a user": {{Email: "ada@globex.example", Roles: []string{"engineer"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{
				Roles:         []emulator.SeedRole{{Name: "engineer", DisplayName: "Engineer"}},
				Organizations: []emulator.SeedOrganization{{ID: "org_1", DisplayName: "Globex", Users: users}},
			}})
			workspace := env.Workspace(t)
			workspace.Write(`
import {
  to = scalekit_role.engineer
  id = "engineer"
}
resource "scalekit_role" "engineer" {
  name               = "engineer"
  display_name       = "Engineer"
  reassign_role_name = "nobody"
}`)
			workspace.MustApply()
			output, err := workspace.Destroy()
			switch {
			case users == nil && err != nil:
				t.Errorf("destroy: %v\n%s", err, output)
			case users != nil && err == nil:
				t.Errorf("the destroy succeeds:\n%s", output)
			case users != nil:
				acctest.MustContain(t, output, "Could not delete role engineer", `reassign_role_name is "nobody" as the state has it`)
			}
		})
	}
}

// A plan waits once for an environment that does not answer, and not once for each role.
func TestPlanWaitsOnceForAnEnvironment(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("max_retries = 0\n  request_timeout = \"1s\""))
	workspace.Write(`
resource "scalekit_role" "all" {
  count        = 30
  name         = "role_${count.index}"
  display_name = "Role ${count.index}"
}`)
	if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "GetRole", Kind: emulator.FaultHang, Count: -1}}); err != nil {
		t.Fatal(err)
	}
	const parallel = 10
	if output, err := workspace.Run("plan", "-no-color", "-input=false", "-parallelism=10"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	if got := env.Calls("GetRole"); got > parallel {
		t.Errorf("the plan looked for %d of 30 names", got)
	}
}

// Roles that extend one base share one list of roles.
func TestManyRolesAreListedOnce(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(`
resource "scalekit_role" "all" {
  count        = 40
  name         = "role_${count.index}"
  display_name = "Role ${count.index}"
  extends      = "member"
}`)
	env.Emulator.ResetRequests()
	workspace.MustApply()
	if got := env.Calls("ListRoles"); got > 2 { // for the plan, and for the apply
		t.Errorf("the roles are listed %d times", got)
	}
}
