package provider_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const removalSeed = `{"organizations": [{
  "id": "org_100000000000000001", "display_name": "Globex", "external_id": "globex",
  "directories": [{"id": "dir_100000000000000001", "groups": [{"id": "dirgroup_100000000000000001", "display_name": "Engineering"}]}]
}]}`

// A role, a group's mapping to it, the directory and the organization: with references between them, and without.
const (
	removedWithReferences = `
resource "scalekit_organization" "globex" {
  display_name = "Globex"
  external_id  = "globex"
}
resource "scalekit_directory" "globex" {
  organization_id = scalekit_organization.globex.id
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
}
resource "scalekit_directory_role_assignments" "globex" {
  organization_id  = scalekit_organization.globex.id
  directory_id     = scalekit_directory.globex.id
  role_by_group_id = { dirgroup_100000000000000001 = scalekit_role.engineer.name }
}
`
	removedImports = `
import {
  to = scalekit_organization.globex
  id = "org_100000000000000001"
}
import {
  to = scalekit_directory.globex
  id = "org_100000000000000001/dir_100000000000000001"
}
`
)

// removedWithoutReferences declares the same by names alone, so that Terraform knows no order.
var removedWithoutReferences = strings.NewReplacer(
	"scalekit_organization.globex.id", `"org_100000000000000001"`,
	"scalekit_directory.globex.id", `"dir_100000000000000001"`,
	"scalekit_role.engineer.name", `"engineer"`,
).Replace(removedWithReferences)

// They go in one apply, whatever is removed together, without an error and without a second apply.
func TestRemovedTogether(t *testing.T) {
	t.Parallel()
	resources := strings.Split(strings.TrimSpace(removedWithReferences), "\nresource ")
	for i, one := range resources {
		resources[i] = "resource " + strings.TrimPrefix(one, "resource ") + "\n"
	}
	for name, configuration := range map[string]string{"with references": removedWithReferences, "without references": removedWithoutReferences} {
		for removed, rest := range map[string]string{
			"everything":                  "",
			"role and mapping":            resources[0] + resources[1],
			"mapping and directory":       resources[0] + resources[2],
			"all but the role":            resources[2],
			"role, mapping and directory": resources[0],
		} {
			t.Run(name+"/"+removed, func(t *testing.T) {
				t.Parallel()
				env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, removalSeed)})
				workspace := env.Workspace(t)
				before := configuration
				if name == "without references" {
					rest = strings.ReplaceAll(rest, "scalekit_organization.globex.id", `"org_100000000000000001"`)
					// By names alone Terraform creates in any order as well.
					before = strings.Replace(before, `resource "scalekit_directory_role_assignments" "globex" {`,
						`resource "scalekit_directory_role_assignments" "globex" {`+"\n  depends_on = [scalekit_role.engineer]", 1)
				}
				workspace.Write(before + removedImports)
				workspace.MustApply()
				if name == "without references" {
					workspace.Write(configuration) // and from now on it knows no order
					workspace.MustApply()
				}
				workspace.Write(rest)
				workspace.MustApply()
				workspace.MustBeClean()
			})
		}
	}
}

// A role goes in the same apply in which its groups get another one, or none.
func TestMappingMovesOffARemovedRole(t *testing.T) {
	t.Parallel()
	const single = `
resource "scalekit_directory_role_assignment" "globex" {
  organization_id = scalekit_organization.globex.id
  directory_id    = scalekit_directory.globex.id
  group_id        = "dirgroup_100000000000000001"
  role_name       = scalekit_role.engineer.name
}
`
	begin := strings.Index(removedWithReferences, `resource "scalekit_role"`)
	end := strings.Index(removedWithReferences, `resource "scalekit_directory_role_assignments"`)
	rest, role, whole := removedWithReferences[:begin], removedWithReferences[begin:end], removedWithReferences[end:]
	for name, move := range map[string]struct{ before, after string }{
		"to another role":          {whole, strings.Replace(whole, "scalekit_role.engineer.name", `"admin"`, 1)},
		"to none":                  {whole, strings.Replace(whole, "{ dirgroup_100000000000000001 = scalekit_role.engineer.name }", "{}", 1)},
		"one by one":               {single, strings.Replace(single, "scalekit_role.engineer.name", `"admin"`, 1)},
		"to a role made meanwhile": {whole, strings.Replace(whole, "engineer.name", "builder.name", 1) + strings.ReplaceAll(role, "engineer", "builder")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, removalSeed)})
			workspace := env.Workspace(t)
			workspace.Write(rest + role + move.before + removedImports)
			workspace.MustApply()
			workspace.Write(rest + move.after)
			workspace.MustApply()
			workspace.MustBeClean()
		})
	}
}
