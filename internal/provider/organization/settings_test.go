package organization_test

import (
	"fmt"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"google.golang.org/protobuf/types/known/wrapperspb"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const (
	policy     = "scalekit_organization_session_policy.acme"
	management = "scalekit_organization_user_management.acme"
)

// settingsConfig is an organization and one resource with its settings.
func settingsConfig(env *acctest.Env, kind, attributes string) string {
	return acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q", env.Name("settings"))) + fmt.Sprintf(`
resource %q "acme" {
  organization_id = scalekit_organization.acme.id
  %s
}`, kind, attributes)
}

func policyConfig(env *acctest.Env, attributes string) string {
	return settingsConfig(env, "scalekit_organization_session_policy", attributes)
}

func expectPolicy(absolute, idle string, enabled bool) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(policy, tfjsonpath.New("absolute_session_timeout"), knownvalue.StringExact(absolute)),
		statecheck.ExpectKnownValue(policy, tfjsonpath.New("idle_session_timeout"), knownvalue.StringExact(idle)),
		statecheck.ExpectKnownValue(policy, tfjsonpath.New("idle_session_timeout_enabled"), knownvalue.Bool(enabled)),
	}
}

func importSettingsStep(address string) resource.TestStep {
	return resource.TestStep{
		ResourceName: address, ImportState: true, ImportStateVerify: true,
		ImportStateVerifyIdentifierAttribute: "organization_id", ImportStateIdFunc: acctest.AttributeOf(address, "organization_id"),
	}
}

func TestSessionPolicy(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:            policyConfig(env, "absolute_session_timeout = \"8h\"\nidle_session_timeout = \"30m\"\nidle_session_timeout_enabled = true"),
				ConfigStateChecks: expectPolicy("8h", "30m", true),
			},
			importSettingsStep(policy),
			{ // The same durations, written otherwise, are no change.
				Config:           policyConfig(env, "absolute_session_timeout = \"480m\"\nidle_session_timeout = \"0.5h\"\nidle_session_timeout_enabled = true"),
				ConfigPlanChecks: expectAction(policy, plancheck.ResourceActionNoop),
			},
			{
				Config:            policyConfig(env, "absolute_session_timeout = \"24h\"\nidle_session_timeout = \"1h30m\"\nidle_session_timeout_enabled = false"),
				ConfigPlanChecks:  expectAction(policy, plancheck.ResourceActionUpdate),
				ConfigStateChecks: expectPolicy("24h", "1h30m", false),
			},
			{ // What is left out is left as it is.
				Config:            policyConfig(env, "absolute_session_timeout = \"24h\""),
				ConfigPlanChecks:  expectAction(policy, plancheck.ResourceActionNoop),
				ConfigStateChecks: expectPolicy("24h", "1h30m", false),
			},
			{ // Drift, in another unit.
				PreConfig: func() {
					setPolicy(t, env, &organizationsv1.UpdateOrganizationSessionPolicyRequest{
						PolicySource:           organizationsv1.SessionPolicyType_CUSTOM,
						AbsoluteSessionTimeout: wrapperspb.Int32(2), AbsoluteSessionTimeoutUnit: commonsv1.TimeUnit_DAYS.Enum(),
					})
				},
				Config:            policyConfig(env, "absolute_session_timeout = \"24h\""),
				ConfigPlanChecks:  expectAction(policy, plancheck.ResourceActionUpdate),
				ConfigStateChecks: expectPolicy("24h", "1h30m", false),
			},
			{ // The organization was returned to the application's policy.
				PreConfig: func() {
					setPolicy(t, env, &organizationsv1.UpdateOrganizationSessionPolicyRequest{PolicySource: organizationsv1.SessionPolicyType_APPLICATION})
				},
				Config:           policyConfig(env, "absolute_session_timeout = \"24h\"\nidle_session_timeout = \"1h\""),
				ConfigPlanChecks: expectAction(policy, plancheck.ResourceActionCreate),
			},
			{
				Config: acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q", env.Name("settings"))),
				Check: func(*acctest.State) error {
					if source := getPolicy(t, env).GetPolicySource(); source != organizationsv1.SessionPolicyType_APPLICATION {
						return fmt.Errorf("the policy's source is %s", source)
					}
					return nil
				},
			},
		},
	})
}

func TestSessionPolicyRefusesInvalidValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	var steps []resource.TestStep
	for attributes, complaint := range map[string]string{
		`idle_session_timeout = "30m"`:                                          `The argument "absolute_session_timeout" is required`,
		`absolute_session_timeout = "8"`:                                        `"8" must be a duration of whole minutes`,
		`absolute_session_timeout = "30s"`:                                      `"30s" must be a duration of whole minutes`,
		`absolute_session_timeout = "90.5m"`:                                    `"90.5m" must be a duration of whole minutes`,
		`absolute_session_timeout = "-8h"`:                                      `"-8h" must be a duration of whole minutes`,
		`absolute_session_timeout = "9000h"`:                                    `"9000h" must be a duration of whole minutes, from "1m" to "8760h"`,
		"absolute_session_timeout = \"9000h\"\nidle_session_timeout = \"169h\"": `"169h" must be a duration of whole minutes, from "1m" to "168h"`,
		"absolute_session_timeout = \"1h\"\nidle_session_timeout = \"60m\"":     `The idle timeout (1h) must be shorter than the absolute timeout (1h)`,
	} {
		steps = append(steps, resource.TestStep{
			Config: policyConfig(env, attributes), PlanOnly: true, ExpectError: acctest.Words(complaint),
		})
	}
	// What only the environment knows is asked for, once the organization is there to ask with.
	steps = append(steps,
		resource.TestStep{Config: policyConfig(env, `absolute_session_timeout = "8h"`)},
		resource.TestStep{
			Config: policyConfig(env, "absolute_session_timeout = \"8h\"\nidle_session_timeout = \"2m\""), PlanOnly: true,
			ExpectError: acctest.Words(`The idle timeout (2m) must be longer than an access token lives`),
		})
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

func TestUserManagement(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	config := func(limit string) string {
		return settingsConfig(env, "scalekit_organization_user_management", "max_allowed_users = "+limit)
	}
	expect := func(limit int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(management, tfjsonpath.New("max_allowed_users"), knownvalue.Int64Exact(limit))}
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: config("-1"), PlanOnly: true, ExpectError: acctest.Words("Attribute max_allowed_users value must be between 0 and 2147483647")},
			{Config: config("2147483648"), PlanOnly: true, ExpectError: acctest.Words("Attribute max_allowed_users value must be between 0 and 2147483647")},
			{Config: config("10"), ConfigStateChecks: expect(10)},
			importSettingsStep(management),
			{Config: config("0"), ConfigPlanChecks: expectAction(management, plancheck.ResourceActionUpdate), ConfigStateChecks: expect(0)},
			{
				PreConfig:        func() { setLimit(t, env, wrapperspb.Int32(7)) },
				Config:           config("0"),
				ConfigPlanChecks: expectAction(management, plancheck.ResourceActionUpdate), ConfigStateChecks: expect(0),
			},
			{
				PreConfig:        func() { setLimit(t, env, nil) },
				Config:           config("5"),
				ConfigPlanChecks: expectAction(management, plancheck.ResourceActionCreate), ConfigStateChecks: expect(5),
			},
			{
				PreConfig:        func() { remove(t, env, env.Name("settings")) },
				Config:           config("5"),
				ConfigPlanChecks: expectAction(management, plancheck.ResourceActionCreate), ConfigStateChecks: expect(5),
			},
			{Config: acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q", env.Name("settings")))},
		},
	})
}

func TestUndocumentedSessionPolicies(t *testing.T) {
	t.Parallel()
	const both = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  session_policy  = true
}
resource "scalekit_organization_session_policy" "acme" {
  organization_id          = scalekit_organization_features.acme.organization_id
  absolute_session_timeout = %q
  %s
}`
	for name, quirks := range map[string]emulator.Quirks{
		"fields that are not sent are dropped": {SessionPolicyReplaces: true},
		"the feature is needed":                {SessionPolicyNeedsFeature: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Quirks: quirks}).Workspace(t)
			for _, resources := range []string{
				fmt.Sprintf(both, "8h", ""), fmt.Sprintf(both, "9h", `idle_session_timeout = "20m"`), fmt.Sprintf(both, "10h", ""),
			} {
				workspace.Write(resources)
				workspace.MustApply()
				workspace.MustBeClean()
			}
			if output, err := workspace.Destroy(); err != nil {
				t.Errorf("destroy: %v\n%s", err, output)
			}
		})
	}
}

