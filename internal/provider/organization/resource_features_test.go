package organization_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

const acmeFeatures = "scalekit_organization_features.acme"

func featuresConfig(env *acctest.Env, features string) string {
	return acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q", env.Name("features"))) + fmt.Sprintf(`
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  %s
}`, features)
}

func expectFeatures(features map[string]bool) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, enabled := range features {
		checks = append(checks, statecheck.ExpectKnownValue(acmeFeatures, tfjsonpath.New(name), knownvalue.Bool(enabled)))
	}
	return checks
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	update := expectAction(acmeFeatures, plancheck.ResourceActionUpdate)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:            featuresConfig(env, "sso = true"),
				ConfigPlanChecks:  expectAction(acmeFeatures, plancheck.ResourceActionCreate),
				ConfigStateChecks: expectFeatures(map[string]bool{"sso": true, "scim": false, "domain_verification": false, "session_policy": false}),
			},
			{
				ResourceName: acmeFeatures, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "organization_id", ImportStateIdFunc: acctest.AttributeOf(acmeFeatures, "organization_id"),
			},
			{
				Config:            featuresConfig(env, "sso = false\nscim = true\ndomain_verification = true\nsession_policy = true"),
				ConfigPlanChecks:  update,
				ConfigStateChecks: expectFeatures(map[string]bool{"sso": false, "scim": true, "domain_verification": true, "session_policy": true}),
			},
			{ // What is left out is left as it is, without a diff.
				Config:            featuresConfig(env, "scim = true"),
				ConfigPlanChecks:  expectAction(acmeFeatures, plancheck.ResourceActionNoop),
				ConfigStateChecks: expectFeatures(map[string]bool{"scim": true, "domain_verification": true, "session_policy": true}),
			},
			{ // Drift of what is declared comes back; drift of what is not is left.
				PreConfig: func() {
					setFeatures(t, env, env.Name("features"), map[string]bool{"dir_sync": false, "session_policy": false})
				},
				Config:            featuresConfig(env, "scim = true"),
				ConfigPlanChecks:  update,
				ConfigStateChecks: expectFeatures(map[string]bool{"scim": true, "session_policy": false}),
			},
			{ // The organization goes and takes its features along.
				PreConfig:        func() { remove(t, env, env.Name("features")) },
				Config:           featuresConfig(env, "scim = true"),
				ConfigPlanChecks: expectAction(acmeFeatures, plancheck.ResourceActionCreate),
			},
			{
				Config: acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q", env.Name("features"))) + fmt.Sprintf(`
resource "scalekit_organization" "other" {
  display_name = %q
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.other.id
  scim            = true
}`, env.Name("Other")),
				ConfigPlanChecks:  expectAction(acmeFeatures, plancheck.ResourceActionUpdate),
				ConfigStateChecks: expectFeatures(map[string]bool{"scim": true, "session_policy": false}),
				Check: func(*acctest.State) error {
					return mustHaveFeatures(t, env, env.Name("features"), "sso")
				},
			},
		},
	})
}

// A destroy turns off what the resource had turned on, and nothing else.
func TestFeaturesDestroyTurnsOffItsOwn(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	externalID := env.Name("features")
	organization := acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q", externalID))

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: organization},
			{
				PreConfig: func() { setFeatures(t, env, externalID, map[string]bool{"sso": true, "session_policy": true}) },
				Config:    featuresConfig(env, "sso = true\nscim = true"),
			},
			{Config: featuresConfig(env, "sso = true\nscim = true\ndomain_verification = true")},
			{
				Config: organization,
				Check:  func(*acctest.State) error { return mustHaveFeatures(t, env, externalID, "session_policy", "sso") },
			},
		},
	})
}

func TestFeaturesRefusesInvalidConfigurations(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	var steps []resource.TestStep
	for config, complaint := range map[string]string{
		`organization_id = "org_123"`:                `At least one of these attributes must be configured`,
		`sso = true`:                                 `The argument "organization_id" is required`,
		`organization_id = "acme"` + "\nsso = true":  `"acme" must be an id that begins with "org_"`,
		`organization_id = ""` + "\nsso = true":      `must be an id that begins with "org_"`,
		`organization_id = "org_9"` + "\nsso = true": ``,
	} {
		step := resource.TestStep{
			Config:   env.Config("resource \"scalekit_organization_features\" \"acme\" {\n" + config + "\n}"),
			PlanOnly: true,
		}
		if complaint != "" {
			step.ExpectError = acctest.Words(complaint)
		} else {
			step.ExpectNonEmptyPlan = true
		}
		steps = append(steps, step)
	}
	steps = append(steps,
		resource.TestStep{
			Config:      env.Config("resource \"scalekit_organization_features\" \"acme\" {\norganization_id = \"org_9\"\nsso = true\n}"),
			ExpectError: acctest.Words(`This environment has no organization with id "org_9".`),
		},
		resource.TestStep{Config: featuresConfig(env, "sso = true")},
		resource.TestStep{
			ResourceName: acmeFeatures, ImportState: true, ImportStateId: "acme",
			ExpectError: regexp.MustCompile(`is not an organization's id`),
		},
	)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

// setFeatures changes features behind Terraform's back.
func setFeatures(t *testing.T, env *acctest.Env, externalID string, features map[string]bool) {
	t.Helper()
	settings := &organizationsv1.OrganizationSettings{}
	for name, enabled := range features {
		settings.Features = append(settings.Features, &organizationsv1.OrganizationSettingsFeature{Name: name, Enabled: enabled})
	}
	_, err := env.Client().Organizations.UpdateOrganizationSettings(context.Background(), connect.NewRequest(
		&organizationsv1.UpdateOrganizationSettingsRequest{Id: find(t, env, externalID), Settings: settings}))
	if err != nil {
		t.Fatal(err)
	}
}

// mustHaveFeatures checks which of the API's features are on.
func mustHaveFeatures(t *testing.T, env *acctest.Env, externalID string, want ...string) error {
	t.Helper()
	got, err := env.Client().Organizations.GetOrganization(context.Background(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_Id{Id: find(t, env, externalID)},
	}))
	if err != nil {
		return err
	}
	var on []string
	for _, feature := range got.Msg.GetOrganization().GetSettings().GetFeatures() {
		if feature.GetEnabled() {
			on = append(on, feature.GetName())
		}
	}
	slices.Sort(on)
	if !slices.Equal(on, want) {
		return fmt.Errorf("features %v are on, and should be %v", on, want)
	}
	return nil
}
