package organization_test

import (
	"testing"

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
		{Name: "create", After: disturbedBefore},
		{Name: "update", Before: disturbedBefore, After: disturbedAfter},
		{Name: "destroy", Before: disturbedAfter},
	})
}
