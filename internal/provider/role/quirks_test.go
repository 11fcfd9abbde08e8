package role_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Where it is not known which of two things the platform does, the provider works with both.
func TestUndocumentedBehaviour(t *testing.T) {
	t.Parallel()
	const full = `
resource "scalekit_permission" "read" {
  name        = "billing:read"
  description = "See invoices"
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = "member"
  permissions  = [scalekit_permission.read.name, "sk_org_sso_read"]
}
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_organization_role" "auditor" {
  organization_id = scalekit_organization.globex.id
  name            = "auditor"
  display_name    = "Auditor"
  extends         = scalekit_role.engineer.name
  permissions     = [scalekit_permission.read.name]
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = "admin"
  default_member_role  = scalekit_role.engineer.name
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = scalekit_organization_role.auditor.name
}
`
	const renamed = `
resource "scalekit_permission" "read" {
  name = "billing:read"
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Software engineer"
  permissions  = [scalekit_permission.read.name, "sk_org_sso_read"]
}
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_organization_role" "auditor" {
  organization_id = scalekit_organization.globex.id
  name            = "auditor"
  display_name    = "The auditor"
  permissions     = [scalekit_permission.read.name]
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = scalekit_role.engineer.name
  default_member_role  = "member"
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = scalekit_role.engineer.name
}
`
	const emptied = `
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Software engineer"
  permissions  = []
}
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_organization_role" "auditor" {
  organization_id = scalekit_organization.globex.id
  name            = "auditor"
  display_name    = "The auditor"
  permissions     = ["sk_org_sso_read"]
}
`
	for name, quirks := range map[string]emulator.Quirks{
		"as inferred":                                {},
		"an empty list of permissions clears":        {EmptyPermissionsClear: true},
		"permissions are checked":                    {ChecksRolePermissions: true},
		"used permissions are kept":                  {KeepsUsedPermissions: true},
		"the roles of organizations are not listed":  {ListRolesEnvironmentOnly: true},
		"organizations have the environment's roles": {OrganizationHasEnvironmentRoles: true},
		"several at once":                            {EmptyPermissionsClear: true, KeepsUsedPermissions: true, OrganizationHasEnvironmentRoles: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Quirks: quirks}).Workspace(t)
			for _, resources := range []string{full, renamed, full, emptied} {
				if quirks.KeepsUsedPermissions {
					// Otherwise Terraform destroys the permission before it takes it from the organization's role.
					resources = strings.Replace(resources, `"billing:read"`, "\"billing:read\"\nlifecycle {\ncreate_before_destroy = true\n}", 1)
				}
				workspace.Write(resources)
				workspace.MustApply()
				workspace.MustBeClean()
			}
			if output, err := workspace.Destroy(); err != nil {
				t.Errorf("destroy: %v\n%s", err, output)
			}
		})
	}
}

