package organization_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const settingsSeed = `{"organizations": [
  {"id": "org_100000000000000001", "display_name": "Full", "features": {"sso": true, "dir_sync": true},
   "session_policy": {"absolute_session_timeout": 1, "absolute_session_timeout_unit": "DAYS", "idle_session_timeout": 90},
   "user_management": {"max_allowed_users": 0}},
  {"id": "org_100000000000000002", "display_name": "Bare"}]}`

func readSettings(id string) string {
	return `data "scalekit_organization_settings" "this" { organization_id = "` + id + `" }`
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	seed, err := emulator.ParseSeed(strings.NewReader(settingsSeed))
	if err != nil {
		t.Fatal(err)
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	expect := func(attribute string, value knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.scalekit_organization_settings.this", tfjsonpath.New(attribute), value)
	}
	features := func(sso, scim bool) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"sso": knownvalue.Bool(sso), "scim": knownvalue.Bool(scim), "domain_verification": knownvalue.Bool(false), "session_policy": knownvalue.Bool(false),
		})
	}
	bare := []statecheck.StateCheck{
		expect("features", features(true, false)), expect("session_policy", knownvalue.Null()), expect("user_management", knownvalue.Null()),
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config: env.Config(readSettings("org_100000000000000001")),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("features", features(true, true)),
					expect("session_policy", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"absolute_session_timeout": knownvalue.StringExact("24h"), "idle_session_timeout": knownvalue.StringExact("1h30m"),
						"idle_session_timeout_enabled": knownvalue.Bool(false),
					})),
					expect("user_management", knownvalue.ObjectExact(map[string]knownvalue.Check{"max_allowed_users": knownvalue.Int64Exact(0)})),
				},
			},
			{Config: env.Config(readSettings("org_100000000000000002")), ConfigStateChecks: bare},
			{ // An environment that does not offer user management does not hide the rest.
				PreConfig: func() {
					fault := emulator.Fault{RPC: "GetOrganizationUserManagementSetting", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Count: -1}
					if err := env.Emulator.SetFaults([]emulator.Fault{fault}); err != nil {
						t.Fatal(err)
					}
				},
				Config:            env.Config(readSettings("org_100000000000000001")),
				ConfigStateChecks: []statecheck.StateCheck{expect("features", features(true, true)), expect("user_management", knownvalue.Null())},
			},
			{Config: env.Config(readSettings("org_999999999999999999")), ExpectError: acctest.Words(`no organization with id "org_999999999999999999"`)},
			{Config: env.Config(readSettings("acme")), ExpectError: acctest.Words(`must be an id that begins with "org_"`)},
			{
				PreConfig: func() {
					fault := emulator.Fault{RPC: "GetOrganizationSessionPolicy", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Count: -1}
					if err := env.Emulator.SetFaults([]emulator.Fault{fault}); err != nil {
						t.Fatal(err)
					}
				},
				Config:      env.Config(readSettings("org_100000000000000001")),
				ExpectError: acctest.Words("Could not read the settings of organization org_100000000000000001"),
			},
		},
	})
}

// What an organization does not have cannot be imported, and the error says why.
func TestImportOfAbsentSettings(t *testing.T) {
	t.Parallel()
	seed, err := emulator.ParseSeed(strings.NewReader(settingsSeed))
	if err != nil {
		t.Fatal(err)
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	for kind, complaint := range map[string]string{
		"scalekit_organization_session_policy":  "Organization org_100000000000000002 has no session policy of its own: it follows the application's.",
		"scalekit_organization_user_management": "Organization org_100000000000000002 has no limit of its own.",
	} {
		workspace := env.Workspace(t)
		workspace.Write("import {\n  to = " + kind + ".bare\n  id = \"org_100000000000000002\"\n}\n")
		output, err := workspace.Run("plan", "-generate-config-out=generated.tf", "-no-color")
		if err == nil {
			t.Fatalf("%s of an organization that has none is imported:\n%s", kind, output)
		}
		acctest.MustContain(t, output, "There is nothing to import", complaint)
	}
}
