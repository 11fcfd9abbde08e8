package webhook_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Headers are sent along with events, and are neither in the state nor in a plan.
func TestEndpointHeaders(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	env := acctest.StartEmulator(t, emulator.Options{})
	receiver := receive(t)
	workspace := env.Workspace(t)
	organizations := 0
	// step applies by way of a plan file, lets the endpoint receive an event, and returns it.
	step := func(attributes string) message {
		organizations++
		workspace.Write(endpoint(fmt.Sprintf("url = %q\nevent_types = [\"organization.created\"]\n%s", receiver.url, attributes)) + fmt.Sprintf(`
resource "scalekit_organization" "one" {
  count        = %d
  display_name = "One"
  depends_on   = [scalekit_webhook_endpoint.acme]
}`, organizations))
		plan := filepath.Join(t.TempDir(), "plan")
		if output, err := workspace.Run("plan", "-no-color", "-out="+plan); err != nil {
			t.Fatalf("plan: %v\n%s", err, output)
		}
		shown, err := workspace.Run("show", "-json", plan)
		if err != nil {
			t.Fatalf("show: %v\n%s", err, shown)
		}
		// The plan file itself holds the configuration as it is written, which is not the provider's doing.
		mustNotContain(t, "the plan", shown[:max(0, len(shown)-len(configurationOf(shown)))], "a-secret-value", "another-secret-value")
		if output, err := workspace.Run("apply", "-no-color", plan); err != nil {
			t.Fatalf("apply: %v\n%s", err, output)
		}
		mustNotContain(t, "the state", workspace.State(), "a-secret-value", "another-secret-value", "X-Receiver")
		workspace.MustBeClean()
		return receiver.next(t, "organization.created", organizations)
	}

	got := step("headers_wo = { Authorization = \"a-secret-value\", X-Receiver = \"one\" }\nheaders_wo_version = 1")
	if got.header.Get("Authorization") != "a-secret-value" || got.header.Get("X-Receiver") != "one" {
		t.Errorf("the event has the headers %v", got.header)
	}
	// Without a new version a change is not seen.
	got = step("headers_wo = { Authorization = \"another-secret-value\" }\nheaders_wo_version = 1")
	if got.header.Get("Authorization") != "a-secret-value" {
		t.Errorf("the event has the headers %v", got.header)
	}
	got = step("headers_wo = { Authorization = \"another-secret-value\" }\nheaders_wo_version = 2")
	if got.header.Get("Authorization") != "another-secret-value" || got.header.Get("X-Receiver") != "" {
		t.Errorf("the event has the headers %v", got.header)
	}
	got = step("")
	if got.header.Get("Authorization") != "" {
		t.Errorf("the event has the headers %v", got.header)
	}
	if headers := headersOf(t, env); headers != `{"headers":{},"sensitive":[]}`+"\n" && headers != `{"headers":{},"sensitive":[]}` {
		t.Errorf("the endpoint has the headers %s", headers)
	}
}

// A header that the server refuses is told by its name, without its value.
func TestEndpointHeadersRefused(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	// A literal would be shown as part of the configuration, by Terraform itself.
	workspace.Write(endpoint("url = \"https://hooks.acme.example\"\nheaders_wo = { Content-Length = var.token }\nheaders_wo_version = 1") +
		"variable \"token\" {\n default = \"a-secret-value\"\n}\n")
	// The endpoint is there, and stays: what failed is a warning, and the next plan shows it.
	output := workspace.MustApply()
	acctest.MustContain(t, output, "Warning: Could not set the headers of webhook endpoint ep_")
	output, err := workspace.Run("plan", "-no-color", "-input=false")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, "will be updated in-place", "The headers are still to be set")
	mustNotContain(t, "the output", output, "a-secret-value")
	mustNotContain(t, "the state", workspace.State(), "a-secret-value")

	// What was created is known, and goes with the next apply.
	workspace.Write(endpoint(`url = "https://hooks.acme.example"`))
	workspace.MustApply()
	workspace.MustBeClean()
	only(t, env)
}

// The state of a failed update tells what was done.
func TestEndpointUpdateStopsHalfway(t *testing.T) {
	t.Parallel()
	acctest.NeedWriteOnly(t)
	for _, call := range []string{"svix.endpoint.update-headers", "svix.endpoint.rotate-secret"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{})
			workspace := env.Workspace(t)
			workspace.Write(endpoint(`url = "https://hooks.acme.example"`))
			workspace.MustApply()
			if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: call, Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Count: -1}}); err != nil {
				t.Fatal(err)
			}
			workspace.Write(endpoint("url = \"https://other.acme.example\"\nheaders_wo = { A = \"b\" }\nheaders_wo_version = 1\nsecret_rotation = { n = \"1\" }"))
			output, err := workspace.Apply()
			if err == nil {
				t.Fatalf("the apply succeeds:\n%s", output)
			}
			acctest.MustContain(t, output, "The webhook portal's session may not do this", "HTTP status 403")
			if got := only(t, env).URL; got != "https://other.acme.example/" {
				t.Errorf("the URL is %s", got)
			}
			if err := env.Emulator.SetFaults(nil); err != nil {
				t.Fatal(err)
			}
			env.Emulator.ResetRequests()
			acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
			workspace.MustBeClean()
			if got := calls(env); got["svix.endpoint.update"] != 0 || got["svix.endpoint.rotate-secret"] != 1 {
				t.Errorf("the next apply made the calls %v", got)
			}
		})
	}
}

func configurationOf(plan string) string {
	const begin = `"configuration":`
	for i := range len(plan) - len(begin) {
		if plan[i:i+len(begin)] == begin {
			return plan[i:]
		}
	}
	return ""
}