func setPolicy(t *testing.T, env *acctest.Env, request *organizationsv1.UpdateOrganizationSessionPolicyRequest) {
	t.Helper()
	request.OrganizationId = find(t, env, env.Name("settings"))
	if _, err := env.Client().Organizations.UpdateOrganizationSessionPolicy(t.Context(), connect.NewRequest(request)); err != nil {
		t.Fatal(err)
	}
}

func getPolicy(t *testing.T, env *acctest.Env) *organizationsv1.OrganizationSessionPolicySettings {
	t.Helper()
	got, err := env.Client().Organizations.GetOrganizationSessionPolicy(t.Context(), connect.NewRequest(
		&organizationsv1.GetOrganizationSessionPolicyRequest{OrganizationId: find(t, env, env.Name("settings"))}))
	if err != nil {
		t.Fatal(err)
	}
	return got.Msg.GetPolicy()
}

func setLimit(t *testing.T, env *acctest.Env, limit *wrapperspb.Int32Value) {
	t.Helper()
	_, err := env.Client().Organizations.UpsertUserManagementSettings(t.Context(), connect.NewRequest(&organizationsv1.UpsertUserManagementSettingsRequest{
		OrganizationId: find(t, env, env.Name("settings")),
		Settings:       &organizationsv1.OrganizationUserManagementSettings{MaxAllowedUsers: limit},
	}))
	if err != nil {
		t.Fatal(err)
	}
}
