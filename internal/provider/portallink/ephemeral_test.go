package portallink_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// readSeed is an organization that has so many of the features on.
func readSeed(features ...string) *emulator.Seed {
	organization := emulator.SeedOrganization{ID: "org_100000000000000000", DisplayName: "Acme", Features: map[string]bool{}}
	for _, feature := range features {
		organization.Features[feature] = true
	}
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{organization}}
}

// link is a portal link that is written to a file, which shows what a configuration gets.
func link(settings string) string {
	return fmt.Sprintf(`
ephemeral "scalekit_portal_link" "acme" {
  organization_id = "org_100000000000000000"
  %s
}
resource "terraform_data" "use" {
  provisioner "local-exec" {
    command     = "printf '%%s %%s %%s' \"$ID\" \"$LOCATION\" \"$EXPIRE_TIME\" > link.txt"
    environment = {
      ID = ephemeral.scalekit_portal_link.acme.id, LOCATION = ephemeral.scalekit_portal_link.acme.location
      EXPIRE_TIME = ephemeral.scalekit_portal_link.acme.expire_time
    }
  }
}`, settings)
}

// The link reaches what uses it, and neither the state, nor a plan file, nor the CLI's output.
func TestPortalLink(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]string{
		"whatever is enabled": "", "sso": `features = ["sso"]`, "scim": `features = ["scim"]`, "both": `features = ["scim", "sso"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stateFile := filepath.Join(t.TempDir(), "emulator.json")
			env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed("sso", "dir_sync"), StateFile: stateFile})
			workspace := env.Workspace(t)
			workspace.NeedEphemeral()
			workspace.Write(link(settings))
			planned, err := workspace.Run("plan", "-input=false", "-no-color", "-out=the.plan")
			if err != nil {
				t.Fatalf("plan failed: %v\n%s", err, planned)
			}
			applied, err := workspace.Run("apply", "-input=false", "-no-color", "the.plan")
			if err != nil {
				t.Fatalf("apply failed: %v\n%s", err, applied)
			}
			used := strings.Fields(readFile(t, filepath.Join(workspace.Folder(), "link.txt")))
			if len(used) != 3 || used[1] != env.URL()+"/magicLink/"+used[0] || !strings.HasSuffix(used[2], "Z") {
				t.Fatalf("the link is %q", used)
			}
			if !strings.Contains(workspace.State(), "terraform_data") {
				t.Error("this is not the state")
			}
			made := slices.Compact(slices.Sorted(slices.Values(uuid.FindAllString(readFile(t, stateFile), -1))))
			if len(made) != 2 || !slices.Contains(made, used[0]) {
				t.Errorf("the links %v were made, and should be one for the plan and one for the apply", made)
			}
			for where, content := range map[string]string{
				"state": workspace.State(), "plan file": unzip(t, filepath.Join(workspace.Folder(), "the.plan")), "output": planned + applied,
			} {
				for _, unwanted := range append(made, "magicLink") {
					if strings.Contains(content, unwanted) {
						t.Errorf("the %s holds a link:\n%s", where, content)
					}
				}
			}
			workspace.MustBeClean()
		})
	}
}

// uuid is the form of a link's id.
var uuid = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// A link is not made before its organization is.
func TestPortalLinkOfNewOrganization(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.NeedEphemeral()
	workspace.Write(strings.Replace(link(`features = ["sso"]`+"\n  depends_on = [scalekit_organization_features.acme]"), `"org_100000000000000000"`,
		"scalekit_organization.acme.id", 1) + `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
}
resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  sso             = true
}`)
	if output, err := workspace.Run("plan", "-input=false", "-no-color"); err != nil {
		t.Fatalf("plan failed: %v\n%s", err, output)
	}
	if made := env.Emulator.Counts()["portal_links"]; made != 0 {
		t.Errorf("the plan has made %d links", made)
	}
	workspace.MustApply()
	if used := readFile(t, filepath.Join(workspace.Folder(), "link.txt")); !strings.Contains(used, "/magicLink/") {
		t.Errorf("the link is %q", used)
	}
	if made := env.Emulator.Counts()["portal_links"]; made != 1 {
		t.Errorf("the apply has made %d links", made)
	}
}

// Sources differ on the name of the feature; whichever the platform has, the link is for scim.
func TestPortalLinkWhereScimIsListed(t *testing.T) {
	t.Parallel()
	for name, expected := range map[string]struct {
		enabled   []string
		complaint string
	}{
		"enabled":  {[]string{"scim"}, ""},
		"disabled": {nil, "Organization org_100000000000000000 has not enabled scim, so there can be no portal link for it."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{
				Seed: readSeed(expected.enabled...), Quirks: emulator.Quirks{ScimFeatureName: true},
			}).Workspace(t)
			workspace.NeedEphemeral()
			workspace.Write(link(`features = ["scim"]`))
			output, err := workspace.Apply()
			if (err == nil) != (expected.complaint == "") {
				t.Errorf("%v\n%s", err, output)
			}
			acctest.MustContain(t, output, expected.complaint)
		})
	}
}

// The log holds neither the link nor its id, in which the link ends.
func TestPortalLinkIsNotLogged(t *testing.T) {
	t.Parallel()
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: readSeed("sso")}))
	opened, log := driver.OpenEphemeral("scalekit_portal_link", map[string]string{"organization_id": "org_100000000000000000"})
	if !strings.HasSuffix(opened["location"], opened["id"]) || !uuid.MatchString(opened["id"]) {
		t.Fatalf("the link is %v", opened)
	}
	for _, wanted := range []string{`"call":"GeneratePortalLink"`, "Scalekit reply", opened["expire_time"][:10]} {
		if !strings.Contains(log, wanted) {
			t.Errorf("the log lacks %q, so it proves nothing:\n%s", wanted, log)
		}
	}
	for _, unwanted := range []string{"magicLink", opened["id"]} {
		if strings.Contains(log, unwanted) {
			t.Errorf("the log holds %q:\n%s", unwanted, log)
		}
	}
}

// Whether there is a link for an organization that has nothing enabled is not documented.
func TestPortalLinkWithoutAnyFeature(t *testing.T) {
	t.Parallel()
	for refuses, complaint := range map[bool]string{
		false: "", true: "Organization org_100000000000000000 has enabled neither sso nor scim, so there is nothing that a portal link could be for.",
	} {
		t.Run(fmt.Sprint(refuses), func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{
				Seed: readSeed(), Quirks: emulator.Quirks{PortalLinkNeedsFeature: refuses, NoFreshFeatures: true},
			}).Workspace(t)
			workspace.NeedEphemeral()
			workspace.Write(link(""))
			output, err := workspace.Apply()
			if (err != nil) != refuses {
				t.Errorf("%v\n%s", err, output)
			}
			acctest.MustContain(t, output, complaint)
		})
	}
}

// unzip returns the content of a plan file.
func unzip(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	var all strings.Builder
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(content)
	}
	if !strings.Contains(all.String(), "scalekit_portal_link") {
		t.Error("this is not the plan")
	}
	return all.String()
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestPortalLinkErrors(t *testing.T) {
	t.Parallel()
	organization := func(id string) string {
		return fmt.Sprintf("ephemeral \"scalekit_portal_link\" \"a\" {\norganization_id = %q\n}", id)
	}
	for complaint, config := range map[string]string{
		"Organization org_100000000000000000 has not enabled scim, so there can be no portal link for it.": link(`features = ["sso", "scim"]`),
		"This environment has no organization org_9.":                                                      organization("org_9"),
		`must be an id that begins with "org_"`:                                                            organization("acme"),
		`value must be one of: ["sso" "scim"]`:                                                             link(`features = ["dir_sync"]`),
		"set must contain at least 1 elements":                                                             link(`features = []`),
		"This attribute contains a null value.":                                                            link(`features = [null]`),
	} {
		t.Run(complaint, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Seed: readSeed("sso")}).Workspace(t)
			workspace.NeedEphemeral()
			workspace.Write(config)
			output, err := workspace.Apply()
			if err == nil {
				t.Error("the apply succeeds")
			}
			acctest.MustContain(t, output, complaint)
		})
	}
}

// A link whose reply is lost is not asked for once more.
func TestPortalLinkIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []emulator.FaultKind{emulator.FaultErrorAfter, emulator.FaultDropAfter} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed("sso")})
			workspace := env.Workspace(t)
			workspace.NeedEphemeral()
			workspace.Write(link(""))
			if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "GeneratePortalLink", Kind: kind}}); err != nil {
				t.Fatal(err)
			}
			output, err := workspace.Apply()
			if err == nil {
				t.Error("the apply succeeds")
			}
			acctest.MustContain(t, output, "Could not make a portal link for organization org_100000000000000000")
			if made := env.Emulator.Counts()["portal_links"]; made != 1 {
				t.Errorf("%d links were made", made)
			}
		})
	}
}
