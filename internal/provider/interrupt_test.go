//go:build unix

package provider_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const interruptedSeed = `{
  "permissions": [{"name": "invoices:read"}],
  "organizations": [{
    "id": "org_100000000000000001", "display_name": "Globex",
    "directories": [{"id": "dir_100000000000000001", "groups": [{"id": "dirgroup_100000000000000001", "display_name": "Engineering"}]}]
  }]
}`

// What takes several calls to create, update or destroy, and some of what takes one, in two versions.
const (
	interruptedBefore = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
  metadata     = { plan = "starter" }
}
resource "scalekit_organization_domain" "acme" {
  organization_id = scalekit_organization.acme.id
  domain          = "acme.example"
}
resource "scalekit_directory" "acme" {
  organization_id   = scalekit_organization.acme.id
  attribute_mapping = { userName = "name" }
  enabled           = false
}
resource "scalekit_directory_secret" "acme" {
  organization_id = scalekit_organization.acme.id
  directory_id    = scalekit_directory.acme.id
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = "member"
  permissions  = ["invoices:read"]
}
resource "scalekit_directory_role_assignments" "globex" {
  organization_id  = "org_100000000000000001"
  directory_id     = "dir_100000000000000001"
  role_by_group_id = { dirgroup_100000000000000001 = scalekit_role.engineer.name }
}
resource "scalekit_webhook_endpoint" "acme" {
  url                = "https://hooks.acme.example"
  uid                = "acme"
  headers_wo         = { authorization = "Basic one" }
  headers_wo_version = 1
}
`
	interruptedAfter = `
resource "scalekit_organization" "acme" {
  display_name = "Acme Corp"
  external_id  = "acme-corp"
  metadata     = { plan = "enterprise" }
}
resource "scalekit_organization_domain" "acme" {
  organization_id = scalekit_organization.acme.id
  domain          = "acme-corp.example"
}
resource "scalekit_directory" "acme" {
  organization_id   = scalekit_organization.acme.id
  attribute_mapping = { userName = "email" }
  enabled           = true
}
resource "scalekit_directory_secret" "acme" {
  organization_id = scalekit_organization.acme.id
  directory_id    = scalekit_directory.acme.id
}
resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Software engineer"
}
resource "scalekit_directory_role_assignments" "globex" {
  organization_id  = "org_100000000000000001"
  directory_id     = "dir_100000000000000001"
  role_by_group_id = { dirgroup_100000000000000001 = "member" }
}
resource "scalekit_webhook_endpoint" "acme" {
  url                = "https://other.acme.example"
  uid                = "acme-2"
  headers_wo         = { authorization = "Basic two" }
  headers_wo_version = 2
  secret_rotation    = { n = "1" }
}
`
)

// Ctrl-C in mid-apply, and a provider that is killed: the next apply ends with what is declared.
func TestInterruptionFaultMatrix(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	chaos.InterruptionMatrix(t, acctest.BuildProvider(t), parseSeed(t, interruptedSeed), []chaos.Change{
		{
			Name: "create", After: interruptedBefore, Leftovers: []string{"directory_secrets"},
			Unsaved: []string{"UpdateAttributes", "DisableDirectory", "svix.endpoint.update-headers"},
		},
		// A secret whose rotation nobody knows of is rotated once more.
		{Name: "update", Before: interruptedBefore, After: interruptedAfter, Unsaved: []string{"svix.endpoint.rotate-secret"}},
		{Name: "destroy", Before: interruptedAfter},
	})
}

// importBlock is what an error gives to paste.
var importBlock = regexp.MustCompile(`import \{\s+to = scalekit_\w+\.NAME\s+id = "[^"]+"\s+\}`)

// Of an object whose create was made by a provider that was killed before it could say so, nobody knows but the
// environment. The next apply does not make it twice where it has a key: it says what is there, and how to adopt it.
func TestProviderKilledInCreate(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	program := acctest.BuildProvider(t)
	for name, test := range map[string]struct{ call, kind, attributes string }{
		"organization with external_id": {"CreateOrganization", "organization", `display_name = "Acme"
  external_id = "acme"`},
		"organization with slug": {"CreateOrganization", "organization", `display_name = "Acme"
  slug = "acme"`},
		"domain": {"CreateDomain", "organization_domain", `organization_id = "org_100000000000000001"
  domain = "globex.example"`},
		"permission": {"CreatePermission", "permission", `name = "billing:read"`},
		"role": {"CreateRole", "role", `name = "engineer"
  display_name = "Engineer"
  permissions = ["invoices:read"]`},
		"organization role": {"CreateOrganizationRole", "organization_role", `organization_id = "org_100000000000000001"
  name = "auditor"
  display_name = "Auditor"`},
		"webhook endpoint with uid": {"svix.endpoint.create", "webhook_endpoint", `url = "https://hooks.acme.example"
  uid = "acme"`},
		"webhook endpoint with uid, before its headers": {"svix.endpoint.update-headers", "webhook_endpoint", `url = "https://hooks.acme.example"
  uid = "acme"
  headers_wo = { authorization = "Basic one" }
  headers_wo_version = 1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, interruptedSeed)})
			workspace := env.ProcessWorkspace(t, program)
			resources := fmt.Sprintf("resource \"scalekit_%s\" \"acme\" {\n  %s\n}\n", test.kind, test.attributes)
			workspace.Write(resources)
			err := env.Emulator.SetFaults([]emulator.Fault{{RPC: test.call, Kind: emulator.FaultDelayAfter, Delay: 2 * time.Second}})
			if err != nil {
				t.Fatal(err)
			}
			if output, err := workspace.UntilFault("apply", (*acctest.Running).KillProvider); err == nil {
				t.Fatalf("the apply succeeds without its provider:\n%s", output)
			}
			made := env.Emulator.Counts()

			output, err := workspace.Apply()
			block := importBlock.FindString(output)
			if err == nil || block == "" {
				t.Fatalf("the next apply does not say how to adopt what is there: %v\n%s", err, output)
			}
			workspace.Write(resources + strings.Replace(block, "NAME", "acme", 1))
			acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added", "0 destroyed")
			workspace.MustBeClean()
			if counts := env.Emulator.Counts(); !maps.Equal(counts, made) {
				t.Errorf("there are %v, and were %v", counts, made)
			}
		})
	}
}
