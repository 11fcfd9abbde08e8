package webhook_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const many = `
resource "scalekit_webhook_endpoint" "many" {
  count = 20
  url   = "https://hooks.acme.example/same"
}
`

// All resources of a run share one session. Terraform starts the provider for the plan and once more for the apply.
func TestOneSessionForAll(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(many)
	workspace.MustApply()
	env.Emulator.ResetRequests()
	workspace.MustBeClean()
	if counts := calls(env); counts["auth/one-time-token"] != 1 || counts["GetPortalURL"] != 1 || counts["svix.endpoint.get"] != 20 {
		t.Errorf("a refresh of 20 endpoints made the calls %v", counts)
	}
	env.Emulator.ResetRequests()
	if output, err := workspace.Destroy(); err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	if counts := calls(env); counts["auth/one-time-token"] > 2 || counts["svix.endpoint.delete"] != 20 {
		t.Errorf("a destroy of 20 endpoints made the calls %v", counts)
	}
}

// A session that ends in the middle of a run is renewed.
func TestSessionExpires(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{PortalTokenLifetime: 1500 * time.Millisecond, Latency: 100 * time.Millisecond})
	workspace := env.Workspace(t)
	workspace.Write(many)
	workspace.MustApply() // the creates of equal endpoints wait for each other
	if counts := calls(env); counts["auth/one-time-token"] < 2 {
		t.Errorf("no session ended, which proves nothing: %v", counts)
	}
	workspace.MustBeClean()
	if got := env.Emulator.Counts()["webhook_endpoints"]; got != 20 {
		t.Errorf("there are %d endpoints", got)
	}
}

func TestLinkOfAnotherForm(t *testing.T) { //nolint:tparallel // the subtests share the workspace
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Quirks: emulator.Quirks{PortalLinkUnknown: true}})
	workspace := env.Workspace(t)
	config := endpoint(`url = "https://hooks.acme.example"`)
	workspace.Write(config)
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	host := strings.TrimPrefix(env.URL(), "http://")
	acctest.MustContain(t, output, "does not understand that link: it found a link to "+host+" without a fragment", "`webhooks` block", "inferred and not documented")

	// The block is the way around it.
	session := env.Emulator.PortalSession()
	block := fmt.Sprintf("webhooks = {\n server_url = %q\n application_id = %q\n token = %q\n}\n", session.ServerURL, session.ApplicationID, session.Token)
	workspace.Configure(env.Provider(block))
	workspace.Write(config)
	env.Emulator.ResetRequests()
	workspace.MustApply()
	workspace.MustBeClean()
	if counts := calls(env); counts["GetPortalURL"]+counts["auth/one-time-token"] != 0 {
		t.Errorf("the portal link was asked for: %v", counts)
	}

	for name, wrong := range map[string]struct{ edit, complaint string }{
		"token":         {strings.Replace(block, session.Token, "appsk_wrong", 1), "If the `webhooks` block of the provider's configuration gives a token, it may have expired"},
		"application":   {strings.Replace(block, session.ApplicationID, "app_wrong", 1), "Could not read webhook endpoint"},
		"path":          {strings.Replace(block, session.ServerURL, env.URL()+"/elsewhere", 1), "Could not read webhook endpoint"},
		"not encrypted": {strings.Replace(block, session.ServerURL, "http://hooks.example", 1), `is plain http to "hooks.example"`},
		"no URL":        {strings.Replace(block, session.ServerURL, "hooks.example", 1), "is not a URL with a scheme and a host"},
	} {
		t.Run(name, func(t *testing.T) {
			workspace.Configure(env.Provider(wrong.edit))
			workspace.Write(config)
			output, err := workspace.Apply()
			if err == nil {
				t.Fatalf("the apply succeeds:\n%s", output)
			}
			acctest.MustContain(t, output, wrong.complaint)
			mustNotContain(t, "the output", output, session.Token)
			if !strings.Contains(workspace.State(), "ep_") {
				t.Error("the endpoint has left the state")
			}
		})
	}
}
