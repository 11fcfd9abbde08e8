package role_test

import (
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/acctest"
)

const (
	disturbedBefore = `
resource "scalekit_permission" "read" {
  name = "billing:read"
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = "member"
  permissions  = [scalekit_permission.read.name, "sk_org_sso_read"]
}
resource "scalekit_organization_role" "auditor" {
  organization_id = "org_1"
  name            = "auditor"
  display_name    = "Auditor"
  extends         = "member"
  permissions     = [scalekit_permission.read.name]
}
`
	disturbedAfter = `
resource "scalekit_permission" "read" {
  name        = "billing:read"
  description = "See invoices"
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Software engineer"
  description  = "Builds the product"
}
resource "scalekit_organization_role" "auditor" {
  organization_id    = "org_1"
  name               = "auditor"
  display_name       = "The auditor"
  permissions        = ["sk_org_sso_read"]
  reassign_role_name = "member"
}
`
	disturbedDefaultsBefore = `
resource "scalekit_default_roles" "environment" {
  default_creator_role = "owner"
  default_member_role  = "member"
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = "org_1"
  default_member_role = "owner"
  depends_on          = [scalekit_default_roles.environment] # one order, so that the calls are always the same
}
`
	disturbedDefaultsAfter = `
resource "scalekit_default_roles" "environment" {
  default_creator_role = "owner"
  default_member_role  = "owner"
}
resource "scalekit_organization_default_role" "globex" {
  organization_id     = "org_1"
  default_member_role = "admin"
  depends_on          = [scalekit_default_roles.environment]
}
`
)

func disturbedSeed() *emulator.Seed {
	return &emulator.Seed{
		Roles:         []emulator.SeedRole{{Name: "owner", DisplayName: "Owner"}},
		Organizations: []emulator.SeedOrganization{{ID: "org_1", DisplayName: "Globex"}},
	}
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	acctest.FaultMatrix(t, disturbedSeed(), []acctest.Change{
		{Name: "create", After: disturbedBefore},
		{Name: "update", Before: disturbedBefore, After: disturbedAfter},
		{Name: "destroy", Before: disturbedAfter},
	})
}

func TestDefaultsFaultMatrix(t *testing.T) {
	t.Parallel()
	acctest.FaultMatrix(t, disturbedSeed(), []acctest.Change{
		{Name: "create", After: disturbedDefaultsBefore},
		{Name: "update", Before: disturbedDefaultsBefore, After: disturbedDefaultsAfter},
		{Name: "destroy", Before: disturbedDefaultsAfter},
	})
}
