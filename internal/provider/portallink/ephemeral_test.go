package portallink_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/acctest"
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
			env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed("sso", "dir_sync")})
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
			for where, content := range map[string]string{
				"state": workspace.State(), "plan file": unzip(t, filepath.Join(workspace.Folder(), "the.plan")), "output": planned + applied,
			} {
				if strings.Contains(content, "magicLink") || strings.Contains(content, used[0]) {
					t.Errorf("the %s holds the link:\n%s", where, content)
				}
			}
			if made := env.Emulator.Counts()["portal_links"]; made != 2 {
				t.Errorf("%d links were made, and should be one for the plan and one for the apply", made)
			}
			workspace.MustBeClean()
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
