package directory_test

import (
	"fmt"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
)

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	directory := func(enabled bool, mapping string) string {
		return fmt.Sprintf(`
resource "scalekit_directory" "jumpcloud" {
  organization_id    = %q
  directory_provider = "JUMPCLOUD"
  attribute_mapping  = { userName = %q }
  enabled            = %t
}
`, orgID, mapping, enabled)
	}
	before, after := directory(false, "name"), directory(true, "email")
	chaos.FaultMatrix(t, seed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestSecretFaultMatrix(t *testing.T) {
	t.Parallel()
	before := block("secret", "token", `rotation = { month = "1" }`)
	after := block("secret", "token", `rotation = { month = "2" }`)
	leftovers := []string{"directory_secrets"}
	chaos.FaultMatrix(t, seed(), []chaos.Change{
		{Name: "create", After: before, Leftovers: leftovers},
		{Name: "rotate", Before: before, After: after, Leftovers: leftovers},
		{Name: "destroy", Before: after},
	})
}

func TestRoleAssignmentsFaultMatrix(t *testing.T) {
	t.Parallel()
	before := whole(engID, "engineer", salesID, "seller")
	after := whole(engID, "buyer", itID, "engineer")
	chaos.FaultMatrix(t, seed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestRoleAssignmentFaultMatrix(t *testing.T) {
	t.Parallel()
	before, after := single("engineering", engID, "engineer"), single("engineering", engID, "buyer")
	chaos.FaultMatrix(t, seed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}
