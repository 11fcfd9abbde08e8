package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// hardText is text that a configuration has to quote: another script, templates, quotes, lines.
const hardText = "Ünïcode \U0001F680 ${not.a.template} %{ if true } $${x} \"quoted\" back\\slash\nsecond line\ttab <&>"

// foundEnvironment is an environment that was made elsewhere: with all that a platform may have, and with nothing but the names.
const foundEnvironment = `{
 "permissions": [{"name": "billing:read", "description": HARD}, {"name": "bare"}, {"name": "json", "description": "{\"a\":[2],\"b\":1}"}],
 "roles": [{"name": "Bare"},
  {"name": "engineer", "display_name": "[1,2]", "description": HARD, "extends": "Bare", "permissions": ["billing:read"]}],
 "organizations": [
  {"id": "org_100000000000000001", "display_name": HARD, "external_id": "a/b ${c} \"d\"", "slug": "acme.example",
   "metadata": {"note": HARD, "${key}": "{\"json\":true}", "true": "false"},
   "features": {"sso": true, "dir_sync": false},
   "session_policy": {"absolute_session_timeout": 1, "absolute_session_timeout_unit": "DAYS", "idle_session_timeout": 90, "idle_session_timeout_enabled": true},
   "user_management": {"max_allowed_users": 0},
   "roles": [{"name": "auditor", "display_name": HARD, "permissions": ["billing:read", "sk_org_sso_read"], "default_member": true},
    {"name": "junior", "extends": "auditor"}],
   "domains": [{"domain": "acme.example"}, {"domain": "friends.example", "domain_type": "ALLOWED_EMAIL_DOMAIN"},
    {"domain": "pending.example", "verification_status": "PENDING"}, {"domain": "failed.example", "verification_status": "FAILED"}],
   "directories": [
    {"id": "dir_100000000000000001", "directory_provider": "OKTA", "attribute_mappings": {"userName": "email", "${x}": "\"y\""},
     "groups": [{"id": "dirgroup_100000000000000001", "display_name": "Engineering"}, {"id": "dirgroup_100000000000000002", "display_name": "IT"}],
     "role_assignments": {"Engineering": "engineer", "IT": "auditor"},
     "secrets": [{"id": "sec_100000000000000001"}, {"id": "sec_100000000000000002", "expire_time": "2999-01-01T00:00:00Z"}]},
    {"id": "dir_100000000000000002", "directory_type": "LDAP", "enabled": false}]},
  {"id": "org_100000000000000002", "display_name": "Bare", "session_policy": {"absolute_session_timeout": 45}, "user_management": {"max_allowed_users": 25}},
  {"id": "org_100000000000000003", "display_name": "{\"a\":2,\"b\":1}", "external_id": "null"}],
 "webhook_endpoints": [
  {"id": "ep_bare", "url": "https://hooks.example"}, {"id": "ep_http", "url": "http://hooks.example/plain"},
  {"id": "ep_full", "url": "https://hooks.example/Path?q=${x}%20y", "description": HARD, "disabled": true,
   "filterTypes": ["user.login", "organization.created"], "channels": ["one", "two.three"], "rateLimit": 65535,
   "metadata": {"note": HARD, "k": ""}, "uid": "full", "headers": {"authorization": "secret"}}]
}`

// importIDs are import ids by the addresses of resources.
type importIDs map[string]string

func (i importIDs) blocks() string {
	var blocks strings.Builder
	for _, address := range slices.Sorted(maps.Keys(i)) {
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", address, i[address])
	}
	return blocks.String()
}

