package organization_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const acme = "scalekit_organization.acme"

// acmeConfig declares scalekit_organization.acme with the attributes.
func acmeConfig(env *acctest.Env, attributes string) string {
	return env.Config(fmt.Sprintf("resource \"scalekit_organization\" \"acme\" {\n%s\n}\n", attributes))
}

func expectAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func expectAcme(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(acme, tfjsonpath.New(attribute), value)
}

func metadata(pairs map[string]string) knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for key, value := range pairs {
		checks[key] = knownvalue.StringExact(value)
	}
	return knownvalue.MapExact(checks)
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	externalID, slug := env.Name("acme"), env.Name("acme-inc")

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           acmeConfig(env, fmt.Sprintf("display_name = %q", env.Name("Acme"))),
				ConfigPlanChecks: expectAction(acme, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectAcme("id", knownvalue.StringRegexp(regexp.MustCompile(`^org_\d+$`))),
					expectAcme("external_id", knownvalue.Null()),
					expectAcme("metadata", knownvalue.Null()),
					expectAcme("region_code", knownvalue.StringExact("US")),
					expectAcme("create_time", knownvalue.StringRegexp(regexp.MustCompile(`^20.*Z$`))),
					expectAcme("deletion_protection", knownvalue.Bool(false)),
				},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true},
			{
				Config: acmeConfig(env, fmt.Sprintf(`
  display_name = "Acme Corp"
  external_id  = %q
  slug         = %q
  metadata     = { plan = "enterprise", owner = "ann" }`, externalID, slug)),
				ConfigPlanChecks: expectAction(acme, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectAcme("display_name", knownvalue.StringExact("Acme Corp")),
					expectAcme("external_id", knownvalue.StringExact(externalID)),
					expectAcme("slug", knownvalue.StringExact(slug)),
					expectAcme("metadata", metadata(map[string]string{"plan": "enterprise", "owner": "ann"})),
				},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true, ImportStateId: "external_id:" + externalID},
			{
				// A slug that is no longer declared is left to the platform.
				Config: acmeConfig(env, fmt.Sprintf(`
  display_name = "Acme Corp"
  external_id  = "%s-2"
  metadata     = { plan = "starter", owner = "ann" }`, externalID)),
				ConfigPlanChecks: expectAction(acme, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectAcme("external_id", knownvalue.StringExact(externalID+"-2")),
					expectAcme("slug", knownvalue.StringExact(slug)),
					expectAcme("metadata", metadata(map[string]string{"plan": "starter", "owner": "ann"})),
				},
			},
		},
	})
}

func TestOrganizationUnsetAndEmpty(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	externalID := env.Name("acme")
	update := expectAction(acme, plancheck.ResourceActionUpdate)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q\nmetadata = { plan = \"a\", owner = \"b\" }", externalID))},
			{ // one key removed
				Config:            acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q\nmetadata = { plan = \"a\" }", externalID)),
				ConfigPlanChecks:  update,
				ConfigStateChecks: []statecheck.StateCheck{expectAcme("metadata", metadata(map[string]string{"plan": "a"}))},
			},
			{ // emptied
				Config:            acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q\nmetadata = {}", externalID)),
				ConfigPlanChecks:  update,
				ConfigStateChecks: []statecheck.StateCheck{expectAcme("metadata", metadata(nil))},
			},
			{ // set again, then removed together with the external_id
				Config:           acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q\nmetadata = { plan = \"a\" }", externalID)),
				ConfigPlanChecks: update,
			},
			{
				Config:           acmeConfig(env, fmt.Sprintf("display_name = %q", env.Name("Acme"))),
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{
					expectAcme("metadata", knownvalue.Null()),
					expectAcme("external_id", knownvalue.Null()),
				},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true},
		},
	})
}

// Values that another resource gives are unknown when the plan is made.
func TestOrganizationUnknownValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	config := env.Config(fmt.Sprintf(`
resource "scalekit_organization" "first" {
  display_name = "First"
  external_id  = %q
}
resource "scalekit_organization" "acme" {
  display_name = "After ${scalekit_organization.first.external_id}"
  external_id  = "after-${scalekit_organization.first.id}"
  metadata     = { parent = scalekit_organization.first.id }
}`, env.Name("first")))

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				expectAcme("external_id", knownvalue.StringRegexp(regexp.MustCompile(`^after-org_\d+$`))),
			}},
			{Config: config, PlanOnly: true},
		},
	})
}

func TestOrganizationDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	externalID := env.Name("acme")
	config := acmeConfig(env, fmt.Sprintf("display_name = \"Acme\"\nexternal_id = %q\nmetadata = { plan = \"a\" }", externalID))

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					change(t, env, externalID, &organizationsv1.UpdateOrganization{
						DisplayName: new("Changed elsewhere"), Metadata: map[string]string{"plan": "b", "note": "n"},
					})
				},
				Config:           config,
				ConfigPlanChecks: expectAction(acme, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectAcme("display_name", knownvalue.StringExact("Acme")),
					expectAcme("metadata", metadata(map[string]string{"plan": "a"})),
				},
			},
			{
				PreConfig:        func() { remove(t, env, externalID) },
				Config:           config,
				ConfigPlanChecks: expectAction(acme, plancheck.ResourceActionCreate),
			},
			{
				PreConfig: func() { remove(t, env, externalID) },
				Config:    config,
				Destroy:   true,
			},
		},
	})
}

