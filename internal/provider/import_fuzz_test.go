package provider_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// importedBy are the attributes that an import id is made of, joined by slashes, for every resource.
var importedBy = map[string][]string{
	"scalekit_default_roles":                {"id"},
	"scalekit_directory":                    {"organization_id", "id"},
	"scalekit_directory_role_assignment":    {"organization_id", "directory_id", "group_id"},
	"scalekit_directory_role_assignments":   {"organization_id", "directory_id"},
	"scalekit_directory_secret":             {"organization_id", "directory_id", "id"},
	"scalekit_organization":                 {"id"},
	"scalekit_organization_default_role":    {"organization_id"},
	"scalekit_organization_domain":          {"organization_id", "id"},
	"scalekit_organization_features":        {"organization_id"},
	"scalekit_organization_role":            {"organization_id", "name"},
	"scalekit_organization_session_policy":  {"organization_id"},
	"scalekit_organization_user_management": {"organization_id"},
	"scalekit_permission":                   {"name"},
	"scalekit_role":                         {"name"},
	"scalekit_webhook_endpoint":             {"id"},
}

// alsoImportedBy are other import ids of objects of the fuzzing's seed, by what stands for them in importedBy.
var alsoImportedBy = map[string]map[string]string{
	"scalekit_organization":        {"org_1": "external_id:" + hostileText},
	"scalekit_organization_domain": {"org_1/dom_1": "org_1/globex.example"},
	"scalekit_webhook_endpoint":    {"ep_1": "uid:directory-sync"},
}

const hostileText = "a/b \"c\" ${d} %{e}\n👩‍💻 \u202eהפוך\u202c e\u0301"

// Any text at all is refused as an import id, or is the import id of what it imports.
func FuzzImportID(f *testing.F) {
	env := acctest.StartEmulator(f, emulator.Options{Seed: &emulator.Seed{
		Organizations: []emulator.SeedOrganization{{
			ID: "org_1", DisplayName: "Globex", ExternalID: hostileText,
			Domains:     []emulator.SeedDomain{{ID: "dom_1", Domain: "globex.example"}},
			Directories: []emulator.SeedDirectory{{ID: "dir_1", Groups: []emulator.SeedDirectoryGroup{{ID: "dirgroup_1", DisplayName: "Engineering"}}}},
		}},
		WebhookEndpoints: []emulator.SeedWebhookEndpoint{{ID: "ep_1", URL: "https://hooks.example", UID: "directory-sync"}},
	}})
	driver := protocol.Start(f, env)
	types := driver.ResourceTypes()
	for i, resourceType := range types {
		known := strings.NewReplacer("organization_id", "org_1", "directory_id", "dir_1", "group_id", "dirgroup_1", "name", "member").
			Replace(strings.Join(importedBy[resourceType], "/"))
		own := map[string]string{
			"scalekit_directory": "dir_1", "scalekit_organization": "org_1", "scalekit_organization_domain": "dom_1",
			"scalekit_webhook_endpoint": "ep_1", "scalekit_default_roles": "default_roles", "scalekit_directory_secret": "sec_1",
		}[resourceType]
		if own != "" {
			known = strings.TrimSuffix(known, "id") + own
		}
		for _, id := range []string{
			known, known + "/", "/" + known, known + "\x00", known + "\n", " " + known, strings.ToUpper(known), known + strings.Repeat("1", 300), "",
			"external_id:", "external_id:nobody", "uid:", "uid:nobody", "org_1/dom_1/globex.example", "org_1//", "org_/x", "org_1/../x",
			"org_\U0001f469\u200d\U0001f4bb", strings.Repeat("é", 32), "\xff\xfe", hostileText,
		} {
			f.Add(uint8(i), id)
		}
		for _, id := range alsoImportedBy[resourceType] {
			f.Add(uint8(i), id)
		}
	}
	f.Fuzz(func(t *testing.T, number uint8, id string) {
		if !utf8.ValidString(id) {
			return // Terraform's strings are Unicode.
		}
		resourceType := types[int(number)%len(types)]
		parts, ok := importedBy[resourceType]
		if !ok {
			t.Fatalf("importedBy lacks %s", resourceType)
		}
		state, problems := driver.For(t).Import(resourceType, id)
		if state == nil {
			if len(problems) == 0 {
				t.Errorf("%s %q: neither imported nor refused", resourceType, id)
			}
			return
		}
		var values []string
		for _, attribute := range parts {
			values = append(values, state[attribute])
		}
		means := strings.Join(values, "/")
		if id != means && (id != alsoImportedBy[resourceType][means] || id == "") || slices.Contains(values, "") {
			t.Errorf("%s %q is imported as %q", resourceType, id, means)
		}
	})
}
