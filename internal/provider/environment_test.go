package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// State of one environment is of no use in another one, even if the other has objects of the same ids and names: neither a
// plan nor a destroy reads or changes anything there, and both say what to do. That holds for every resource. An
// environment that has moved is told to the provider, and its state remembers the new place from then on.
func TestStateOfAnotherEnvironment(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(hardText)
	if err != nil {
		t.Fatal(err)
	}
	seed := parseSeed(t, strings.ReplaceAll(foundEnvironment, "HARD", string(quoted)))
	for name, imports := range map[string]importIDs{
		"everything": foundObjects,
		"a single role assignment": {
			"scalekit_directory_role_assignment.it": "org_100000000000000001/dir_100000000000000001/dirgroup_100000000000000002",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "emulator.json")
			here := acctest.StartEmulator(t, emulator.Options{Seed: seed, StateFile: file})
			workspace := here.Workspace(t)
			workspace.Write(imports.blocks())
			if output, err := workspace.Run("plan", "-generate-config-out=generated.tf", "-input=false", "-no-color"); err != nil {
				t.Fatalf("plan: %v\n%s", err, output)
			}
			workspace.MustApply()

			there, fresh := copyOf(t, file), copyOf(t, file)
			workspace.Configure(there.Provider(""))
			workspace.Write("")
			there.Emulator.ResetRequests()
			for _, command := range [][]string{
				{"plan"},
				{"plan", "-refresh=false"},
				{"apply", "-auto-approve"},
				{"destroy", "-auto-approve"},
				{"destroy", "-auto-approve", "-refresh=false"},
			} {
				output, err := workspace.Run(append(command, "-input=false", "-no-color")...)
				if err == nil {
					t.Errorf("%v succeeds:\n%s", command, output)
				}
				const refusal = "The state belongs to another environment"
				if command[len(command)-1] != "-refresh=false" {
					for address := range imports {
						if !strings.Contains(output, "with "+address+",") {
							t.Errorf("%v does not refuse %s:\n%s", command, address, output)
						}
					}
				}
				acctest.MustContain(t, output, refusal, `previous_environment_urls = ["`+here.URL()+`"]`)
			}
			for _, request := range there.Emulator.Requests() {
				if request.RPC != "oauth/token" {
					t.Errorf("the other environment is asked: %s", request.RPC)
				}
			}

			there.MoveFrom(here.URL())
			workspace.Configure(there.Provider(""))
			workspace.Write("")
			workspace.MustApply()
			workspace.MustBeClean()
			fresh.MoveFrom(here.URL()) // and no longer from there
			workspace.Configure(fresh.Provider(""))
			workspace.Write("")
			if output, err := workspace.Run("plan", "-input=false", "-no-color"); err == nil {
				t.Errorf("the state does not remember where its environment has moved to:\n%s", output)
			}
		})
	}
}

// copyOf is another environment with all that an emulator has written to its state file.
func copyOf(t *testing.T, stateFile string) *acctest.Env {
	t.Helper()
	content, err := os.ReadFile(stateFile)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "emulator.json")
	if err := os.WriteFile(copied, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return acctest.StartEmulator(t, emulator.Options{StateFile: copied})
}
