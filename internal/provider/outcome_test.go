package provider_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// message is the summary of an error or a warning with its address.
var message = regexp.MustCompile(`(?m)^(Error|Warning): .*\n\n {2}with .*,$`)

// The outcome of a plan depends on configuration, state and platform, and not on the order in which Terraform reads and
// plans: here, everything has another address than in the state, without a moved block.
func TestAPlanHasOneOutcome(t *testing.T) {
	t.Parallel()
	const resources = `
resource "scalekit_organization" "LABEL" {
  count        = 4
  display_name = "Customer ${count.index}"
  external_id  = "customer-${count.index}"
}
resource "scalekit_organization_domain" "LABEL" {
  organization_id = "org_100000000000000001"
  domain          = "globex.example"
}
resource "scalekit_role" "LABEL" {
  count        = 4
  name         = "role_${count.index}"
  display_name = "Role"
}
resource "scalekit_permission" "LABEL" {
  name = "billing:read"
}
resource "scalekit_webhook_endpoint" "LABEL" {
  url = "https://hooks.example/"
  uid = "hooks"
}
`
	env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, `{"organizations": [{"id": "org_100000000000000001", "display_name": "Globex"}]}`)})
	workspace := env.Workspace(t)
	workspace.Write(strings.ReplaceAll(resources, "LABEL", "before"))
	workspace.MustApply()
	workspace.Write(strings.ReplaceAll(resources, "LABEL", "after"))
	first := ""
	for i := range 20 {
		parallelism := []int{1, 10, 50}[i%3]
		output, err := workspace.Run("plan", "-no-color", "-input=false", fmt.Sprintf("-parallelism=%d", parallelism))
		if err == nil {
			t.Fatalf("the plan succeeds:\n%s", output)
		}
		messages := message.FindAllString(output, -1)
		slices.Sort(messages)
		outcome := strings.Join(messages, "\n")
		if first == "" {
			first = outcome
		}
		if outcome != first {
			t.Fatalf("plan %d, at parallelism %d, says\n%s\nand the first said\n%s", i, parallelism, outcome, first)
		}
	}
	if got := strings.Count(first, "Error: The key is taken"); got != 11 {
		t.Errorf("%d keys are taken, and should be 11:\n%s", got, first)
	}
}

// Two resources with one key are found by the plan, whichever is planned first.
func TestOneKeyTwice(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, `{"organizations": [{"id": "org_100000000000000001", "display_name": "Globex",
  "directories": [{"id": "dir_100000000000000001", "groups": [{"id": "dirgroup_100000000000000001", "display_name": "IT"}]}]}]}`)})
	for name, attributes := range map[string]string{
		"organization":                 `display_name = "A"` + "\n" + `external_id = "acme"`,
		"organization_domain":          `organization_id = "org_100000000000000001"` + "\n" + `domain = "acme.example"`,
		"organization_features":        `organization_id = "org_100000000000000001"` + "\n" + `sso = true`,
		"organization_session_policy":  `organization_id = "org_100000000000000001"` + "\n" + `absolute_session_timeout = "8h"`,
		"organization_user_management": `organization_id = "org_100000000000000001"` + "\n" + `max_allowed_users = 5`,
		"organization_default_role":    `organization_id = "org_100000000000000001"` + "\n" + `default_member_role = "admin"`,
		"default_roles":                `default_creator_role = "admin"` + "\n" + `default_member_role = "admin"`,
		"role":                         `name = "engineer"` + "\n" + `display_name = "Engineer"`,
		"organization_role":            `organization_id = "org_100000000000000001"` + "\n" + `name = "clerk"` + "\n" + `display_name = "Clerk"`,
		"permission":                   `name = "billing:read"`,
		"webhook_endpoint":             `url = "https://hooks.example/"` + "\n" + `uid = "hooks"`,
		"directory_role_assignments":   `organization_id = "org_100000000000000001"` + "\n" + `directory_id = "dir_100000000000000001"` + "\n" + `role_by_group_id = {}`,
		"directory_role_assignment":    `organization_id = "org_100000000000000001"` + "\n" + `directory_id = "dir_100000000000000001"` + "\n" + `group_id = "dirgroup_100000000000000001"` + "\n" + `role_name = "admin"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := env.Workspace(t)
			workspace.Write(fmt.Sprintf("resource \"scalekit_%s\" \"twice\" {\ncount = 2\n%s\n}\n", name, attributes))
			output, err := workspace.Run("plan", "-no-color", "-input=false")
			if err == nil {
				t.Fatalf("the plan succeeds:\n%s", output)
			}
			acctest.MustContain(t, output, "Error: Declared twice", "in two resources")
			// One of them alone, replaced, is one.
			workspace.Write(fmt.Sprintf("resource \"scalekit_%s\" \"twice\" {\n%s\n}\n", name, attributes))
			if output, err := workspace.Run("plan", "-no-color", "-input=false"); err != nil {
				t.Fatalf("plan: %v\n%s", err, output)
			}
		})
	}
}
