package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Everything that is listed can be adopted: the configuration that Terraform writes for it, here by way of import blocks,
// applies as it is and changes nothing.
func TestListedIsAdopted(t *testing.T) {
	t.Parallel()
	seed := listExampleSeed(t)
	seed.Organizations[0].Metadata = map[string]string{"plan": "enterprise"}
	seed.Organizations[0].Slug = "acme"
	seed.Organizations[0].Directories[0].AttributeMappings = map[string]string{"mail": "email"}
	seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
		DisplayName: "Globex", Directories: []emulator.SeedDirectory{{DirectoryType: "POLL", Enabled: new(false)}},
		Domains: []emulator.SeedDomain{{Domain: "friends.example", DomainType: "ALLOWED_EMAIL_DOMAIN"}},
	})
	seed.WebhookEndpoints = append(seed.WebhookEndpoints, emulator.SeedWebhookEndpoint{
		URL: "https://hooks.acme.example/all", UID: "all", Description: "All", FilterTypes: []string{"user.login"}, Disabled: true,
		Channels: []string{"acme"}, RateLimit: new(7), Metadata: map[string]string{"team": "billing"},
	})
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	driver := protocol.Start(t, env)
	var imports strings.Builder
	count := 0
	for _, kind := range driver.ListResourceTypes() {
		listing := protocol.Listing{Type: kind}
		if kind == "scalekit_role" {
			listing.Config = map[string]any{"include_built_in": true}
		}
		for _, listed := range driver.MustList(listing) {
			count++
			fmt.Fprintf(&imports, "import {\n  to = %s.n%d\n  id = %q\n}\n", kind, count, importID(listed.Identity))
		}
	}
	workspace := env.Workspace(t)
	workspace.Write(imports.String())
	if output, err := workspace.Run("plan", "-no-color", "-input=false", "-generate-config-out=generated.tf"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, workspace.MustApply(),
		fmt.Sprintf("Apply complete! Resources: %d imported, 0 added, 0 changed, 0 destroyed.", count))
	workspace.MustBeClean()
}

// importID is the import id of an identity: what the object belongs to comes first.
func importID(identity map[string]string) string {
	id := identity["id"] + identity["name"] // it has either
	if organizationID, ok := identity["organization_id"]; ok {
		return organizationID + "/" + id
	}
	return id
}
