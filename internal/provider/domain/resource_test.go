package domain_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/chaos"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const (
	acme         = "scalekit_organization_domain.acme"
	organization = "org_100000000000000000"
)

func withOrganization(quirks emulator.Quirks) emulator.Options {
	return emulator.Options{Quirks: quirks, Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: organization, DisplayName: "Acme"},
	}}}
}

func config(env *acctest.Env, attributes string) string {
	return env.Config(fmt.Sprintf(`
resource "scalekit_organization" "acme" {
  display_name = %q
}
resource "scalekit_organization_domain" "acme" {
  organization_id = scalekit_organization.acme.id
  %s
}`, env.Name("Acme"), attributes))
}

func expect(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(acme, tfjsonpath.New(attribute), value)
}

func action(wanted plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(acme, wanted)}}
}

// importID is an import id of the domain: of its organization and one of its attributes.
func importID(attribute string) resource.ImportStateIdFunc {
	return func(state *acctest.State) (string, error) {
		organizationID, err := acctest.AttributeOf(acme, "organization_id")(state)
		if err != nil {
			return "", err
		}
		name, err := acctest.AttributeOf(acme, attribute)(state)
		return organizationID + "/" + name, err
	}
}

func TestDomain(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	first, second := env.Name("acme")+".example", env.Name("acme")+"-corp.example"

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config: config(env, fmt.Sprintf("domain = %q", first)),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("id", knownvalue.StringRegexp(regexp.MustCompile(`^dom_\d+$`))),
					expect("domain_type", knownvalue.StringExact("ORGANIZATION_DOMAIN")),
					expect("verification_status", knownvalue.StringRegexp(regexp.MustCompile(`^(AUTO_)?VERIFIED$`))),
					expect("verification_method", knownvalue.StringExact("ADMIN")),
				},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: importID("id")},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: importID("domain")},
			{
				Config:            config(env, fmt.Sprintf("domain = %q", second)),
				ConfigPlanChecks:  action(plancheck.ResourceActionReplace),
				ConfigStateChecks: []statecheck.StateCheck{expect("domain", knownvalue.StringExact(second))},
			},
			{
				Config:            config(env, fmt.Sprintf("domain = %q\ndomain_type = \"ALLOWED_EMAIL_DOMAIN\"", second)),
				ConfigPlanChecks:  action(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expect("verification_method", knownvalue.StringExact("NOT_APPLICABLE"))},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: importID("domain")},
			{ // A type that is no longer declared is the default again.
				Config:           config(env, fmt.Sprintf("domain = %q", second)),
				ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
			},
		},
	})
}

func TestDomainDisappears(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withOrganization(emulator.Quirks{}))
	workspace := env.Workspace(t)
	workspace.Write(fixed("acme.example"))
	workspace.MustApply()
	for range 2 {
		remove(t, env)
		acctest.MustContain(t, workspace.MustApply(), "1 added, 0 changed, 0 destroyed")
		workspace.MustBeClean()
	}
	remove(t, env)
	if output, err := workspace.Destroy(); err != nil {
		t.Errorf("destroy: %v\n%s", err, output)
	}
}

func TestDomainPlanChecks(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withOrganization(emulator.Quirks{}))
	workspace := env.Workspace(t)
	workspace.Write(fixed("acme.example"))
	workspace.MustApply()

	// The domain itself is no conflict when it is replaced.
	if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace="+acme); err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	workspace.MustBeClean()

	other := env.Workspace(t)
	other.Write(fixed("acme.example"))
	output, err := other.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan does not find the conflict:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", "id = \""+organization+"/dom_")

	other.Write(fixed("acme.example") + fmt.Sprintf(`
import {
  to = %s
  id = "%s/acme.example"
}`, acme, organization))
	acctest.MustContain(t, other.MustApply(), "1 imported, 0 added, 0 changed, 0 destroyed")
	other.MustBeClean()
}

func TestDomainRefusesInvalidValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	var steps []resource.TestStep
	for attributes, complaint := range map[string]string{
		``:                                `The argument "domain" is required`,
		`domain = "acme"`:                 `"acme" has no dot`,
		`domain = "a.b"`:                  `"a.b" has 3 characters`,
		`domain = "Acme.example"`:         `"Acme.example" has upper-case letters: write "acme.example"`,
		`domain = "gmail.com"`:            `"gmail.com" belongs to a public e-mail provider`,
		`domain = "acme..example"`:        `is not a domain name`,
		`domain = "https://acme.example"`: `is not a domain name`,
		`domain = "ann@acme.example"`:     `is not a domain name`,
		`domain = "acme.example."`:        `is not a domain name`,
		`domain = "bücher.example"`:       `is not a domain name`,
		`domain = "` + strings.Repeat("a.", 130) + `example"`: `has 267 characters`,
		"domain = \"acme.example\"\ndomain_type = \"OTHER\"":  `Attribute domain_type value must be one of: ["ORGANIZATION_DOMAIN" "ALLOWED_EMAIL_DOMAIN"]`,
	} {
		steps = append(steps, resource.TestStep{Config: config(env, attributes), PlanOnly: true, ExpectError: acctest.Words(complaint)})
	}
	steps = append(steps, resource.TestStep{Config: config(env, fmt.Sprintf("domain = %q", env.Name("acme")+".example"))})
	for id, complaint := range map[string]string{
		"acme.example":                           `is not an import id of a domain`,
		"org_1/":                                 `is not an import id of a domain`,
		"acme/acme.example":                      `is not an import id of a domain`,
		organization + "/dom_999999999999999999": `Cannot import non-existent remote object`,
	} {
		steps = append(steps, resource.TestStep{ResourceName: acme, ImportState: true, ImportStateId: id, ExpectError: acctest.Words(complaint)})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

// An import by name reads the organization's domains to the end.
func TestDomainImportReadsEveryPage(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 99, 100, 101, 1000} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			options := withOrganization(emulator.Quirks{})
			for i := range count {
				options.Seed.Organizations[0].Domains = append(options.Seed.Organizations[0].Domains,
					emulator.SeedDomain{Domain: fmt.Sprintf("domain-%d.example", i)})
			}
			env := acctest.StartEmulator(t, options)
			for _, name := range []string{"domain-0.example", fmt.Sprintf("domain-%d.example", count-1)} {
				workspace := env.Workspace(t)
				workspace.Write(fixed(name))
				if output, err := workspace.Run("import", acme, organization+"/"+name); err != nil {
					t.Fatalf("import %s: %v\n%s", name, err, output)
				}
				workspace.MustBeClean()
			}
			workspace := env.Workspace(t)
			workspace.Write(fixed("none.example"))
			output, err := workspace.Run("import", "-no-color", acme, organization+"/none.example")
			if err == nil {
				t.Fatal("a domain that does not exist is imported")
			}
			acctest.MustContain(t, output, `has no domain "none.example"`)
		})
	}
}

