package organization_test

import (
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/acctest"
)

const (
	disturbedBefore = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
  slug         = "acme"
  metadata     = { plan = "starter" }
}
resource "scalekit_organization" "bare" {
  display_name = "Bare"
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  sso             = true
}
`
	disturbedAfter = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
  external_id  = "acme-corp"
  slug         = "acme-corp"
}
resource "scalekit_organization" "bare" {
  display_name = "Bare"
  metadata     = { plan = "starter" }
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  sso             = false
  scim            = true
}
`
)

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	acctest.FaultMatrix(t, nil, []acctest.Change{
		{Name: "create", After: disturbedBefore, Tokens: true},
		{Name: "update", Before: disturbedBefore, After: disturbedAfter},
		{Name: "destroy", Before: disturbedAfter},
	})
}

func TestSettingsFaultMatrix(t *testing.T) {
	t.Parallel()
	const organization = "org_100000000000000000"
	settings := func(absolute, limit string) string {
		return `
resource "scalekit_organization_session_policy" "acme" {
  organization_id          = "` + organization + `"
  absolute_session_timeout = "` + absolute + `"
}
resource "scalekit_organization_user_management" "acme" {
  organization_id   = "` + organization + `"
  max_allowed_users = ` + limit + `
}
`
	}
	seed := &emulator.Seed{Organizations: []emulator.SeedOrganization{{ID: organization, DisplayName: "Acme"}}}
	acctest.FaultMatrix(t, seed, []acctest.Change{
		{Name: "create", After: settings("8h", "10")},
		{Name: "update", Before: settings("8h", "10"), After: settings("9h", "20")},
		{Name: "destroy", Before: settings("9h", "20")},
	})
}
