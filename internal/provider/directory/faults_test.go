package directory_test

import (
	"fmt"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/acctest"
)

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const created = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme-corp"
}
resource "scalekit_directory" "okta" {
  organization_id   = scalekit_organization.acme.id
  attribute_mapping = { userName = "name" }
  enabled           = %t
}
`
	before, after := fmt.Sprintf(created, false), fmt.Sprintf(created, true)
	acctest.FaultMatrix(t, nil, []acctest.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestFaultMatrixOfSecrets(t *testing.T) {
	t.Parallel()
	before := block("secret", "token", `rotation = { month = "1" }`)
	after := block("secret", "token", `rotation = { month = "2" }`)
	leftovers := []string{"directory_secrets"}
	acctest.FaultMatrix(t, seed(), []acctest.Change{
		{Name: "create", After: before, Leftovers: leftovers},
		{Name: "update", Before: before, After: after, Leftovers: leftovers},
		{Name: "destroy", Before: after},
	})
}

func TestFaultMatrixOfRoleAssignments(t *testing.T) {
	t.Parallel()
	before := whole(engID, "engineer", salesID, "seller")
	after := whole(engID, "buyer", itID, "engineer")
	acctest.FaultMatrix(t, seed(), []acctest.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestFaultMatrixOfSingleRoleAssignments(t *testing.T) {
	t.Parallel()
	before := single("a", engID, "engineer") + single("b", salesID, "seller")
	after := single("a", engID, "buyer") + single("c", itID, "engineer")
	acctest.FaultMatrix(t, seed(), []acctest.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}
