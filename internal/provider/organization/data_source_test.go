package organization_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func TestOrganizationDataSource(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	externalID := env.Name("acme")
	config := acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q\nmetadata = { plan = \"a\" }", externalID)) + `
data "scalekit_organization" "by_id" {
  id = scalekit_organization.acme.id
}
data "scalekit_organization" "by_external_id" {
  external_id = scalekit_organization.acme.external_id
}`
	var checks []statecheck.StateCheck
	for _, address := range []string{"data.scalekit_organization.by_id", "data.scalekit_organization.by_external_id"} {
		checks = append(checks,
			statecheck.ExpectKnownValue(address, tfjsonpath.New("display_name"), knownvalue.StringExact("Acme")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("external_id"), knownvalue.StringExact(externalID)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("metadata"), metadata(map[string]string{"plan": "a"})),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("region_code"), knownvalue.StringExact("US")),
		)
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps:                    []resource.TestStep{{Config: config, ConfigStateChecks: checks}, {Config: config, PlanOnly: true}},
	})
}

func TestOrganizationDataSourceErrors(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	var steps []resource.TestStep
	for attributes, complaint := range map[string]string{
		``: `2 attributes specified when one (and only one) of [id.<.external_id] is required`,
		`id = "org_1"` + "\n" + `external_id = "a"`: `2 attributes specified when one (and only one)`,
		`id = "acme"`:                   `must be an id that begins with "org_"`,
		`id = "org_999999999999999999"`: `This environment has no organization with id "org_999999999999999999"`,
		`external_id = "nobody"`:        `This environment has no organization with external_id "nobody"`,
	} {
		if attributes == "" {
			complaint = `No attribute specified when one (and only one)`
		}
		steps = append(steps, resource.TestStep{
			Config:      env.Config("data \"scalekit_organization\" \"acme\" {\n" + attributes + "\n}"),
			ExpectError: acctest.Words(complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

func TestOrganizationsDataSource(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 101} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			seed := &emulator.Seed{}
			for i := range count {
				seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
					DisplayName: fmt.Sprintf("Customer %d", i), ExternalID: fmt.Sprintf("customer-%d", i),
				})
			}
			env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
			names := make([]knownvalue.Check, 0, count)
			for i := range count {
				names = append(names, knownvalue.StringExact(fmt.Sprintf("customer-%d", count-1-i))) // newest first
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: env.Providers,
				Steps: []resource.TestStep{{
					Config: env.Config(`
data "scalekit_organizations" "all" {}
output "external_ids" { value = data.scalekit_organizations.all.organizations[*].external_id }`),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownOutputValue("external_ids", knownvalue.ListExact(names)),
					},
				}},
			})
		})
	}
}
