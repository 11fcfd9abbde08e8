package role_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// mappedRoles declares roles and what directories map to them; the roles are left out if to is not "", which the groups
// get instead.
func mappedRoles(count int, single bool, to string) string {
	role := "scalekit_role.r[each.key].name"
	resources := fmt.Sprintf("locals { all = toset([for i in range(%d) : tostring(i)]) }\n", count)
	if to == "" {
		resources += `
resource "scalekit_role" "r" {
  for_each     = local.all
  name         = "mapped${each.key}"
  display_name = "Role ${each.key}"
}
`
	} else {
		role = fmt.Sprintf("%q", to)
	}
	if single {
		return resources + `
resource "scalekit_directory_role_assignment" "d" {
  for_each         = local.all
  organization_id  = format("org_1%017d", each.key)
  directory_id     = format("dir_1%017d", each.key)
  group_id         = format("dirgroup_1%017d", each.key)
  role_name        = ` + role + "\n}\n"
	}
	return resources + `
resource "scalekit_directory_role_assignments" "d" {
  for_each         = local.all
  organization_id  = format("org_1%017d", each.key)
  directory_id     = format("dir_1%017d", each.key)
  role_by_group_id = { (format("dirgroup_1%017d", each.key)) = ` + role + " }\n}\n"
}

// A role goes in the change that takes its mapping entries away, or gives the groups another role, in one apply.
func TestRemovalEndsWhatARoleGave(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		count, parallelism int
		single             bool
		quirks             emulator.Quirks
	}{
		{count: 1, parallelism: 1},
		{count: 1, parallelism: 10, single: true},
		{count: 10, parallelism: 1, single: true},
		{count: 10, parallelism: 10},
		{count: 30, parallelism: 1},
		{count: 30, parallelism: 10, single: true},
		{count: 2, parallelism: 10, quirks: emulator.Quirks{MappingsKeepNoRoles: true}},
	} {
		for name, after := range map[string]string{"gone together": "", "moved": mappedRoles(test.count, test.single, "member")} {
			t.Run(fmt.Sprintf("%s/%d/%d/%t", name, test.count, test.parallelism, test.single), func(t *testing.T) {
				t.Parallel()
				env := acctest.StartEmulator(t, inUse(test.count, test.quirks))
				workspace := env.Workspace(t)
				workspace.Write(mappedRoles(test.count, test.single, ""))
				workspace.MustApply()
				workspace.Write(after)
				output, err := applying(fmt.Sprintf("-parallelism=%d", test.parallelism))(workspace)
				if err != nil {
					t.Fatalf("apply: %v\n%s", err, output)
				}
				if test.count == 1 {
					acctest.MustContain(t, output, `Role "mapped0" will be deleted`, "1 group with 1 person in directories loses it.")
				}
				workspace.MustBeClean()
				if got := env.Emulator.Counts()["roles"]; got != 2+test.count {
					t.Errorf("there are %d roles", got)
				}
				want := ""
				if after != "" {
					want = "member"
				}
				for i := range test.count {
					if _, groups := holders(t, env, "member", i); (len(groups) == 1) != (want != "") {
						t.Errorf("the groups %v have the role member", groups)
					}
				}
			})
		}
	}
}

// Only the groups that have the role lose it.
func TestRemovalLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	options := inUse(1, emulator.Quirks{})
	directory := &options.Seed.Organizations[0].Directories[0]
	directory.Groups = append(directory.Groups, emulator.SeedDirectoryGroup{ID: groupOf(7), DisplayName: "IT"})
	env := acctest.StartEmulator(t, options)
	workspace := env.Workspace(t)
	assignment := `
resource "scalekit_directory_role_assignment" "it" {
  organization_id = "` + organizationOf(0) + `"
  directory_id    = "` + directoryOf(0) + `"
  group_id        = "` + groupOf(7) + `"
  role_name       = "admin"
}
`
	workspace.Write(mappedRoles(1, true, "") + assignment)
	workspace.MustApply()
	workspace.Write(assignment)
	workspace.MustApply()
	workspace.MustBeClean()
	if _, groups := holders(t, env, "admin", 0); len(groups) != 1 {
		t.Errorf("the groups %v have the other role", groups)
	}
}

// Planning many removals takes the calls of their look-ups, and one sweep for all.
func TestPlanOfManyRemovals(t *testing.T) {
	t.Parallel()
	const count = 50
	env := acctest.StartEmulator(t, inUse(3, emulator.Quirks{}))
	workspace := env.Workspace(t)
	workspace.Write(fmt.Sprintf(`
resource "scalekit_role" "r" {
  count        = %d
  name         = "unused${count.index}"
  display_name = "Unused"
}`, count))
	workspace.MustApply()
	workspace.Write("")
	env.Emulator.ResetRequests()
	output, err := workspace.Run("plan", "-no-color", "-input=false")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	if strings.Contains(output, "Warning") {
		t.Errorf("nobody has the roles, and the plan warns:\n%s", output)
	}
	const perRole, sweep = 3, 6 // read, looked at, counted; the organizations, a call for each, and tokens
	if got := len(env.Emulator.Requests()); got > perRole*count+sweep {
		t.Errorf("the plan makes %d calls", got)
	}
}
