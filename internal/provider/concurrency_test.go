package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Workspaces that apply at the same time do not lose each other's objects.
func TestParallelWorkspaces(t *testing.T) {
	t.Parallel()
	const workspaces, each = 10, 5
	env := acctest.StartEmulator(t, emulator.Options{})
	all := make([]*acctest.Workspace, workspaces)
	for i := range all {
		all[i] = env.Workspace(t)
		all[i].Write(fmt.Sprintf(`
resource "scalekit_organization" "with_key" {
  count        = %[2]d
  display_name = "Customer %[1]d-${count.index}"
  external_id  = "customer-%[1]d-${count.index}"
}
resource "scalekit_organization" "without_key" {
  count        = %[2]d
  display_name = "Same name everywhere"
}
resource "scalekit_organization_features" "with_key" {
  count           = %[2]d
  organization_id = scalekit_organization.with_key[count.index].id
  sso             = true
}`, i, each))
	}
	var wait sync.WaitGroup
	for _, workspace := range all {
		wait.Go(func() {
			if output, err := workspace.Apply(); err != nil {
				t.Errorf("apply: %v\n%s", err, output)
			}
		})
	}
	wait.Wait()
	if got := env.Emulator.Counts()["organizations"]; got != workspaces*2*each {
		t.Errorf("%d organizations were declared, %d exist", workspaces*2*each, got)
	}
	for _, workspace := range all {
		workspace.MustBeClean()
	}
}

// No secret and no token reaches the log, at the most talkative level, of the provider as it is shipped.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	const secret = "a-client-secret-to-grep-for"
	env := acctest.StartEmulator(t, emulator.Options{ClientSecret: secret, Seed: parseSeed(t, `{"organizations": [{"display_name": "Globex", "external_id": "globex"}]}`)})
	folder := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "terraform-provider-scalekit"), "../..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	cliConfig := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"scalekit-inc/scalekit\" = %q\n  }\n}\n", folder)
	write(t, filepath.Join(folder, "cli.tfrc"), cliConfig)
	write(t, filepath.Join(folder, "main.tf"), fmt.Sprintf(`
terraform {
  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}
provider "scalekit" {
  environment_url = %q
  client_id       = %q
  client_secret   = %q
  plan_checks     = false
}
resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
}
resource "scalekit_directory" "acme" {
  organization_id = scalekit_organization.acme.id
}
resource "scalekit_directory_secret" "acme" {
  organization_id = scalekit_organization.acme.id
  directory_id    = scalekit_directory.acme.id
}
resource "scalekit_webhook_endpoint" "acme" {
  url                = "http://127.0.0.1:9/hook"
  headers_wo         = { authorization = "a-header-to-grep-for" }
  headers_wo_version = 1
}
resource "scalekit_organization" "taken" {
  display_name = "Taken"
  external_id  = "globex"
  depends_on   = [scalekit_directory_secret.acme, scalekit_webhook_endpoint.acme]
}`, env.URL(), emulator.DefaultClientID, secret))

	apply := exec.Command(acctest.CLI(t), "apply", "-auto-approve", "-no-color")
	apply.Dir = folder
	apply.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TF_") })
	apply.Env = append(apply.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(folder, "log"), "TF_CLI_CONFIG_FILE="+filepath.Join(folder, "cli.tfrc"), "CHECKPOINT_DISABLE=1")
	output, err := apply.CombinedOutput()
	if err == nil {
		t.Fatalf("the second organization has a taken external_id, and is created:\n%s", output)
	}
	log, err := os.ReadFile(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{"Scalekit call", "Scalekit request", `call=CreateOrganization`, "code=invalid_argument"} {
		if !bytes.Contains(log, []byte(expected)) {
			t.Errorf("the log lacks %q, so it proves nothing", expected)
		}
	}
	secrets := map[string]string{
		"the client secret": secret, "a JSON web token": "eyJ", "a bearer token": "Bearer ", "a webhook's header": "a-header-to-grep-for",
	}
	state := readFile(t, filepath.Join(folder, "terraform.tfstate"))
	for _, attribute := range []string{"secret", "signing_secret"} {
		match := regexp.MustCompile(`"` + attribute + `": "([^"]{20,})"`).FindStringSubmatch(state)
		if match == nil {
			t.Fatalf("the state has no %s to look for", attribute)
		}
		secrets["the "+attribute] = match[1]
	}
	for what, unwanted := range secrets {
		for _, text := range [][]byte{log, output} {
			if at := bytes.Index(text, []byte(unwanted)); at >= 0 {
				t.Errorf("%s is in the log: …%s…", what, text[max(0, at-200):min(len(text), at+50)])
			}
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
