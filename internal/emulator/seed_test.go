package emulator_test

import (
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

const seedText = `{"organizations": [
	{
		"id": "org_160000000000000000", "display_name": "Globex", "external_id": "globex", "region_code": "EU",
		"slug": "globex", "metadata": {"plan": "enterprise"}, "features": {"sso": true, "dir_sync": false},
		"session_policy": {
			"absolute_session_timeout": 1, "absolute_session_timeout_unit": "DAYS",
			"idle_session_timeout": 2, "idle_session_timeout_unit": "HOURS", "idle_session_timeout_enabled": true
		},
		"user_management": {"max_allowed_users": 0}
	},
	{"display_name": "Initech"}
]}`

func parseSeed(t *testing.T, text string) *emulator.Seed {
	t.Helper()
	seed, err := emulator.ParseSeed(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func TestSeed(t *testing.T) {
	t.Parallel()
	for directory, quirks := range map[string]emulator.Quirks{"dir_sync": {}, "scim": {ScimFeatureName: true}} {
		env := start(t, emulator.Options{Seed: parseSeed(t, seedText), Quirks: quirks})
		got := env.read(t, "org_160000000000000000")
		if got.GetDisplayName() != "Globex" || got.GetExternalId() != "globex" || got.GetRegionCode().String() != "EU" ||
			got.GetSlug() != "globex" || got.GetMetadata()["plan"] != "enterprise" || features(got) != "+sso -"+directory {
			t.Errorf("got %v", got)
		}
		if year := got.GetCreateTime().AsTime().Year(); year < 2024 || year > 2030 {
			t.Errorf("create_time %v is not the id's", got.GetCreateTime().AsTime())
		}
		policy, err := env.GetOrganizationSessionPolicy(t.Context(),
			connect.NewRequest(&orgv1.GetOrganizationSessionPolicyRequest{OrganizationId: got.GetId()}))
		if err != nil || policy.Msg.GetPolicy().GetAbsoluteSessionTimeout().GetValue() != 1440 ||
			policy.Msg.GetPolicy().GetIdleSessionTimeout().GetValue() != 120 {
			t.Errorf("policy %v (%v)", policy, err)
		}
		settings, err := env.GetOrganizationUserManagementSetting(t.Context(),
			connect.NewRequest(&orgv1.GetOrganizationUserManagementSettingsRequest{OrganizationId: got.GetId()}))
		if err != nil || settings.Msg.GetSettings().GetMaxAllowedUsers() == nil {
			t.Errorf("settings %v (%v), want 0", settings, err)
		}
		if page, err := env.list(t, &orgv1.ListOrganizationsRequest{}); err != nil ||
			names(page.GetOrganizations())[0] != "Initech" {
			t.Errorf("list %v (%v), want the last of the seed first", page, err)
		}
	}
}

func TestParseSeedIsStrict(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                      "ends too early",
		`{`:                     "ends too early",
		`[]`:                    "not an object",
		`{} {}`:                 "after the JSON value",
		`{"organisations": []}`: "organisations: unknown field",
		`{"organizations": {}}`: "organizations: not an array",
		`{"organizations": [{"display_name": "A"}, {"name": "B"}]}`:               "organizations[1].name: unknown field",
		`{"organizations": [{"display_name": 1}]}`:                                "organizations[0].display_name: 1 is not a string",
		`{"organizations": [{"features": {"sso": "yes"}}]}`:                       `organizations[0].features.sso: "yes" is not true or false`,
		`{"organizations": [{"slug": "a", "slug": "b"}]}`:                         "organizations[0].slug: there twice",
		`{"organizations": [{"user_management": {"max_allowed_users": 1e99}}]}`:   "organizations[0].user_management.max_allowed_users: 1e99 is not a number that fits",
		`{"organizations": [{"session_policy": {"absolute_session_timout": 1}}]}`: "organizations[0].session_policy.absolute_session_timout: unknown field",
	} {
		if _, err := emulator.ParseSeed(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	seed := parseSeed(t, `{"organizations": [{"display_name": "A", "user_management": null}]}`)
	if seed.Organizations[0].UserManagement != nil {
		t.Error("null is not as if it were left out")
	}
}

func TestSeedObeysTheRules(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	env.create(t, "Taken", func(o *orgv1.CreateOrganization) { o.ExternalId = new("taken") })
	for text, want := range map[string]string{
		`{"display_name": ""}`:                                                           "organizations[1]: validation error",
		`{"display_name": "A", "external_id": "taken"}`:                                  "already exists",
		`{"display_name": "A", "id": "org_1"}`:                                           "already exists",
		`{"display_name": "A", "id": "acme"}`:                                            `organizations[1]: id: "acme"`,
		`{"display_name": "A", "region_code": "MARS"}`:                                   `organizations[1]: region_code: there is no "MARS"`,
		`{"display_name": "A", "features": {"teleport": true}}`:                          "organizations[1]: features:",
		`{"display_name": "A", "session_policy": {}}`:                                    "organizations[1]: session_policy:",
		`{"display_name": "A", "session_policy": {"idle_session_timeout_unit": "AGES"}}`: `session_policy.idle_session_timeout_unit: there is no "AGES"`,
		`{"display_name": "A", "user_management": {"max_allowed_users": -1}}`:            "organizations[1]: user_management:",
	} {
		seed := parseSeed(t, `{"organizations": [{"display_name": "First", "id": "org_1"}, `+text+`]}`)
		if err := env.ApplySeed(seed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if _, err := emulator.New(emulator.Options{Seed: seed}); err == nil && !strings.Contains(text, "taken") {
			t.Errorf("%s: New let it through", text)
		}
	}
	if got := env.Counts()["organizations"]; got != 1 {
		t.Errorf("%d organizations, want 1: a refused seed leaves nothing", got)
	}
	if err := env.ApplySeed(nil); err == nil {
		t.Error("no seed was let through")
	}
}
