package role_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// The built-in roles and permissions that every environment has.
const (
	builtInRoles       = 2
	builtInPermissions = 12
)

// readSeed is an environment with so many permissions and roles, and an organization with so many roles more.
func readSeed(count int) *emulator.Seed {
	seed := &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: "org_100000000000000000", DisplayName: "Acme"},
		{DisplayName: "Globex", Roles: []emulator.SeedRole{{Name: "globex_role"}}},
	}}
	for i := range count {
		seed.Permissions = append(seed.Permissions, emulator.SeedPermission{Name: fmt.Sprintf("thing%d:read", i)})
		seed.Roles = append(seed.Roles, emulator.SeedRole{Name: fmt.Sprintf("role_%d", i)})
		seed.Organizations[0].Roles = append(seed.Organizations[0].Roles, emulator.SeedRole{Name: fmt.Sprintf("own_role_%d", i)})
	}
	return seed
}

const readEverything = `
data "scalekit_roles" "all" {}
data "scalekit_organization_roles" "all" {
  organization_id = "org_100000000000000000"
}
data "scalekit_permissions" "all" {}
data "scalekit_permissions" "environment" { type = "ENVIRONMENT" }
data "scalekit_permissions" "scalekit" { type = "SCALEKIT" }
output "counts" {
  value = join(" ", [
    length(data.scalekit_roles.all.roles), length(data.scalekit_roles.all.ids_by_name),
    length(data.scalekit_organization_roles.all.roles), length(data.scalekit_organization_roles.all.ids_by_name),
    length(data.scalekit_permissions.all.permissions), length(data.scalekit_permissions.all.ids_by_name),
    length(data.scalekit_permissions.environment.permissions), length(data.scalekit_permissions.environment.ids_by_name),
    length(data.scalekit_permissions.scalekit.permissions),
  ])
}
`

// A page of permissions is 100; of all permissions, with Scalekit's own, it is full at 88.
func TestReadEveryPage(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 88, 89} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(count)}).Workspace(t)
			workspace.Write(readEverything)
			acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf(`counts = "%[1]d %[1]d %[2]d %[2]d %[3]d %[3]d %[4]d %[4]d %[5]d"`,
				count+builtInRoles, 2*count+builtInRoles, count+builtInPermissions, count, builtInPermissions))
			workspace.MustBeClean()
		})
	}
}

func TestReadRoles(t *testing.T) {
	t.Parallel()
	seed := &emulator.Seed{
		Permissions: []emulator.SeedPermission{
			{ID: "perm_100000000000000001", Name: "reports:read", Description: "Read reports"},
			{ID: "perm_100000000000000002", Name: "reports:write"},
		},
		Roles: []emulator.SeedRole{
			{ID: "role_100000000000000001", Name: "reader", DisplayName: "Reader", Permissions: []string{"reports:read"}, DefaultMember: true},
			{ID: "role_100000000000000002", Name: "writer", Description: "Writes", Extends: "reader", Permissions: []string{"reports:write"}},
		},
		Organizations: []emulator.SeedOrganization{{ID: "org_100000000000000000", DisplayName: "Acme", Roles: []emulator.SeedRole{
			{ID: "role_100000000000000003", Name: "acme_writer", Extends: "writer", DefaultMember: true},
		}}},
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{{
			Config: env.Config(readEverything + `
data "scalekit_role" "reader" { name = "reader" }
data "scalekit_role" "writer" { name = "writer" }
output "roles" {
  value = [
    for role in data.scalekit_roles.all.roles :
    "${role.name} ${join(",", role.permissions)} ${role.default_creator} ${role.default_member}" if !contains(["admin", "member"], role.name)
  ]
}
output "usable" {
  value = [
    for role in data.scalekit_organization_roles.all.roles :
    "${role.name} ${join(",", role.permissions)} ${role.is_org_role} ${role.default_member}" if !contains(["admin", "member"], role.name)
  ]
}
output "ids" { value = data.scalekit_organization_roles.all.ids_by_name["acme_writer"] }
output "descriptions" {
  value = { for permission in data.scalekit_permissions.environment.permissions : permission.id => coalesce(permission.description, "none") }
}`),
			ConfigStateChecks: []statecheck.StateCheck{
				expect("data.scalekit_role.reader", "id", knownvalue.StringExact("role_100000000000000001")),
				expect("data.scalekit_role.reader", "display_name", knownvalue.StringExact("Reader")),
				expect("data.scalekit_role.reader", "description", knownvalue.Null()),
				expect("data.scalekit_role.reader", "extends", knownvalue.Null()),
				expect("data.scalekit_role.reader", "permissions", set("reports:read")),
				expect("data.scalekit_role.reader", "default_member", knownvalue.Bool(true)),
				expect("data.scalekit_role.reader", "default_creator", knownvalue.Bool(false)),
				expect("data.scalekit_role.writer", "extends", knownvalue.StringExact("reader")),
				expect("data.scalekit_role.writer", "description", knownvalue.StringExact("Writes")),
				expect("data.scalekit_role.writer", "permissions", set("reports:write")),
				statecheck.ExpectKnownOutputValue("roles", texts("reader reports:read false true", "writer reports:write false false")),
				statecheck.ExpectKnownOutputValue("usable", texts(
					"reader reports:read false false", "writer reports:write false false", "acme_writer  true true")),
				statecheck.ExpectKnownOutputValue("ids", knownvalue.StringExact("role_100000000000000003")),
				statecheck.ExpectKnownOutputValue("descriptions", knownvalue.MapExact(map[string]knownvalue.Check{
					"perm_100000000000000001": knownvalue.StringExact("Read reports"), "perm_100000000000000002": knownvalue.StringExact("none"),
				})),
			},
		}},
	})
}

func texts(want ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, text := range want {
		checks = append(checks, knownvalue.StringExact(text))
	}
	return knownvalue.TupleExact(checks)
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(1)})
	var steps []resource.TestStep
	for config, complaint := range map[string]string{
		`data "scalekit_role" "a" { name = "menber" }`:                               `This environment has no role "menber". Did you mean "member"?`,
		`data "scalekit_role" "a" { name = "globex_role" }`:                          `This environment has no role "globex_role".`,
		`data "scalekit_role" "a" { name = "no-such" }`:                              `must be 1 to 64 letters, digits and underscores`,
		`data "scalekit_organization_roles" "a" { organization_id = "org_9" }`:       `This environment has no organization with id "org_9".`,
		`data "scalekit_organization_roles" "a" { organization_id = "environment" }`: `must be an id that begins with "org_"`,
		`data "scalekit_permissions" "a" { type = "OURS" }`:                          `value must be one of: ["ALL" "SCALEKIT" "ENVIRONMENT"], got: "OURS"`,
	} {
		steps = append(steps, resource.TestStep{Config: env.Config(config), ExpectError: acctest.Words(complaint)})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

// An error on a later page is an error, not a shorter list.
func TestReadErrorInTheMiddle(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(101)})
	if err := env.Emulator.SetFaults([]emulator.Fault{
		{RPC: "ListPermissions", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Skip: 1, Count: -1},
	}); err != nil {
		t.Fatal(err)
	}
	workspace := env.Workspace(t)
	workspace.Write(`data "scalekit_permissions" "all" {}`)
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "Could not list the permissions of the environment")
}
