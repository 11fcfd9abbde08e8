package organization_test

import (
	"fmt"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const disturbedID = "org_100000000000000000"

// disturbedSeed is the organization whose settings are disturbed.
func disturbedSeed() *emulator.Seed {
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{{ID: disturbedID, DisplayName: "Acme"}}}
}

// disturbed declares a setting of that organization.
func disturbed(kind, attributes string) string {
	return fmt.Sprintf("resource \"scalekit_organization_%s\" \"acme\" {\n  organization_id = %q\n%s\n}\n", kind, disturbedID, attributes)
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const before = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
  slug         = "acme"
  metadata     = { plan = "starter" }
}
`
	// Clearing metadata takes three calls.
	const after = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
  external_id  = "acme-corp"
  slug         = "acme-corp"
}
`
	const withoutKey = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
}
`
	chaos.FaultMatrix(t, nil, []chaos.Change{
		{Name: "create", After: before, Tokens: true},
		{Name: "create_without_key", After: withoutKey},
		{Name: "update", Before: before, After: after, Tokens: true},
		{Name: "destroy", Before: after, Tokens: true},
	})
}

func TestFeaturesFaultMatrix(t *testing.T) {
	t.Parallel()
	before, after := disturbed("features", "sso = true"), disturbed("features", "sso = false\n  scim = true")
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestSessionPolicyFaultMatrix(t *testing.T) {
	t.Parallel()
	before := disturbed("session_policy", `absolute_session_timeout = "8h"`)
	after := disturbed("session_policy", "absolute_session_timeout = \"9h\"\n  idle_session_timeout = \"1h\"\n  idle_session_timeout_enabled = true")
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}

func TestUserManagementFaultMatrix(t *testing.T) {
	t.Parallel()
	before, after := disturbed("user_management", "max_allowed_users = 10"), disturbed("user_management", "max_allowed_users = 20")
	chaos.FaultMatrix(t, disturbedSeed(), []chaos.Change{
		{Name: "create", After: before},
		{Name: "update", Before: before, After: after},
		{Name: "destroy", Before: after},
	})
}
