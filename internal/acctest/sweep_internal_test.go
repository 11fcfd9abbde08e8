package acctest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Whatever has the test's name is found and removed, in an order that the platform allows, and nothing else.
func TestSweep(t *testing.T) {
	t.Parallel()
	const unique = "-tf0badcafe"
	name := func(name string) string { return name + strings.Replace(unique, "-", "_", 1) }
	seed := &emulator.Seed{
		Permissions: []emulator.SeedPermission{{Name: name("billing")}, {Name: "billing"}},
		Roles: []emulator.SeedRole{
			{Name: name("base"), Permissions: []string{name("billing")}},
			{Name: name("engineer"), Extends: name("base")},
			{Name: "engineer"},
		},
		Organizations: []emulator.SeedOrganization{
			{DisplayName: "Acme" + unique, Roles: []emulator.SeedRole{{Name: "auditor", Extends: name("base")}}},
			{DisplayName: "Acme", ExternalID: "acme" + unique},
			{DisplayName: "Acme", ExternalID: "acme"},
		},
		WebhookEndpoints: []emulator.SeedWebhookEndpoint{{URL: "https://hooks" + unique + ".example"}, {URL: "https://hooks.example"}},
	}
	for range 150 { // more than a page of others
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{DisplayName: "Customer"})
		seed.Permissions = append(seed.Permissions, emulator.SeedPermission{Name: fmt.Sprintf("p%d", len(seed.Permissions))})
	}
	inEmulator := StartEmulator(t, emulator.Options{Seed: seed})
	before := inEmulator.Emulator.Counts()
	// As a real environment, of which the emulator's address and credentials are all that is known.
	env := &Env{url: inEmulator.url, unique: unique, clientID: emulator.DefaultClientID, clientSecret: emulator.DefaultClientSecret}

	left, err := env.leftovers(t.Context())
	if err != nil || len(left) != 6 {
		t.Errorf("%d leftovers are found (%v), and should be 6", len(left), err)
	}
	if problems := env.removeLeftovers(t.Context()); len(problems) > 0 {
		t.Errorf("removing them: %q", problems)
	}
	after := inEmulator.Emulator.Counts()
	for kind, gone := range map[string]int{"organizations": 2, "roles": 3, "permissions": 1, "webhook_endpoints": 1} {
		if before[kind]-after[kind] != gone {
			t.Errorf("there were %d %s and are %d, %d should be gone", before[kind], kind, after[kind], gone)
		}
	}
}
