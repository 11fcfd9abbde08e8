package role_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const engineer = "scalekit_role.engineer"

// roleConfig declares scalekit_role.engineer with the attributes, beside two permissions.
func roleConfig(env *acctest.Env, attributes string) string {
	return env.Config(fmt.Sprintf(`
resource "scalekit_permission" "read" {
  name = %q
}
resource "scalekit_permission" "write" {
  name = %q
}
resource "scalekit_role" "engineer" {
  name = %q
  %s
}
`, name(env, "billing:read"), name(env, "billing:write"), name(env, "engineer"), attributes))
}

func TestRole(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	update := expectAction(engineer, plancheck.ResourceActionUpdate)
	byName := resource.TestStep{
		ResourceName: engineer, ImportState: true, ImportStateVerify: true, ImportStateId: name(env, "engineer"),
		ImportStateVerifyIgnore: []string{"reassign_role_name"},
	}

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           roleConfig(env, `display_name = "Engineer"`),
				ConfigPlanChecks: expectAction(engineer, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect(engineer, "id", knownvalue.StringRegexp(regexp.MustCompile(`^role_\d+$`))),
					expect(engineer, "display_name", knownvalue.StringExact("Engineer")),
					expect(engineer, "description", knownvalue.Null()),
					expect(engineer, "extends", knownvalue.Null()),
					expect(engineer, "permissions", set()),
				},
			},
			byName,
			{
				Config: roleConfig(env, `
  display_name       = "Software engineer"
  description        = "Builds the product"
  extends            = "member"
  permissions        = [scalekit_permission.write.name, scalekit_permission.read.name, "sk_org_sso_read"]
  reassign_role_name = "member"`),
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{
					expect(engineer, "display_name", knownvalue.StringExact("Software engineer")),
					expect(engineer, "description", knownvalue.StringExact("Builds the product")),
					expect(engineer, "extends", knownvalue.StringExact("member")),
					// What the role gets from member is not among them.
					expect(engineer, "permissions", set(name(env, "billing:read"), name(env, "billing:write"), "sk_org_sso_read")),
				},
			},
			byName,
			{ // The base changes, and a permission goes.
				Config: roleConfig(env, `
  display_name = "Software engineer"
  description  = "Builds and runs the product"
  extends      = "admin"
  permissions  = [scalekit_permission.read.name]`),
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{
					expect(engineer, "description", knownvalue.StringExact("Builds and runs the product")),
					expect(engineer, "extends", knownvalue.StringExact("admin")),
					expect(engineer, "permissions", set(name(env, "billing:read"))),
				},
			},
			{ // The base and the last permission go.
				Config: roleConfig(env, `
  display_name = "Software engineer"
  description  = "Builds and runs the product"
  permissions  = []`),
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{
					expect(engineer, "extends", knownvalue.Null()),
					expect(engineer, "permissions", set()),
				},
				Check: func(*acctest.State) error { mustHavePermissions(t, env, name(env, "engineer")); return nil },
			},
			byName,
			{ // An empty set is no set.
				Config: roleConfig(env, `
  display_name = "Software engineer"
  description  = "Builds and runs the product"
  permissions  = []`),
				PlanOnly: true,
			},
			{
				Config: roleConfig(env, `
  display_name = "Software engineer"
  `),
				PlanOnly: true, // what is left out stays
			},
		},
	})
}

func TestRoleReplace(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	workspace := env.Workspace(t)
	config := `
resource "scalekit_role" "engineer" {
  name         = %q
  display_name = "Engineer"
  description  = "Builds the product"
  permissions  = ["sk_org_sso_read"]
}`
	workspace.Write(fmt.Sprintf(config, name(env, "engineer")))
	workspace.MustApply()

	workspace.Write(fmt.Sprintf(config, name(env, "developer")))
	acctest.MustContain(t, workspace.MustApply(), "will be renamed", "0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()

	output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace="+engineer)
	if err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "will be replaced, as requested")
	workspace.MustBeClean()

	// A tainted role looks like a new one whose name is taken: its place is free only when it is replaced.
	if output, err := workspace.Run("taint", engineer); err != nil {
		t.Fatalf("taint: %v\n%s", err, output)
	}
	mustFail(t, workspace, []string{"plan"}, "The key is taken", "terraform untaint scalekit_role.NAME")
	if output, err := workspace.Run("untaint", engineer); err != nil {
		t.Fatalf("untaint: %v\n%s", err, output)
	}
	workspace.MustBeClean()
	if output, err := workspace.Destroy(); err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
}

func TestRoleDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	config := roleConfig(env, `
  display_name = "Engineer"
  permissions  = [scalekit_permission.read.name]`)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					changeRole(t, env, name(env, "engineer"), &rolesv1.UpdateRole{
						DisplayName: new("Changed elsewhere"), Extends: new("member"), Permissions: []string{"sk_org_sso_read"},
					})
				},
				Config:           config,
				ConfigPlanChecks: expectAction(engineer, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect(engineer, "display_name", knownvalue.StringExact("Engineer")),
					expect(engineer, "extends", knownvalue.Null()),
					expect(engineer, "permissions", set(name(env, "billing:read"))),
				},
			},
			{
				PreConfig:        func() { deleteRole(t, env, name(env, "engineer")) },
				Config:           config,
				ConfigPlanChecks: expectAction(engineer, plancheck.ResourceActionCreate),
			},
			{
				PreConfig: func() { deleteRole(t, env, name(env, "engineer")) },
				Config:    config,
				Destroy:   true,
			},
		},
	})
}

// The built-in roles are adopted and left as they are.
func TestBuiltInRoleIsImported(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, emulator.Options{}).Workspace(t)
	workspace.Write(`
import {
  to = scalekit_role.member
  id = "member"
}
import {
  to = scalekit_permission.read
  id = "sk_org_users_read"
}
resource "scalekit_role" "member" {
  name         = "member"
  display_name = "Member"
  description  = "Read access to the organization"
  permissions  = ["sk_org_settings_read", "sk_org_users_read"]
}
resource "scalekit_permission" "read" {
  name        = "sk_org_users_read"
  description = "Read the organization's users"
}`)
	acctest.MustContain(t, workspace.MustApply(), "2 imported, 0 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()
	output, err := workspace.Run("plan", "-destroy", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, `Role "member" will be deleted`, "It is a default role.",
		`Permission "sk_org_users_read" stays`)
	// A default role cannot be deleted, and the error says which resource changes that.
	if output, err = workspace.Destroy(); err == nil {
		t.Fatalf("a default role was deleted:\n%s", output)
	}
	acctest.MustContain(t, output, "Could not delete role member", "Set reassign_role_name to", "change scalekit_default_roles or")
}

func TestRoleImportErrors(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	steps := []resource.TestStep{{Config: roleConfig(env, `display_name = "Engineer"`)}}
	for id, complaint := range map[string]string{
		"no-role":       `"no-role" is not a role's name`,
		"org_1/manager": `"org_1/manager" is not a role's name`,
		"nobody_has_it": `Cannot import non-existent remote object`,
	} {
		steps = append(steps, resource.TestStep{
			ResourceName: engineer, ImportState: true, ImportStateId: id, ExpectError: acctest.Words(complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

func TestRoleRefusesInvalidValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	long := func(length int) string { return fmt.Sprintf("%0*d", length, 0) }
	var steps []resource.TestStep
	for _, invalid := range []struct{ attributes, complaint string }{
		{``, `The argument "display_name" is required`},
		{`display_name = ""`, `Attribute display_name UTF-8 character count must be between 1 and 100`},
		{`display_name = "A"` + "\n" + `description = ""`, `Attribute description UTF-8 character count must be between 1 and 2000`},
		{`display_name = "A"` + "\n" + `description = "` + long(2001) + `"`, `Attribute description UTF-8 character count must be between 1 and 2000`},
		{`display_name = "A"` + "\n" + `extends = "a-b"`, `Attribute extends must be 1 to 64 letters, digits and underscores`},
		{`display_name = "A"` + "\n" + `extends = "` + name(env, "engineer") + `"`, `The role cannot extend itself`},
		{`display_name = "A"` + "\n" + `permissions = ["a b"]`, `must be 1 to 64 letters, digits, underscores and colons`},
		{`display_name = "A"` + "\n" + `permissions = [for i in range(101) : "p${i}"]`, `Attribute permissions set must contain at most 100 elements`},
		{`display_name = "A"` + "\n" + `reassign_role_name = "a-b"`, `Attribute reassign_role_name must be 1 to 64 letters`},
		{`display_name = "A"` + "\n" + `reassign_role_name = "` + name(env, "engineer") + `"`, `The role cannot take its own place`},
	} {
		steps = append(steps, resource.TestStep{
			Config: roleConfig(env, invalid.attributes), PlanOnly: true, ExpectError: acctest.Words(invalid.complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}