// foundObjects are one of each kind or more, but for single role assignments, which do not go together with all of them.
var foundObjects = importIDs{
	"scalekit_default_roles.environment":            "default",
	"scalekit_directory.bare":                       "org_100000000000000001/dir_100000000000000002",
	"scalekit_directory.full":                       "org_100000000000000001/dir_100000000000000001",
	"scalekit_directory_role_assignments.full":      "org_100000000000000001/dir_100000000000000001",
	"scalekit_directory_role_assignments.none":      "org_100000000000000001/dir_100000000000000002",
	"scalekit_directory_secret.expires":             "org_100000000000000001/dir_100000000000000001/sec_100000000000000002",
	"scalekit_directory_secret.forever":             "org_100000000000000001/dir_100000000000000001/sec_100000000000000001",
	"scalekit_organization.bare":                    "org_100000000000000002",
	"scalekit_organization.full":                    "org_100000000000000001",
	"scalekit_organization.json":                    "org_100000000000000003",
	"scalekit_organization_default_role.bare":       "org_100000000000000002",
	"scalekit_organization_default_role.full":       "org_100000000000000001",
	"scalekit_organization_domain.allowed":          "org_100000000000000001/friends.example",
	"scalekit_organization_domain.failed":           "org_100000000000000001/failed.example",
	"scalekit_organization_domain.pending":          "org_100000000000000001/pending.example",
	"scalekit_organization_domain.verified":         "org_100000000000000001/acme.example",
	"scalekit_organization_features.bare":           "org_100000000000000002",
	"scalekit_organization_features.full":           "org_100000000000000001",
	"scalekit_organization_role.auditor":            "org_100000000000000001/auditor",
	"scalekit_organization_role.junior":             "org_100000000000000001/junior",
	"scalekit_organization_session_policy.bare":     "org_100000000000000002",
	"scalekit_organization_session_policy.full":     "org_100000000000000001",
	"scalekit_organization_user_management.limited": "org_100000000000000002",
	"scalekit_organization_user_management.zero":    "org_100000000000000001",
	"scalekit_permission.bare":                      "bare",
	"scalekit_permission.full":                      "billing:read",
	"scalekit_permission.json":                      "json",
	"scalekit_role.bare":                            "Bare",
	"scalekit_role.built_in":                        "admin",
	"scalekit_role.full":                            "engineer",
	"scalekit_webhook_endpoint.bare":                "ep_bare",
	"scalekit_webhook_endpoint.full":                "ep_full",
	"scalekit_webhook_endpoint.http":                "ep_http",
}

// What Terraform generates for an import block is accepted as it is, imports without a change, and is followed by an
// empty plan: for everything that the provider manages, and for what a platform may have but the provider does not
// create.
func TestGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(hardText)
	if err != nil {
		t.Fatal(err)
	}
	seed := parseSeed(t, strings.ReplaceAll(foundEnvironment, "HARD", string(quoted)))
	one := importIDs{
		"scalekit_directory_role_assignment.engineering": "org_100000000000000001/dir_100000000000000001/dirgroup_100000000000000001",
		"scalekit_directory_role_assignment.it":          "org_100000000000000001/dir_100000000000000001/dirgroup_100000000000000002",
	}
	settings := importIDs{
		"scalekit_organization.this":                "org_100000000000000001",
		"scalekit_organization_features.this":       "org_100000000000000001",
		"scalekit_organization_domain.this":         "org_100000000000000001/Acme.Example",
		"scalekit_organization_session_policy.this": "org_100000000000000001",
	}
	lax := parseSeed(t, `{"organizations": [{"id": "org_100000000000000001", "display_name": "Acme Inc.",
  "domains": [{"domain": "Acme.Example"}], "session_policy": {"absolute_session_timeout": 45, "idle_session_timeout": 90}}]}`)
	bare := parseSeed(t, `{"organizations": [{"id": "org_100000000000000001", "display_name": "Acme Inc.",
  "domains": [{"domain": "Acme.Example"}], "session_policy": {"absolute_session_timeout": 45}}]}`)

	covered := map[string]bool{}
	for name, test := range map[string]struct {
		seed    *emulator.Seed
		quirks  emulator.Quirks
		imports importIDs
	}{
		"everything":              {seed: seed, imports: foundObjects},
		"single role assignments": {seed: seed, imports: one},
		"a domain in upper case, a long idle timeout that is off, a generated slug": {
			lax, emulator.Quirks{KeepsDomainCase: true, DisabledIdleTimeoutIsFree: true, GeneratesSlug: true}, settings,
		},
		"an idle timeout of 0, features that are listed as off": {
			bare, emulator.Quirks{KeepsDomainCase: true, ZeroIdleTimeout: true, FreshFeaturesListed: true}, settings,
		},
	} {
		for address := range test.imports {
			kind, _, _ := strings.Cut(address, ".")
			covered[kind] = true
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Seed: test.seed, Quirks: test.quirks}).Workspace(t)
			workspace.Write(test.imports.blocks())
			if output, err := workspace.Run("plan", "-generate-config-out=generated.tf", "-input=false", "-no-color"); err != nil {
				t.Fatalf("plan: %v\n%s", err, output)
			}
			acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", len(test.imports)))
			workspace.MustBeClean()
			workspace.Write("") // without the import blocks
			workspace.MustBeClean()
		})
	}
	for _, kind := range protocol.Start(t, acctest.StartEmulator(t, emulator.Options{})).ResourceTypes() {
		if !covered[kind] {
			t.Errorf("no %s is imported", kind)
		}
	}
}
