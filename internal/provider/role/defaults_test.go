package role_test

import (
	"context"
	"fmt"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const (
	environmentDefaults = "scalekit_default_roles.environment"
	globexDefault       = "scalekit_organization_default_role.globex"
)

func defaultsConfig(env *acctest.Env, creator, member string) string {
	return env.Config(fmt.Sprintf(`
resource "scalekit_role" "owner" {
  name         = "owner"
  display_name = "Owner"
}
resource "scalekit_role" "guest" {
  name         = "guest"
  display_name = "Guest"
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = %s
  default_member_role  = %s
}
`, creator, member))
}

// The defaults of a real environment are not a test's to change.
func TestDefaultRoles(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	update := expectAction(environmentDefaults, plancheck.ResourceActionUpdate)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           defaultsConfig(env, "scalekit_role.owner.name", `"member"`),
				ConfigPlanChecks: expectAction(environmentDefaults, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect(environmentDefaults, "id", knownvalue.StringExact("default")),
					expect(environmentDefaults, "default_creator_role", knownvalue.StringExact("owner")),
					expect(environmentDefaults, "default_member_role", knownvalue.StringExact("member")),
				},
				Check: expectDefaults(t, env, "owner", "member"),
			},
			{ResourceName: environmentDefaults, ImportState: true, ImportStateVerify: true, ImportStateId: "default"},
			{ResourceName: environmentDefaults, ImportState: true, ImportStateId: "main", ExpectError: acctest.Words(`"main" is not their id`)},
			{
				Config:           defaultsConfig(env, "scalekit_role.owner.name", "scalekit_role.guest.name"),
				ConfigPlanChecks: update,
				Check:            expectDefaults(t, env, "owner", "guest"),
			},
			{ // drift
				PreConfig: func() {
					_, err := env.Client().Roles.UpdateDefaultRoles(context.Background(), connect.NewRequest(&rolesv1.UpdateDefaultRolesRequest{
						DefaultCreatorRole: new("admin"), DefaultMemberRole: new("guest"),
					}))
					if err != nil {
						t.Fatal(err)
					}
				},
				Config:           defaultsConfig(env, "scalekit_role.owner.name", "scalekit_role.guest.name"),
				ConfigPlanChecks: update,
				Check:            expectDefaults(t, env, "owner", "guest"),
			},
			{
				Config:      defaultsConfig(env, `"ownr"`, "scalekit_role.guest.name"),
				ExpectError: acctest.Words(`This environment has no role "ownr". Did you mean "owner"?`),
			},
			{Config: defaultsConfig(env, `"a-b"`, `"member"`), PlanOnly: true, ExpectError: acctest.Words("must be 1 to 64 letters, digits and underscores")},
			{ // A destroy returns to the built-in roles, after which the others can go.
				Config: env.Config(""),
				Check:  expectDefaults(t, env, "admin", "member"),
			},
		},
	})
}

func organizationDefaultConfig(env *acctest.Env, role string) string {
	return env.Config(fmt.Sprintf(`
resource "scalekit_organization" "globex" {
  display_name = %q
}
resource "scalekit_organization_role" "clerk" {
  organization_id = scalekit_organization.globex.id
  name            = "clerk"
  display_name    = "Clerk"
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = %s
}
`, env.Name("Globex"), role))
}

func TestOrganizationDefaultRole(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:            organizationDefaultConfig(env, "scalekit_organization_role.clerk.name"),
				ConfigPlanChecks:  expectAction(globexDefault, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{expect(globexDefault, "default_member_role", knownvalue.StringExact("clerk"))},
			},
			{
				ResourceName: globexDefault, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "organization_id", ImportStateIdFunc: acctest.AttributeOf(globexDefault, "organization_id"),
			},
			{
				Config:           organizationDefaultConfig(env, `"admin"`),
				ConfigPlanChecks: expectAction(globexDefault, plancheck.ResourceActionUpdate),
			},
			{
				Config:      organizationDefaultConfig(env, `"clerc"`),
				ExpectError: acctest.Words(`This environment has no role "clerc". Did you mean "clerk"?`),
			},
			{ResourceName: globexDefault, ImportState: true, ImportStateId: "acme", ExpectError: acctest.Words("is not an organization's id")},
			{ResourceName: globexDefault, ImportState: true, ImportStateId: "org_1", ExpectError: acctest.Words("Cannot import non-existent remote object")},
			{
				PreConfig:        func() { deleteOrganizations(t, env) },
				Config:           organizationDefaultConfig(env, `"admin"`),
				ConfigPlanChecks: expectAction(globexDefault, plancheck.ResourceActionCreate),
			},
		},
	})
}

// An organization that the configuration does not own is sent back to the environment's default, which changes in the
// same apply, so that the role that was both defaults can be deleted.
func TestOrganizationFollowsDefault(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{
		Organizations: []emulator.SeedOrganization{{ID: "org_1", DisplayName: "Globex"}, {ID: "org_2", DisplayName: "Initech"}},
	}})
	workspace := env.Workspace(t)
	workspace.Write(`
resource "scalekit_role" "all" {
  for_each     = toset(["base", "engineer"])
  name         = each.key
  display_name = title(each.key)
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = "admin"
  default_member_role  = scalekit_role.all["base"].name
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = "org_1"
  default_member_role = scalekit_role.all["engineer"].name
}
resource "scalekit_organization_default_role" "initech" {
  organization_id     = "org_2"
  default_member_role = scalekit_role.all["base"].name
}
`)
	workspace.MustApply()
	workspace.MustBeClean()
	if output, err := workspace.Destroy(); err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	for _, id := range organizationIDs(t, env) {
		if got := defaultMember(t, env, id); got != "member" {
			t.Errorf("organization %s has the default role %s", id, got)
		}
	}
	if creator, member := defaults(t, env); creator != "admin" || member != "member" {
		t.Errorf("the defaults are %s and %s", creator, member)
	}
}

// A default that somebody else has set since is not undone.
func TestDefaultRolesDestroyAfterDrift(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{
		Roles: []emulator.SeedRole{{Name: "other", DisplayName: "Other"}, {Name: "guest", DisplayName: "Guest"}},
	}})
	workspace := env.Workspace(t)
	workspace.Write("resource \"scalekit_default_roles\" \"environment\" {\ndefault_creator_role = \"guest\"\ndefault_member_role = \"guest\"\n}")
	workspace.MustApply()
	_, err := env.Client().Roles.UpdateDefaultRoles(t.Context(), connect.NewRequest(&rolesv1.UpdateDefaultRolesRequest{
		DefaultCreatorRole: new("guest"), DefaultMemberRole: new("other"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	output, err := workspace.Run("destroy", "-auto-approve", "-no-color", "-refresh=false")
	if err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	if creator, member := defaults(t, env); creator != "admin" || member != "other" {
		t.Errorf("the defaults are %s and %s", creator, member)
	}
}