func TestOrganizationReplace(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	workspace := env.Workspace(t)
	config := fmt.Sprintf(`
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = %q
  %%s
}`, env.Name("acme"))
	workspace.Write(fmt.Sprintf(config, ""))
	workspace.MustApply()

	// The external_id is taken by the organization that goes, which is no conflict.
	output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace="+acme)
	if err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "will be replaced, as requested")
	workspace.MustBeClean()

	if output, err := workspace.Run("taint", acme); err != nil {
		t.Fatalf("taint: %v\n%s", err, output)
	}
	output, err = workspace.Run("plan", "-no-color", "-input=false")
	if err == nil {
		t.Fatalf("a tainted organization, whose place is taken by itself, would be replaced:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", "terraform untaint scalekit_organization.NAME")
	if output, err := workspace.Run("untaint", acme); err != nil {
		t.Fatalf("untaint: %v\n%s", err, output)
	}
	workspace.MustBeClean()

	workspace.Write(fmt.Sprintf(config, "deletion_protection = true"))
	workspace.MustApply()
	if output, err = workspace.Run("plan", "-no-color", "-replace="+acme); err == nil {
		t.Errorf("a protected organization would be replaced:\n%s", output)
	}
	acctest.MustContain(t, output, "The organization is protected from deletion")
	workspace.Write(fmt.Sprintf(config, ""))
	workspace.MustApply()
	if output, err := workspace.Destroy(); err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
}

func TestOrganizationDeletionProtection(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	protection := func(protected bool) string {
		return acmeConfig(env, fmt.Sprintf("display_name = %q\ndeletion_protection = %t", env.Name("Acme"), protected))
	}

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: protection(true)},
			{
				Config:      protection(true),
				Destroy:     true,
				ExpectError: regexp.MustCompile(`The organization is protected from deletion`),
			},
			{
				Config:           protection(false),
				ConfigPlanChecks: expectAction(acme, plancheck.ResourceActionUpdate),
			},
		},
	})
}

func TestOrganizationImportErrors(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	config := acmeConfig(env, fmt.Sprintf("display_name = %q", env.Name("Acme")))

	steps := []resource.TestStep{{Config: config}}
	for id, complaint := range map[string]string{
		"acme":                   `"acme" is not an import id of an organization`,
		"dir_12345":              `"dir_12345" is not an import id of an organization`,
		"external_id:":           `"external_id:" is not an import id of an organization`,
		"external_id:nobody's":   `No organization of this environment has the external_id "nobody's"`,
		"org_999999999999999999": `Cannot import non-existent remote object`,
	} {
		steps = append(steps, resource.TestStep{
			ResourceName: acme, ImportState: true, ImportStateId: id, ExpectError: acctest.Words(complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

func TestOrganizationRefusesInvalidValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	long := func(length int) string { return fmt.Sprintf("%0*d", length, 0) }

	var steps []resource.TestStep
	for _, invalid := range []struct{ attributes, complaint string }{
		{`external_id = "x"`, `The argument "display_name" is required`},
		{`display_name = ""`, `Attribute display_name UTF-8 character count must be between 1 and 200`},
		{`display_name = "` + long(201) + `"`, `Attribute display_name UTF-8 character count must be between 1 and 200`},
		{`display_name = "A"` + "\n" + `external_id = ""`, `Attribute external_id UTF-8 character count must be between 1 and 255`},
		{`display_name = "A"` + "\n" + `external_id = "` + long(256) + `"`, `Attribute external_id UTF-8 character count must be between 1 and 255`},
		{`display_name = "A"` + "\n" + `metadata = { ab = "x" }`, `must be between 3 and 25`},
		{`display_name = "A"` + "\n" + `metadata = { abc = "" }`, `must be between 1 and 256`},
		{`display_name = "A"` + "\n" + `metadata = { for i in range(11) : "key${i}" => "x" }`, `Attribute metadata map must contain at most 10 elements`},
		{`display_name = "A"` + "\n" + `slug = "Acme"`, `Attribute slug must be lower-case letters`},
		{`display_name = "A"` + "\n" + `slug = "-acme"`, `Attribute slug must be lower-case letters`},
	} {
		steps = append(steps, resource.TestStep{
			Config: acmeConfig(env, invalid.attributes), PlanOnly: true, ExpectError: acctest.Words(invalid.complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

// change updates an organization behind Terraform's back.
func change(t *testing.T, env *acctest.Env, externalID string, update *organizationsv1.UpdateOrganization) {
	t.Helper()
	_, err := env.Client().Organizations.UpdateOrganization(context.Background(), connect.NewRequest(&organizationsv1.UpdateOrganizationRequest{
		Identities:   &organizationsv1.UpdateOrganizationRequest_Id{Id: find(t, env, externalID)},
		Organization: update,
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// remove deletes an organization behind Terraform's back.
func remove(t *testing.T, env *acctest.Env, externalID string) {
	t.Helper()
	_, err := env.Client().Organizations.DeleteOrganization(context.Background(), connect.NewRequest(&organizationsv1.DeleteOrganizationRequest{
		Identities: &organizationsv1.DeleteOrganizationRequest_Id{Id: find(t, env, externalID)},
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		t.Fatal(err)
	}
}

// find returns the id of the organization with the external id.
func find(t *testing.T, env *acctest.Env, externalID string) string {
	t.Helper()
	got, err := env.Client().Organizations.GetOrganizationByExternalId(context.Background(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: externalID},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return got.Msg.GetOrganization().GetId()
}
