package provider_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const examples = "../../examples"

// exampleSeed is the environment of the examples of data sources and ephemeral resources, and of those that need groups, which only an identity
// provider creates.
const exampleSeed = `{"permissions": [{"name": "reports:read"}],
 "roles": [{"name": "analyst", "display_name": "Analyst", "permissions": ["reports:read"]}],
 "organizations": [{"display_name": "Acme", "external_id": "acme", "features": {"sso": true, "dir_sync": true},
  "domains": [{"domain": "acme.example"}, {"domain": "acme-labs.example", "verification_status": "PENDING"}],
  "roles": [{"name": "acme_auditor", "display_name": "Auditor"}],
  "users": [{"email": "grace@acme.example", "given_name": "Grace", "family_name": "Hopper", "roles": ["admin"]}],
  "connections": [{"provider": "OKTA", "type": "SAML", "domains": ["acme.example"]},
   {"provider": "GOOGLE", "type": "OIDC", "status": "DRAFT", "enabled": false}],
  "directories": [
  {"directory_provider": "OKTA", "groups": [{"display_name": "Engineering"}, {"display_name": "IT"}],
   "users": [{"email": "ada@acme.example", "groups": ["Engineering"]}]}]}]}`

// Every example of the documentation applies, is followed by an empty plan, and can be destroyed.
func TestExamples(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"resources/*/resource.tf", "data-sources/*/data-source.tf", "ephemeral-resources/*/ephemeral-resource.tf"} {
		found, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			var options emulator.Options
			isEphemeral := strings.Contains(file, "ephemeral-resources")
			if strings.Contains(file, "data-sources") || isEphemeral || strings.Contains(file, "scalekit_directory_role_assignment") {
				options.Seed = parseSeed(t, exampleSeed)
			}
			workspace := acctest.StartEmulator(t, options).Workspace(t)
			if isEphemeral {
				workspace.NeedEphemeral()
			}
			workspace.Write(readFile(t, file))
			workspace.MustApply()
			workspace.MustBeClean()
			workspace.Write(strings.ReplaceAll(readFile(t, file), "deletion_protection = true", "deletion_protection = false"))
			workspace.MustApply()
			if output, err := workspace.Destroy(); err != nil {
				t.Errorf("destroy: %v\n%s", err, output)
			}
		})
	}
}

// Everything that the provider serves has an example, and every example is of something that it serves.
func TestEveryKindHasAnExample(t *testing.T) {
	t.Parallel()
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{}))
	for folder, kinds := range map[string][]string{
		"resources":           driver.ResourceTypes(),
		"data-sources":        driver.DataSourceTypes(),
		"ephemeral-resources": driver.EphemeralResourceTypes(),
		"list-resources":      driver.ListResourceTypes(),
		"actions":             driver.ActionTypes(),
	} {
		wanted := map[string]bool{}
		for _, kind := range kinds {
			wanted[kind] = true
		}
		entries, err := os.ReadDir(filepath.Join(examples, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !wanted[entry.Name()] {
				t.Errorf("%s/%s is an example of nothing", folder, entry.Name())
			}
			delete(wanted, entry.Name())
		}
		for kind := range wanted {
			t.Errorf("%s/%s has no example", folder, kind)
		}
	}
}

// The onboarding example adopts one customer and creates the others; what is there then is read back, and is no change to
// the onboarding when identity providers change it.
func TestOnboardingExample(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(examples, "onboarding")
	env := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, readFile(t, filepath.Join(folder, "seed.json")))})
	workspace := env.Workspace(t)
	workspace.Copy(folder)
	acctest.MustContain(t, workspace.MustApply(), "Apply complete! Resources: 3 imported, 12 added, 0 changed, 0 destroyed.")
	workspace.MustBeClean()

	reading := workspace.In("read")
	reading.MustApply()
	reading.MustBeClean()
	mustRead(t, reading, `{
  "directories": {"acme": ["OKTA, enabled, groups: 0, users: 0"], "globex": ["OKTA, enabled, groups: 3, users: 3"], "initech": []},
  "directory_groups": {
    "acme": [],
    "globex": ["Engineering: ada@globex.example, ira@globex.example", "IT: ira@globex.example", "Sales: sue@globex.example"],
    "initech": []
  },
  "directory_users": {
    "acme": [],
    "globex": ["ada@globex.example: Ada Ellis", "ira@globex.example: Ira Stone", "sue@globex.example: Sue Vance"],
    "initech": []
  },
  "users": {
    "acme": [],
    "globex": ["ada@globex.example: member, ACTIVE", "ira@globex.example: admin, ACTIVE", "new@globex.example: member, PENDING_INVITE"],
    "initech": []
  }
}`)
	post(t, env.URL()+"/_emulator/directories/dir_100000000000000001/users", `{"email": "zoe@globex.example", "groups": ["Sales"]}`)
	workspace.MustBeClean()
	acctest.MustContain(t, reading.MustApply(), `"Sales: sue@globex.example, zoe@globex.example"`)

	if output, err := workspace.Destroy(); err != nil {
		t.Errorf("destroy: %v\n%s", err, output)
	}
	if left := env.Emulator.Counts()["organizations"]; left != 0 {
		t.Errorf("%d organizations are left over", left)
	}
}

// mustRead fails the test unless the outputs of an applied configuration are as wanted, in JSON.
func mustRead(t *testing.T, workspace *acctest.Workspace, wanted string) {
	t.Helper()
	output, err := workspace.Run("output", "-json")
	if err != nil {
		t.Fatalf("output: %v\n%s", err, output)
	}
	var outputs map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(output), &outputs); err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for name, one := range outputs {
		got[name] = one.Value
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(wanted), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the outputs are\n%v\nand should be\n%v", got, want)
	}
}

// post sends JSON to a control path of the emulator.
func post(t *testing.T, url, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(reply.Body)
		t.Fatalf("POST %s: %s %s", url, reply.Status, answer)
	}
}

func parseSeed(t *testing.T, content string) *emulator.Seed {
	t.Helper()
	seed, err := emulator.ParseSeed(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
