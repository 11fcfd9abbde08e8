package organization_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const takenExternalID = `
resource "scalekit_organization" "second" {
  display_name = "Second"
  external_id  = "globex"
}
`

func withGlobex() emulator.Options {
	return emulator.Options{Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{DisplayName: "Globex", ExternalID: "globex"},
		{DisplayName: "Initech", ExternalID: "initech"},
	}}}
}

func TestPlanFindsConflict(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, withGlobex()).Workspace(t)

	workspace.Write(takenExternalID)
	output, err := workspace.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan does not find the conflict:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", `Organization "Globex" (org_`,
		"import { to = scalekit_organization.NAME id = \"org_")

	// The block from the message, with the resource's address, is all that it takes.
	workspace.Write(takenExternalID + `
import {
  to = scalekit_organization.second
  id = "external_id:globex"
}`)
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()

	// A change to a taken external_id has nothing to import.
	workspace.Write(`
resource "scalekit_organization" "second" {
  display_name = "Second"
  external_id  = "initech"
}`)
	output, err = workspace.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan does not find the conflict:\n%s", output)
	}
	acctest.MustContain(t, output, `Organization "Initech"`, "No two organizations have the same external_id: choose another one.")
}

// Without plan checks the plan asks nothing, and the failed apply says the same.
func TestPlanChecksOff(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withGlobex())
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("plan_checks = false"))
	workspace.Write(takenExternalID)

	if output, err := workspace.Run("plan", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	for _, request := range env.Emulator.Requests() {
		if request.RPC != "oauth/token" {
			t.Errorf("the plan called %s", request.RPC)
		}
	}
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", "import { to = scalekit_organization.NAME")
}

// A look-up that fails does not fail the plan.
func TestPlanCheckFails(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withGlobex())
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("max_retries = 0"))
	workspace.Write(takenExternalID)
	if err := env.Emulator.SetFaults([]emulator.Fault{{
		RPC: "GetOrganizationByExternalId", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1,
	}}); err != nil {
		t.Fatal(err)
	}
	if output, err := workspace.Run("plan", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
}

func TestPlanWarnsOfDestroy(t *testing.T) {
	t.Parallel()
	seed, err := emulator.ParseSeed(strings.NewReader(`{"organizations": [{
		"display_name": "Globex", "external_id": "globex",
		"domains": [{"domain": "globex.example"}],
		"users": [{"email": "ann@globex.example"}, {"email": "ben@globex.example"}],
		"directories": [{"directory_provider": "OKTA"}, {"directory_provider": "GOOGLE"}]
	}]}`))
	if err != nil {
		t.Fatal(err)
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	workspace := env.Workspace(t)
	workspace.Write(`
resource "scalekit_organization" "globex" {
  display_name = "Globex"
  external_id  = "globex"
}
import {
  to = scalekit_organization.globex
  id = "external_id:globex"
}`)
	workspace.MustApply()
	output, err := workspace.Run("plan", "-destroy", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, `Organization "Globex" will be deleted`,
		"It has 2 users, 2 directories and 1 domain now. This cannot be undone.")

	// What cannot be counted is left out, and fails nothing.
	if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: "ListDirectories", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1}}); err != nil {
		t.Fatal(err)
	}
	if output, err = workspace.Run("plan", "-destroy", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "It has 2 users and 1 domain now.")
}
