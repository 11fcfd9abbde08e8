package role_test

import (
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
