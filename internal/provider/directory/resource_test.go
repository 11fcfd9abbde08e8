package directory_test

import (
	"fmt"
	"regexp"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const okta = "scalekit_directory.okta"

// oktaConfig declares an organization and scalekit_directory.okta with the attributes.
func oktaConfig(env *acctest.Env, attributes string) string {
	return fmt.Sprintf(`
resource "scalekit_organization" "acme" {
  display_name = %q
}
resource "scalekit_directory" "okta" {
  organization_id = scalekit_organization.acme.id
  %s
}
`, env.Name("Acme"), attributes)
}

func expectOkta(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(okta, tfjsonpath.New(attribute), value)
}

func oktaImportID(state *acctest.State) (string, error) {
	attributes := state.RootModule().Resources[okta].Primary.Attributes
	return attributes["organization_id"] + "/" + attributes["id"], nil
}

func mappings(pairs ...string) knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for i := 0; i < len(pairs); i += 2 {
		checks[pairs[i]] = knownvalue.StringExact(pairs[i+1])
	}
	return knownvalue.MapExact(checks)
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	imported := resource.TestStep{ResourceName: okta, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: oktaImportID}
	update := expectAction(okta, plancheck.ResourceActionUpdate)
	replace := expectAction(okta, plancheck.ResourceActionReplace)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           env.Config(oktaConfig(env, ``)),
				ConfigPlanChecks: expectAction(okta, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expectOkta("id", knownvalue.StringRegexp(regexp.MustCompile(`^dir_\d+$`))),
					expectOkta("directory_type", knownvalue.StringExact("SCIM")),
					expectOkta("directory_provider", knownvalue.Null()),
					expectOkta("enabled", knownvalue.Bool(true)),
					expectOkta("attribute_mapping", knownvalue.Null()),
					expectOkta("status", knownvalue.StringExact("IN_PROGRESS")),
					expectOkta("directory_endpoint", knownvalue.StringRegexp(regexp.MustCompile(`^http.*/directory/dir_\d+/scim/v2$`))),
				},
			},
			imported,
			{Config: env.Config(oktaConfig(env, `enabled = false`)), ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{expectOkta("enabled", knownvalue.Bool(false))}},
			imported,
			{ // left out, it is left as it is
				Config: env.Config(oktaConfig(env, ``)), ConfigPlanChecks: expectAction(okta, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{expectOkta("enabled", knownvalue.Bool(false))},
			},
			{Config: env.Config(oktaConfig(env, "enabled = true\nattribute_mapping = { userName = \"name\", mail = \"email\" }")), ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{
				expectOkta("enabled", knownvalue.Bool(true)), expectOkta("attribute_mapping", mappings("userName", "name", "mail", "email")),
			}},
			imported,
			{Config: env.Config(oktaConfig(env, `attribute_mapping = { userName = "login" }`)), ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{expectOkta("attribute_mapping", mappings("userName", "login"))}},
			{Config: env.Config(oktaConfig(env, `attribute_mapping = {}`)), ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{expectOkta("attribute_mapping", mappings())}},
			{Config: env.Config(oktaConfig(env, `attribute_mapping = { userName = "login" }`)), ConfigPlanChecks: update},
			{Config: env.Config(oktaConfig(env, ``)), ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{expectOkta("attribute_mapping", knownvalue.Null())}},
			{Config: env.Config(oktaConfig(env, `directory_provider = "OKTA"`)), ConfigPlanChecks: replace, ConfigStateChecks: []statecheck.StateCheck{expectOkta("directory_provider", knownvalue.StringExact("OKTA"))}},
			imported,
			{Config: env.Config(oktaConfig(env, ``)), ConfigPlanChecks: expectAction(okta, plancheck.ResourceActionNoop)},
			{Config: env.Config(oktaConfig(env, `directory_type = "POLL"`)), ConfigPlanChecks: replace, ConfigStateChecks: []statecheck.StateCheck{expectOkta("directory_type", knownvalue.StringExact("POLL"))}},
			{Config: env.Config(oktaConfig(env, "directory_type = \"POLL\"\nenabled = false\nattribute_mapping = { a = \"b\" }")), Taint: []string{okta}},
			imported,
		},
	})
}

func TestDirectoryDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	config := env.Config(oktaConfig(env, "enabled = true\nattribute_mapping = { userName = \"name\" }"))
	var organizationID, id string
	remember := func(state *acctest.State) error {
		attributes := state.RootModule().Resources[okta].Primary.Attributes
		organizationID, id = attributes["organization_id"], attributes["id"]
		return nil
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: config, Check: remember},
			{
				PreConfig: func() {
					directories := env.Client().Directories
					if _, err := directories.DisableDirectory(t.Context(), connect.NewRequest(&directoriesv1.ToggleDirectoryRequest{OrganizationId: organizationID, Id: id})); err != nil {
						t.Fatal(err)
					}
					if _, err := directories.UpdateAttributes(t.Context(), connect.NewRequest(&directoriesv1.UpdateAttributesRequest{
						OrganizationId: organizationID, Id: id, AttributeMapping: &directoriesv1.AttributeMappings{Attributes: []*directoriesv1.AttributeMapping{{Key: "x", MapTo: "y"}}},
					})); err != nil {
						t.Fatal(err)
					}
				},
				Config: config, ConfigPlanChecks: expectAction(okta, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{expectOkta("enabled", knownvalue.Bool(true)), expectOkta("attribute_mapping", mappings("userName", "name"))},
			},
			{
				PreConfig: func() { deleteDirectory(t, env, organizationID, id) },
				Config:    config, ConfigPlanChecks: expectAction(okta, plancheck.ResourceActionCreate), Check: remember,
			},
			{PreConfig: func() { deleteDirectory(t, env, organizationID, id) }, Config: config, Destroy: true},
		},
	})
}

func TestDirectoryRefusesInvalidValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	var steps []resource.TestStep
	for _, invalid := range []struct{ attributes, complaint string }{
		{`organization_id = "acme"`, `must be an id that begins with "org_"`},
		{"organization_id = \"org_1\"\ndirectory_type = \"CSV\"", `Attribute directory_type value must be one of`},
		{"organization_id = \"org_1\"\ndirectory_type = \"DIRECTORY_TYPE_UNSPECIFIED\"", `Attribute directory_type value must be one of`},
		{"organization_id = \"org_1\"\ndirectory_provider = \"CUSTOM\"", `Attribute directory_provider value must be one of`},
		{"organization_id = \"org_1\"\nattribute_mapping = { \"\" = \"x\" }", `must be between 1 and 32`},
		{"organization_id = \"org_1\"\nattribute_mapping = { x = \"" + fmt.Sprintf("%033d", 0) + "\" }", `must be between 1 and 32`},
	} {
		steps = append(steps, resource.TestStep{
			Config:   env.Config("resource \"scalekit_directory\" \"okta\" {\n" + invalid.attributes + "\n}"),
			PlanOnly: true, ExpectError: acctest.Words(invalid.complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

func TestDirectoryImportErrors(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	for id, complaint := range map[string]string{
		"dir_1":                           `"dir_1" is not an import id of a directory. Give ORGANIZATION_ID/ID, such as "org_12345678901234567/dir_12345678901234567".`,
		orgID + "/" + orgID:               `is not an import id of a directory`,
		orgID + "/dir_999999999999999999": `Cannot import non-existent remote object`,
		"org_999999999999999999/" + dirID: `Cannot import non-existent remote object`,
	} {
		workspace.Write(fmt.Sprintf("import {\n  to = scalekit_directory.okta\n  id = %q\n}\nresource \"scalekit_directory\" \"okta\" {\n  organization_id = %q\n}", id, orgID))
		mustFailPlan(t, workspace, complaint)
	}
}

// The first apply after an import notes nothing, so a mapping that goes out of the configuration then stays on the
// platform, and an empty one removes it.
func TestDirectoryImportedMapping(t *testing.T) {
	t.Parallel()
	imported := seed()
	imported.Organizations[0].Directories[0].AttributeMappings = map[string]string{"userName": "email"}
	workspace := acctest.StartEmulator(t, emulator.Options{Seed: imported}).Workspace(t)
	config := func(attributes string) string {
		return fmt.Sprintf("resource \"scalekit_directory\" \"okta\" {\n  organization_id = %q\n%s\n}\n", orgID, attributes)
	}
	workspace.Write(config(`attribute_mapping = { userName = "email" }`) + fmt.Sprintf("import {\n  to = scalekit_directory.okta\n  id = \"%s/%s\"\n}\n", orgID, dirID))
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 0 changed, 0 destroyed")
	workspace.Write(config(``))
	workspace.MustBeClean()
	workspace.Write(config(`attribute_mapping = {}`))
	acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()
}

// An import of a populated directory changes nothing, and what goes with it is said in numbers.
func TestDirectoryImportAndDestroyWarnings(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	config := fmt.Sprintf("resource \"scalekit_directory\" \"okta\" {\n  organization_id = %q\n  %%s\n}\n", orgID)
	importBlock := fmt.Sprintf("import {\n  to = scalekit_directory.okta\n  id = %q\n}\n", orgID+"/"+dirID)
	workspace.Write(fmt.Sprintf(config, "") + importBlock)
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()

	goes := "It has 1 user and 3 groups now."
	output, err := workspace.Run("plan", "-destroy", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "Directory "+dirID+" will be deleted", goes)

	workspace.Write(fmt.Sprintf(config, `directory_provider = "GOOGLE"`))
	output, err = workspace.Run("plan", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "forces replacement", goes)

	workspace.Configure(env.Provider("plan_checks = false"))
	workspace.Write(fmt.Sprintf(config, ""))
	output, err = workspace.Run("plan", "-destroy", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	mustLack(t, output, "will be deleted")
	mustDestroy(t, workspace)
}

// Where it is not known which of two things the platform does, the provider works with both.
func TestDirectoryUndocumentedBehaviour(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]emulator.Quirks{
		"created disabled":    {DirectoryCreatedDisabled: true},
		"created with secret": {DirectoryCreatesSecret: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Quirks: quirks})
			workspace := env.Workspace(t)
			for _, attributes := range []string{``, `enabled = true`, `enabled = false`, `attribute_mapping = { a = "b" }`} {
				workspace.Write(oktaConfig(env, attributes))
				workspace.MustApply()
				workspace.MustBeClean()
			}
			mustDestroy(t, workspace)
			workspace.Write(oktaConfig(env, `enabled = true`))
			workspace.MustApply()
			workspace.MustBeClean()
			mustDestroy(t, workspace)
		})
	}
}

// A mapping that the platform does not remove is an error that says so.
func TestDirectoryThatKeepsMappings(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Quirks: emulator.Quirks{DirectoryAttributesMerge: true}})
	workspace := env.Workspace(t)
	workspace.Write(oktaConfig(env, `attribute_mapping = { a = "b", c = "d" }`))
	workspace.MustApply()
	for _, attributes := range []string{`attribute_mapping = { a = "b" }`, `attribute_mapping = {}`, ``} {
		workspace.Write(oktaConfig(env, attributes))
		mustFail(t, workspace, "The directory kept attribute mappings that are not in the configuration", `"a" = "b", "c" = "d"`)
	}
	workspace.Write(oktaConfig(env, `attribute_mapping = { a = "b", c = "d" }`))
	workspace.MustApply()
	workspace.MustBeClean()
}

