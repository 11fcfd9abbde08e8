package domain_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// readOrganization is the id that the seeds of these tests give.
const readOrganization = "org_100000000000000000"

// readSeed is an organization with so many domains, beside another with one.
func readSeed(count int) *emulator.Seed {
	var domains []emulator.SeedDomain
	for i := range count {
		domains = append(domains, emulator.SeedDomain{Domain: fmt.Sprintf("d%d.acme.example", i)})
	}
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: readOrganization, DisplayName: "Acme", Domains: domains},
		{DisplayName: "Globex", Domains: []emulator.SeedDomain{{Domain: "globex.example"}}},
	}}
}

const readDomains = `
data "scalekit_organization_domains" "all" {
  organization_id = "org_100000000000000000"
}
`

func TestReadEveryPage(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 101} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(count)}).Workspace(t)
			workspace.Write(readDomains + `
output "counts" {
  value = join(" ", [
    length(data.scalekit_organization_domains.all.domains), length(data.scalekit_organization_domains.all.ids_by_domain),
    length(toset(data.scalekit_organization_domains.all.domains[*].id)),
  ])
}`)
			acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf(`counts = "%[1]d %[1]d %[1]d"`, count))
			workspace.MustBeClean()
		})
	}
}

func TestReadDomains(t *testing.T) {
	t.Parallel()
	seed := readSeed(0)
	seed.Organizations[0].Domains = []emulator.SeedDomain{
		{ID: "dom_100000000000000001", Domain: "acme.example"},
		{ID: "dom_100000000000000002", Domain: "acme-labs.example", VerificationStatus: "PENDING"},
		{ID: "dom_100000000000000003", Domain: "friends.example", DomainType: "ALLOWED_EMAIL_DOMAIN"},
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:      env.Config(`data "scalekit_organization_domains" "a" { organization_id = "org_9" }`),
				ExpectError: acctest.Words(`This environment has no organization with id "org_9".`),
			},
			{
				Config:      env.Config(`data "scalekit_organization_domains" "a" { organization_id = "acme" }`),
				ExpectError: acctest.Words(`must be an id that begins with "org_"`),
			},
			{
				Config: env.Config(readDomains + `
output "ids" { value = data.scalekit_organization_domains.all.ids_by_domain }
output "domains" {
  value = {
    for domain in data.scalekit_organization_domains.all.domains : domain.domain =>
    "${domain.organization_id} ${domain.domain_type} ${domain.verification_status} ${domain.verification_method}"
  }
}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("ids", knownvalue.MapExact(map[string]knownvalue.Check{
						"acme.example":      knownvalue.StringExact("dom_100000000000000001"),
						"acme-labs.example": knownvalue.StringExact("dom_100000000000000002"),
						"friends.example":   knownvalue.StringExact("dom_100000000000000003"),
					})),
					statecheck.ExpectKnownOutputValue("domains", knownvalue.MapExact(map[string]knownvalue.Check{
						"acme.example":      knownvalue.StringExact(readOrganization + " ORGANIZATION_DOMAIN AUTO_VERIFIED ADMIN"),
						"acme-labs.example": knownvalue.StringExact(readOrganization + " ORGANIZATION_DOMAIN PENDING DNS"),
						"friends.example":   knownvalue.StringExact(readOrganization + " ALLOWED_EMAIL_DOMAIN VERIFICATION_STATUS_UNSPECIFIED NOT_APPLICABLE"),
					})),
				},
			},
		},
	})
}