// Roles, permissions and defaults that refer to one another by name alone go in one apply, in whatever order Terraform
// takes them.
func TestRemovalInAnyOrder(t *testing.T) {
	t.Parallel()
	const everything = `
resource "scalekit_permission" "read" {
  name = "billing:read"
}
resource "scalekit_role" "base" {
  name         = "base"
  display_name = "Base"
  permissions  = ["billing:read"]
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = "base"
}
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_organization_role" "auditor" {
  organization_id = scalekit_organization.globex.id
  name            = "auditor"
  display_name    = "Auditor"
  extends         = "engineer"
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = "base"
  default_member_role  = "engineer"
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = "auditor"
}
`
	withReferences := strings.NewReplacer(
		`["billing:read"]`, `[scalekit_permission.read.name]`, `= "base"`+"\n}", "= scalekit_role.base.name\n}",
		`= "engineer"`+"\n}", "= scalekit_role.engineer.name\n}", `= "auditor"`+"\n}", "= scalekit_organization_role.auditor.name\n}",
		`default_creator_role = "base"`, `default_creator_role = scalekit_role.base.name`,
	)
	for name, after := range map[string]string{
		"all": "",
		"all but the organization": `
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
`,
		"the defaults change": `
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = "admin"
  default_member_role  = "admin"
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = "admin"
}
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Quirks: emulator.Quirks{KeepsUsedPermissions: true}})
			workspace := env.Workspace(t)
			workspace.Write(withReferences.Replace(everything)) // what is not there yet has to be referred to
			workspace.MustApply()
			workspace.Write(everything)
			workspace.MustApply()
			workspace.MustBeClean()
			workspace.Write(after)
			workspace.MustApply()
			if got := env.Emulator.Counts()["roles"]; got != 2 {
				t.Errorf("%d roles are left", got)
			}
			if output, err := workspace.Destroy(); err != nil {
				t.Errorf("destroy: %v\n%s", err, output)
			}
		})
	}
}

// Terraform destroys a role before it updates what referred to it, unless the role says otherwise. What uses a role by a
// decision of its own, such as a default, then needs one.
func TestRoleGoesWhileReferencesMove(t *testing.T) {
	t.Parallel()
	for name, setting := range map[string]string{
		"nothing":               "",
		"create_before_destroy": "lifecycle {\ncreate_before_destroy = true\n}",
		"reassign_role_name":    `reassign_role_name = "admin"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{})
			workspace := env.Workspace(t)
			workspace.Write(`
resource "scalekit_role" "old" {
  name         = "old"
  display_name = "Old"
  ` + setting + `
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = scalekit_role.old.name
}
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_organization_role" "old" {
  organization_id = scalekit_organization.globex.id
  name            = "old_clerk"
  display_name    = "Old"
  ` + setting + `
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = scalekit_role.old.name
  default_member_role  = scalekit_role.old.name
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = scalekit_organization_role.old.name
}`)
			workspace.MustApply()
			workspace.MustBeClean()
			workspace.Write(`
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
}
resource "scalekit_organization" "globex" {
  display_name = "Globex"
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = "admin"
  default_member_role  = scalekit_role.engineer.name
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = scalekit_organization.globex.id
  default_member_role = "admin"
}`)
			if setting == "" {
				mustFail(t, workspace, []string{"apply", "-auto-approve"}, `Role "old" will be deleted`, "1 role extends it and it is a default role.",
					"Could not delete role old", "Set reassign_role_name to the role that takes its place")
				return
			}
			acctest.MustContain(t, workspace.MustApply(), `Role "old" will be deleted`, "0 added, 3 changed, 2 destroyed")
			workspace.MustBeClean()
			if output, err := workspace.Destroy(); err != nil {
				t.Errorf("destroy: %v\n%s", err, output)
			}
		})
	}
}

// A platform that keeps a permission which roles have is relieved of that, as far as it has a call for it.
func TestUsedPermissionGoes(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Quirks: emulator.Quirks{KeepsUsedPermissions: true}, Seed: &emulator.Seed{
		Organizations: []emulator.SeedOrganization{{ID: "org_1", DisplayName: "Globex"}},
	}})
	workspace := env.Workspace(t)
	const read = "resource \"scalekit_permission\" \"read\" {\nname = \"billing:read\"\n}\n"
	const role = "resource \"scalekit_role\" \"engineer\" {\nname = \"engineer\"\ndisplay_name = \"Engineer\"\npermissions = %s\n}\n"
	workspace.Write(read + fmt.Sprintf(role, `[scalekit_permission.read.name]`))
	workspace.MustApply()
	workspace.Write(fmt.Sprintf(role, `[]`))
	acctest.MustContain(t, workspace.MustApply(), `1 role has it and loses it: "engineer".`)
	workspace.MustBeClean()

	const auditorRole = `
resource "scalekit_organization_role" "auditor" {
  organization_id = "org_1"
  name            = "auditor"
  display_name    = "Auditor"
  permissions     = ["sk_org_sso_read", %s]
}`
	workspace.Write(read + fmt.Sprintf(auditorRole, `scalekit_permission.read.name`))
	workspace.MustApply()
	workspace.Write(fmt.Sprintf(auditorRole, ``))
	mustFail(t, workspace, []string{"apply", "-auto-approve"}, "Could not delete permission billing:read", `It belongs to "auditor".`, "create_before_destroy = true")
}