// Creates of equal directories whose replies are lost find their own.
func TestParallelDirectories(t *testing.T) {
	t.Parallel()
	env := startSeeded(t, emulator.Quirks{})
	workspace := env.Workspace(t)
	workspace.Write(fmt.Sprintf("resource \"scalekit_directory\" \"one\" {\n  count = 8\n  organization_id = %q\n}", orgID))
	if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "CreateDirectory", Kind: emulator.FaultDropAfter, Count: 4}}); err != nil {
		t.Fatal(err)
	}
	workspace.MustApply()
	workspace.MustBeClean()
	if got := env.Emulator.Counts()["directories"]; got != 1+8 {
		t.Errorf("%d directories exist", got)
	}
}

// Everything goes in one apply, whatever order Terraform chooses: nothing here refers to anything else.
func TestEverythingGoesInAnyOrder(t *testing.T) {
	t.Parallel()
	for name, mapping := range map[string]string{
		"as a whole": whole(engID, "engineer", itID, "buyer"), "one by one": single("eng", engID, "engineer") + single("it", itID, "buyer"),
	} {
		for _, parallelism := range []string{"1", "10"} {
			t.Run(name+" "+parallelism, func(t *testing.T) {
				t.Parallel()
				env := startSeeded(t, emulator.Quirks{})
				workspace := env.Workspace(t)
				workspace.Write(fmt.Sprintf(`
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
}
resource "scalekit_directory" "okta" {
  organization_id = %q
}
`, orgID) + token(``) + mapping + importAs("scalekit_organization.acme", orgID) + importAs(okta, orgID+"/"+dirID))
				workspace.MustApply()
				workspace.MustBeClean()
				if output, err := workspace.Run("destroy", "-auto-approve", "-no-color", "-parallelism="+parallelism); err != nil {
					t.Fatalf("destroy: %v\n%s", err, output)
				}
				if left := env.Emulator.Counts()["organizations"]; left != 0 {
					t.Errorf("%d organizations are left", left)
				}
			})
		}
	}
}
