package webhook_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const taken = "url = \"https://hooks.acme.example\"\nuid = \"globex\""

func withGlobex() emulator.Options {
	return seeded(emulator.Quirks{},
		emulator.SeedWebhookEndpoint{URL: "https://globex.example", UID: "globex"},
		emulator.SeedWebhookEndpoint{URL: "https://initech.example", UID: "initech"})
}

func TestPlanFindsConflict(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, withGlobex()).Workspace(t)
	workspace.Write(endpoint(taken))
	output, err := workspace.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan does not find the conflict:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", `already has the uid "globex"`,
		"import { to = scalekit_webhook_endpoint.NAME id = \"ep_")

	workspace.Write(endpoint(taken) + "import {\n  to = scalekit_webhook_endpoint.acme\n  id = \"uid:globex\"\n}\n")
	acctest.MustContain(t, workspace.MustApply(), "1 imported, 0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()

	// A change to a taken uid has nothing to import.
	workspace.Write(endpoint(strings.Replace(taken, "globex", "initech", 1)))
	output, err = workspace.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan does not find the conflict:\n%s", output)
	}
	acctest.MustContain(t, output, `already has the uid "initech"`, "A uid is unique: choose another one.")
}

// An http address that an imported endpoint has is warned of, and another one refused.
func TestPlanOfImportedPlainHTTP(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, seeded(emulator.Quirks{}, emulator.SeedWebhookEndpoint{URL: "http://hooks.acme.example/", UID: "acme"})).Workspace(t)
	const declared = "url = \"http://hooks.acme.example/\"\nuid = \"acme\""
	workspace.Write(endpoint(declared) + "import {\n  to = scalekit_webhook_endpoint.acme\n  id = \"uid:acme\"\n}\n")
	acctest.MustContain(t, workspace.MustApply(), "The URL is not encrypted", "1 imported, 0 added, 0 changed, 0 destroyed")
	workspace.MustBeClean()
	workspace.Write(endpoint(strings.Replace(declared, "hooks", "other", 1)))
	output, err := workspace.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan takes a new http address:\n%s", output)
	}
	acctest.MustContain(t, output, `The URL is plain http to "other.acme.example"`)
}

func TestPlanWarnsOfUnknownEventTypes(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	const types = `url = "https://hooks.acme.example"
event_types = ["user.login", "user.logot", "Organization.Directory.user_create", "zzz"]`
	workspace.Write(endpoint(types) + strings.Replace(endpoint(types), "acme", "second", 1))
	output, err := workspace.Run("plan", "-no-color")
	if err != nil {
		t.Fatalf("an unknown event type fails the plan: %v\n%s", err, output)
	}
	for _, warning := range []string{
		`not known to send events of type "user.logot". Did you mean "user.logout"?`,
		`of type "Organization.Directory.user_create". Did you mean "organization.directory.user_created"?`,
		`events of type "zzz". The endpoint gets no such events`,
	} {
		acctest.MustContain(t, output, warning)
	}
	if strings.Contains(output, `"user.login"`) && strings.Contains(output, `type "user.login"`) {
		t.Errorf("a known event type is warned of:\n%s", output)
	}
	counts := calls(env)
	if counts["svix.event-type.list"] != 1 || counts["auth/one-time-token"] != 1 {
		t.Errorf("the plan of two endpoints made the calls %v", counts)
	}
	workspace.MustApply()
	workspace.MustBeClean()
}

// Without the platform's list the built-in one decides, and its failure does not fail the plan.
func TestPlanWithoutPlatformList(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withGlobex())
	if err := env.Emulator.SetFaults([]emulator.Fault{
		{RPC: "svix.event-type.list", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Count: -1},
		{RPC: "svix.endpoint.get", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1},
	}); err != nil {
		t.Fatal(err)
	}
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("max_retries = 0"))
	workspace.Write(endpoint(taken + "\nevent_types = [\"connected_account.oauth_succeeded\", \"role.create\"]"))
	output, err := workspace.Run("plan", "-no-color")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, `of type "role.create". Did you mean "role.created"?`)
	if strings.Contains(output, "oauth_succeeded\".") {
		t.Errorf("a known event type is warned of:\n%s", output)
	}
}

// Without plan checks the plan asks nothing, and the failed apply says the same.
func TestPlanChecksOff(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, withGlobex())
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider("plan_checks = false"))
	workspace.Write(endpoint(taken + "\nevent_types = [\"nonsense\"]"))
	if output, err := workspace.Run("plan", "-no-color"); err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	if counts := calls(env); len(counts) != 1 || counts["oauth/token"] == 0 {
		t.Errorf("the plan made the calls %v", counts)
	}
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", "import { to = scalekit_webhook_endpoint.NAME")
}

func TestPlanShowsRotation(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, emulator.Options{}).Workspace(t)
	workspace.Write(endpoint(`url = "https://hooks.acme.example"`))
	workspace.MustApply()
	for attributes, rotates := range map[string]bool{
		`secret_rotation = { n = "1" }`: true, `description = "a"`: false, `secret_grace_period = "1h"`: false,
	} {
		workspace.Write(endpoint("url = \"https://hooks.acme.example\"\n" + attributes))
		output, err := workspace.Run("plan", "-no-color")
		if err != nil {
			t.Fatalf("plan: %v\n%s", err, output)
		}
		if strings.Contains(output, "signing_secret") != rotates {
			t.Errorf("%s: the plan announces a new secret: %t\n%s", attributes, !rotates, output)
		}
	}
}
