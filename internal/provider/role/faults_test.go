package role_test

import (
	"fmt"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func disturbedSeed() *emulator.Seed {
	return &emulator.Seed{
		Permissions:   []emulator.SeedPermission{{Name: "invoices:read"}},
		Roles:         []emulator.SeedRole{{Name: "owner", DisplayName: "Owner"}},
		Organizations: []emulator.SeedOrganization{{ID: "org_1", DisplayName: "Globex"}},
	}
}

func TestPermissionFaultMatrix(t *testing.T) {
	t.Parallel()
	const before = `
resource "scalekit_permission" "read" {
  name = "billing:read"
}
`
	const after = `
resource "scalekit_permission" "read" {
  name        = "billing:read"
  description = "See invoices"
}
`
	chaos.FaultMatrix(t, nil, []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const before = `
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = "member"
  permissions  = ["invoices:read"]
}
`
	// Ending the extension and taking the last permission have calls of their own.
	const after = `
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Software engineer"
  description  = "Builds the product"
  permissions  = []
}
`
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestOrganizationFaultMatrix(t *testing.T) {
	t.Parallel()
	const before = `
resource "scalekit_organization_role" "auditor" {
  organization_id = "org_1"
  name            = "auditor"
  display_name    = "Auditor"
  extends         = "member"
  permissions     = ["invoices:read"]
}
`
	const after = `
resource "scalekit_organization_role" "auditor" {
  organization_id    = "org_1"
  name               = "auditor"
  display_name       = "The auditor"
  permissions        = ["sk_org_sso_read"]
  reassign_role_name = "member"
}
`
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestDefaultsFaultMatrix(t *testing.T) {
	t.Parallel()
	const before = `
resource "scalekit_default_roles" "environment" {
  default_creator_role = "owner"
  default_member_role  = "member"
}
`
	const after = `
resource "scalekit_default_roles" "environment" {
  default_creator_role = "owner"
  default_member_role  = "owner"
}
`
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestOrganizationDefaultFaultMatrix(t *testing.T) {
	t.Parallel()
	const before = `
resource "scalekit_organization_default_role" "globex" {
  organization_id     = "org_1"
  default_member_role = "owner"
}
`
	const after = `
resource "scalekit_organization_default_role" "globex" {
  organization_id     = "org_1"
  default_member_role = "admin"
}
`
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestRenameFaultMatrix(t *testing.T) {
	t.Parallel()
	const role = `
resource "scalekit_role" "engineer" {
  name         = "%s"
  display_name = "Engineer"
  permissions  = ["invoices:read"]
}
resource "scalekit_directory_role_assignment" "engineering" {
  organization_id = "org_100000000000000001"
  directory_id    = "dir_100000000000000001"
  group_id        = "dirgroup_100000000000000001"
  role_name       = scalekit_role.engineer.name
}
resource "scalekit_role" "lead" {
  name         = "lead"
  display_name = "Lead"
  extends      = scalekit_role.engineer.name
}
resource "scalekit_default_roles" "environment" {
  default_creator_role = scalekit_role.engineer.name
  default_member_role  = "member"
}
`
	seed := &emulator.Seed{
		Permissions: []emulator.SeedPermission{{Name: "invoices:read"}},
		Organizations: []emulator.SeedOrganization{{
			ID: "org_100000000000000001", DisplayName: "Globex",
			Directories: []emulator.SeedDirectory{{
				ID:     "dir_100000000000000001",
				Groups: []emulator.SeedDirectoryGroup{{ID: "dirgroup_100000000000000001", DisplayName: "Engineering"}},
			}},
		}},
	}
	chaos.FaultMatrix(t, seed, []chaos.Change{
		{Name: "rename", Before: fmt.Sprintf(role, "engineer"), After: fmt.Sprintf(role, "builder")},
	})
}
