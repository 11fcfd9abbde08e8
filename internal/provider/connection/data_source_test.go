package connection_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func TestReadAll(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 31} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			organization := emulator.SeedOrganization{DisplayName: "Acme"}
			for range count {
				organization.Connections = append(organization.Connections, emulator.SeedConnection{Provider: "OKTA", Type: "SAML"})
			}
			workspace := acctest.StartEmulator(t, emulator.Options{
				Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{organization}},
			}).Workspace(t)
			workspace.Write(`
data "scalekit_connections" "all" {}
output "count" { value = length(toset(data.scalekit_connections.all.connections[*].id)) }`)
			acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf("count = %d", count))
			workspace.MustBeClean()
		})
	}
}

// longDomain is longer than the API's filter takes.
var longDomain = strings.Repeat("long", 10) + ".example"

func readSeed() *emulator.Seed {
	disabled := false
	return &emulator.Seed{
		Connections: []emulator.SeedConnection{{ID: "conn_100000000000000001", Provider: "GITHUB", Type: "OAUTH", KeyID: "github"}},
		Organizations: []emulator.SeedOrganization{
			{
				ID: "org_100000000000000000", DisplayName: "Acme",
				Domains: []emulator.SeedDomain{{Domain: "acme.example"}, {Domain: longDomain}},
				Connections: []emulator.SeedConnection{
					{ID: "conn_100000000000000002", Provider: "OKTA", Type: "SAML", UIButtonTitle: "Acme", Domains: []string{"acme.example"}},
					{ID: "conn_100000000000000003", Provider: "GOOGLE", Type: "OIDC", Domains: []string{longDomain}},
					{ID: "conn_100000000000000004", Provider: "AUTH0", Type: "OIDC", Status: "DRAFT"},
					{ID: "conn_100000000000000005", Provider: "ADFS", Type: "SAML", Enabled: &disabled},
				},
			},
			{ID: "org_100000000000000001", DisplayName: "Globex"},
		},
	}
}

func TestReadConnections(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed()})
	text := knownvalue.StringExact
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{{
			Config: env.Config(fmt.Sprintf(`
data "scalekit_connections" "usable" {}
data "scalekit_connections" "all" { include = "all" }
data "scalekit_connections" "acme" { organization_id = "org_100000000000000000" }
data "scalekit_connections" "globex" { organization_id = "org_100000000000000001" }
data "scalekit_connections" "domain" { domain = "ACME.example" }
data "scalekit_connections" "long_domain" { domain = %q }
data "scalekit_connections" "other_domain" { domain = "other-%[1]s" }
output "ids" {
  value = {
    for name, connections in {
      usable = data.scalekit_connections.usable, all = data.scalekit_connections.all, acme = data.scalekit_connections.acme,
      globex = data.scalekit_connections.globex, domain = data.scalekit_connections.domain,
      long_domain = data.scalekit_connections.long_domain, other_domain = data.scalekit_connections.other_domain,
    } : name => join(" ", [for connection in connections.connections : trimprefix(connection.id, "conn_10000000000000000")])
  }
}
output "acme" { value = { for name, value in data.scalekit_connections.domain.connections[0] : name => value if name != "created_at" } }
output "environment" { value = [for connection in data.scalekit_connections.all.connections : connection.key_id if connection.organization_id == null] }
`, longDomain)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("ids", knownvalue.MapExact(map[string]knownvalue.Check{
					"usable": text("3 2 1"), "all": text("5 4 3 2 1"), "acme": text("3 2"), "globex": text(""),
					"domain": text("2"), "long_domain": text("3"), "other_domain": text(""),
				})),
				statecheck.ExpectKnownOutputValue("acme", knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"id": text("conn_100000000000000002"), "provider": text("OKTA"), "type": text("SAML"), "status": text("COMPLETED"),
					"enabled": knownvalue.Bool(true), "organization_id": text("org_100000000000000000"), "organization_name": text("Acme"),
					"ui_button_title": text("Acme"), "domains": knownvalue.ListExact([]knownvalue.Check{text("acme.example")}),
					"provider_key": text("OKTA"),
				})),
				statecheck.ExpectKnownOutputValue("environment", knownvalue.TupleExact([]knownvalue.Check{text("github")})),
			},
		}},
	})
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed()})
	var steps []resource.TestStep
	for config, complaint := range map[string]string{
		`data "scalekit_connections" "a" { organization_id = "org_9" }`: `This environment has no organization with id "org_9".`,
		`data "scalekit_connections" "a" { organization_id = "acme" }`:  `must be an id that begins with "org_"`,
		`data "scalekit_connections" "a" { include = "disabled" }`:      `value must be one of: ["all"], got: "disabled"`,
		`data "scalekit_connections" "a" { domain = "" }`:               `string length must be at least 1`,
	} {
		steps = append(steps, resource.TestStep{Config: env.Config(config), ExpectError: acctest.Words(complaint)})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}