func TestDomainImportByIdentity(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withOrganization(emulator.Quirks{}))
	created, err := env.Client().Domains.CreateDomain(t.Context(), connect.NewRequest(&domainsv1.CreateDomainRequest{
		Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: organization},
		Domain:     &domainsv1.CreateDomain{Domain: "acme.example"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	identity := map[string]string{"organization_id": organization, "id": created.Msg.GetDomain().GetId()}
	state, got := protocol.Start(t, env).ImportByIdentity("scalekit_organization_domain", identity)
	if state["domain"] != "acme.example" || got["id"] != identity["id"] || got["organization_id"] != organization {
		t.Errorf("the imported domain has the state %v and the identity %v", state, got)
	}
}

// Where neither the reply nor a look tells whether the domain was created, the error says so and the next plan tells.
func TestDomainOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withOrganization(emulator.Quirks{}))
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("max_retries = 0"))
	workspace.Write(fixed("acme.example"))
	if err := env.Emulator.SetFaults([]emulator.Fault{
		{RPC: "CreateDomain", Kind: emulator.FaultDropAfter},
		{RPC: "ListDomains", Kind: emulator.FaultErrorBefore, Count: -1},
	}); err != nil {
		t.Fatal(err)
	}
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "Could not create domain acme.example", "It is not known whether the domain was created")
	if err := env.Emulator.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	if output, err = workspace.Run("plan", "-no-color"); err == nil {
		t.Fatalf("the plan does not find the domain:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", "id = \""+organization+"/dom_")
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	chaos.FaultMatrix(t, withOrganization(emulator.Quirks{}).Seed, []chaos.Change{
		{Name: "create", After: fixed("acme.example")},
		{Name: "replace", Before: fixed("acme.example"), After: fixed("acme-corp.example")},
		{Name: "destroy", Before: fixed("acme.example")},
	})
}

// fixed declares a domain of the organization that the seed has.
func fixed(name string) string {
	return fmt.Sprintf(`
resource "scalekit_organization_domain" "acme" {
  organization_id = %q
  domain          = %q
}
`, organization, name)
}

// remove deletes every domain of the organization behind Terraform's back.
func remove(t *testing.T, env *acctest.Env) {
	t.Helper()
	identity := &domainsv1.ListDomainRequest_OrganizationId{OrganizationId: organization}
	listed, err := env.Client().Domains.ListDomains(t.Context(), connect.NewRequest(&domainsv1.ListDomainRequest{Identities: identity}))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range listed.Msg.GetDomains() {
		_, err := env.Client().Domains.DeleteDomain(t.Context(), connect.NewRequest(&domainsv1.DeleteDomainRequest{
			Identities: &domainsv1.DeleteDomainRequest_OrganizationId{OrganizationId: organization}, Id: one.GetId(),
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What a plan and an apply of many domains look up does not grow with their square: one list for the plan, and none for a
// create that succeeds.
func TestManyDomainsAreListedOnce(t *testing.T) {
	t.Parallel()
	options := withOrganization(emulator.Quirks{})
	for i := range 250 {
		options.Seed.Organizations[0].Domains = append(options.Seed.Organizations[0].Domains, emulator.SeedDomain{Domain: fmt.Sprintf("old%d.example", i)})
	}
	env := acctest.StartEmulator(t, options)
	workspace := env.Workspace(t)
	workspace.Write(fmt.Sprintf(`
resource "scalekit_organization_domain" "acme" {
  count           = 40
  organization_id = %q
  domain          = "new${count.index}.example"
}`, organization))
	const pages = 3 // of 100 domains
	env.Emulator.ResetRequests()
	if output, err := workspace.Run("plan", "-no-color", "-input=false"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	if got := env.Calls("ListDomains"); got != pages {
		t.Errorf("the plan makes %d calls of ListDomains, and should make %d", got, pages)
	}
	env.Emulator.ResetRequests()
	workspace.MustApply()
	if got := env.Calls("ListDomains"); got > 2*pages { // Terraform plans once more when it applies
		t.Errorf("the apply makes %d calls of ListDomains, and should make %d at most", got, 2*pages)
	}
}
