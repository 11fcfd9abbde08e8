package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const standingSeed = `{"organizations": [{
  "id": "org_100000000000000001", "display_name": "Globex", "external_id": "globex",
  "directories": [{"id": "dir_100000000000000001", "directory_provider": "OKTA",
    "groups": [{"id": "dirgroup_100000000000000001", "display_name": "IT"}]}]
}]}`

// standing are settings of which an organization, a directory or the environment has one.
var standing = map[string]string{
	"organization_features":        `organization_id = "org_100000000000000001"` + "\n" + `scim = true`,
	"organization_session_policy":  `organization_id = "org_100000000000000001"` + "\n" + `absolute_session_timeout = "8h"`,
	"organization_user_management": `organization_id = "org_100000000000000001"` + "\n" + `max_allowed_users = 5`,
	"organization_default_role":    `organization_id = "org_100000000000000001"` + "\n" + `default_member_role = "admin"`,
	"default_roles":                `default_creator_role = "member"` + "\n" + `default_member_role = "admin"`,
	"directory_role_assignments": `organization_id = "org_100000000000000001"` + "\n" + `directory_id = "dir_100000000000000001"` + "\n" +
		`role_by_group_id = { dirgroup_100000000000000001 = "admin" }`,
	"directory_role_assignment": `organization_id = "org_100000000000000001"` + "\n" + `directory_id = "dir_100000000000000001"` + "\n" +
		`group_id = "dirgroup_100000000000000001"` + "\n" + `role_name = "admin"`,
}

// Where the new instance is made first, the old one's delete leaves alone what the new one has just set.
func TestWhatAnApplySetStands(t *testing.T) {
	t.Parallel()
	for kind, attributes := range standing {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, standingSeed)})
			workspace := env.Workspace(t)
			declared := func(label string) string {
				return fmt.Sprintf("resource \"scalekit_%s\" %q {\n%s\nlifecycle {\ncreate_before_destroy = true\n}\n}\n", kind, label, attributes)
			}
			workspace.Write(declared("a"))
			workspace.MustApply()
			if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace=scalekit_"+kind+".a"); err != nil {
				t.Fatalf("replace: %v\n%s", err, output)
			}
			workspace.MustBeClean()
			// Another address, by which Terraform knows no order.
			workspace.Write(declared("b"))
			workspace.MustApply()
			workspace.MustBeClean()
		})
	}
}

// The import block for an object that this state has under another address does not destroy the object.
func TestPastedImportDestroysNothing(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, standingSeed)})
	workspace := env.Workspace(t)
	const declared = "resource \"scalekit_organization\" \"%s\" {\ndisplay_name = \"Acme\"\nexternal_id = \"acme\"\n}\n"
	workspace.Write(fmt.Sprintf(declared, "before"))
	workspace.MustApply()
	workspace.Write(fmt.Sprintf(declared, "after"))
	output, err := workspace.Run("plan", "-no-color", "-input=false")
	if err == nil {
		t.Fatalf("the plan succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "moved {", "Do not import what this state has under another address")
	id := regexp.MustCompile(`id = "(org_\d+)"`).FindStringSubmatch(output)
	if id == nil {
		t.Fatalf("the plan gives no import block:\n%s", output)
	}
	pasted := fmt.Sprintf("import {\n  to = scalekit_organization.after\n  id = %q\n}\n", id[1])
	workspace.Write(fmt.Sprintf(declared, "after") + pasted)
	for range 3 { // whichever of the two Terraform plans first
		output, err := workspace.Apply()
		if err == nil {
			t.Fatalf("the apply succeeds:\n%s", output)
		}
		acctest.MustContain(t, output, "The plan keeps and destroys the same object")
	}
	if got := env.Emulator.Counts()["organizations"]; got != 2 {
		t.Errorf("%d organizations are left", got)
	}
	workspace.Write(fmt.Sprintf(declared, "after") + "moved {\n  from = scalekit_organization.before\n  to = scalekit_organization.after\n}\n")
	acctest.MustContain(t, workspace.MustApply(), "0 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()
}

// What depends on a directory that is only unknown while planning stays as it is: its secret, and its roles.
func TestUnknownIsNotDifferent(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, standingSeed)})
	workspace := env.Workspace(t)
	const resources = `
import {
  to = scalekit_organization.globex
  id = "external_id:globex"
}
resource "scalekit_organization" "globex" {
  display_name = "%s"
  external_id  = "globex"
}
data "scalekit_directory" "okta" {
  organization_id = scalekit_organization.globex.id
}
resource "scalekit_directory_secret" "okta" {
  organization_id = scalekit_organization.globex.id
  directory_id    = data.scalekit_directory.okta.id
}
resource "scalekit_directory_role_assignment" "it" {
  organization_id = scalekit_organization.globex.id
  directory_id    = data.scalekit_directory.okta.id
  group_id        = "dirgroup_100000000000000001"
  role_name       = "admin"
}
output "suffix" {
  value = scalekit_directory_secret.okta.secret_suffix
}
`
	workspace.Write(fmt.Sprintf(resources, "Globex"))
	workspace.MustApply()
	suffix := func() string {
		output, err := workspace.Run("output", "-raw", "suffix")
		if err != nil {
			t.Fatalf("output: %v\n%s", err, output)
		}
		return output
	}
	before := suffix()
	env.Emulator.ResetRequests()
	workspace.Write(fmt.Sprintf(resources, "Globex Corporation"))
	output := workspace.MustApply()
	if strings.Contains(output, "must be replaced") {
		t.Errorf("something is replaced:\n%s", output)
	}
	acctest.MustContain(t, output, "may give way to another directory's secret")
	workspace.MustBeClean()
	if after := suffix(); after != before {
		t.Errorf("the secret was %s and is %s", before, after)
	}
	for _, rpc := range []string{"AssignRoles", "CreateDirectorySecret", "RegenerateDirectorySecret"} {
		if calls := env.Calls(rpc); calls != 0 {
			t.Errorf("%s is called %d times", rpc, calls)
		}
	}
}

// A domain cannot be there twice, so another type is an update, whatever the life cycle says.
func TestDomainWithCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, standingSeed)})
	workspace := env.Workspace(t)
	const domain = `
resource "scalekit_organization_domain" "a" {
  organization_id = "org_100000000000000001"
  domain          = "acme.example"
  domain_type     = "%s"
  lifecycle {
    create_before_destroy = true
  }
}
`
	for _, kind := range []string{"ORGANIZATION_DOMAIN", "ALLOWED_EMAIL_DOMAIN", "ORGANIZATION_DOMAIN"} {
		workspace.Write(fmt.Sprintf(domain, kind))
		workspace.MustApply()
		workspace.MustBeClean()
	}
}
