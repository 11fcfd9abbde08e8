package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// notSecret are attributes whose names sound like secrets, with the reason why they are none.
var notSecret = map[string]string{
	"scalekit_directory.secrets":                              "it says which secrets there are, without their values",
	"scalekit_directory.secrets.secret_suffix":                "it is what the dashboard shows of a secret, to tell it from others",
	"scalekit_organization_domains.domains.txt_record_secret": "it is made to be published in the DNS",
}

// No data source has an attribute for a secret: whatever is sensitive, or sounds like it.
func TestDataSourcesHaveNoAttributeForSecrets(t *testing.T) {
	t.Parallel()
	excused := map[string]bool{}
	var walk func(at string, attributes []*tfprotov6.SchemaAttribute)
	walk = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, attribute := range attributes {
			name := at + "." + attribute.Name
			if attribute.Sensitive || attribute.WriteOnly {
				t.Errorf("%s is sensitive", name)
			}
			for _, word := range []string{"secret", "token", "password", "credential", "private", "header", "settings"} {
				if !strings.Contains(attribute.Name, word) {
					continue
				}
				if notSecret[name] == "" {
					t.Errorf("%s sounds like a secret: leave it out, or say in notSecret why it is none", name)
				}
				excused[name] = true
			}
			if !strings.HasSuffix(attribute.Description, ".") {
				t.Errorf("%s: the description is not a sentence: %q", name, attribute.Description)
			}
			if attribute.NestedType != nil {
				walk(name, attribute.NestedType.Attributes)
			}
		}
	}
	for dataSource, schema := range protocol.Start(t, acctest.StartEmulator(t, emulator.Options{})).DataSourceSchemas() {
		if len(schema.Block.BlockTypes) > 0 {
			t.Errorf("%s has blocks, which this test does not look into", dataSource)
		}
		walk(dataSource, schema.Block.Attributes)
	}
	for name := range notSecret {
		if !excused[name] {
			t.Errorf("%s is excused and does not exist", name)
		}
	}
}

// No data source gives away what the environment keeps secret, under whatever name.
func TestDataSourcesGiveNoSecrets(t *testing.T) {
	t.Parallel()
	const signingSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	seed := parseSeed(t, exampleSeed)
	seed.Organizations[0].ID, seed.Organizations[0].Directories[0].ID = listedOrganization, listedDirectory
	seed.WebhookEndpoints = []emulator.SeedWebhookEndpoint{{
		URL: "https://hooks.example/", Secret: signingSecret, Headers: map[string]string{"Authorization": "Bearer gateway"},
	}}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	created, err := env.Client().Directories.CreateDirectorySecret(t.Context(), connect.NewRequest(
		&directoriesv1.CreateDirectorySecretRequest{OrganizationId: listedOrganization, DirectoryId: listedDirectory}))
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{
		"the webhook endpoint's secret": strings.TrimPrefix(signingSecret, "whsec_"),
		"the webhook endpoint's header": "Bearer gateway",
		"the directory's secret":        created.Msg.GetPlainSecret(),
		"the client secret":             emulator.DefaultClientSecret,
		"an access token":               "eyJ", // the beginning of every JWT
	}
	driver := protocol.Start(t, env)
	configs := map[string]map[string]any{
		"scalekit_organization":          {"external_id": "acme"},
		"scalekit_organization_settings": {"organization_id": listedOrganization},
		"scalekit_directory":             {"organization_id": listedOrganization},
		"scalekit_directories":           {"organization_id": listedOrganization},
		"scalekit_directory_users":       {"organization_id": listedOrganization, "directory_id": listedDirectory, "include_detail": true},
		"scalekit_role":                  {"name": "analyst"},
		"scalekit_user":                  {"email": "grace@acme.example"},
		"scalekit_connections":           {"include": "all"},
	}
	for _, one := range listings {
		if configs[one.dataSource] == nil {
			configs[one.dataSource] = one.config
		}
	}
	for _, dataSource := range driver.DataSourceTypes() {
		content, err := json.Marshal(driver.MustRead(dataSource, configs[dataSource]).Attributes)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) < len(`{"id":"org_1"}`) {
			t.Errorf("%s gives nothing: %s", dataSource, content)
		}
		for what, secret := range secrets {
			if secret == "" || strings.Contains(string(content), secret) {
				t.Errorf("%s gives %s away: %s", dataSource, what, fmt.Sprintf("%.500s", content))
			}
		}
	}
}
