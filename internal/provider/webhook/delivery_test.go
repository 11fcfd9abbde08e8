package webhook_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// An endpoint receives what it asked for, signed with the secret that Terraform knows; after a rotation with the old one
// too, for as long as was asked.
func TestEndpointReceivesSignedEvents(t *testing.T) {
	t.Parallel()
	clock := &clock{now: time.Now()}
	env := acctest.StartEmulator(t, emulator.Options{Now: clock.Now})
	receiver := receive(t)
	workspace := env.Workspace(t)
	write := func(organization, attributes string) {
		workspace.Write(endpoint(fmt.Sprintf("url = %q\nevent_types = [\"organization.created\", \"organization.updated\"]\n%s", receiver.url, attributes)) +
			fmt.Sprintf(`
resource "scalekit_organization" "acme" {
  display_name = %q
  depends_on   = [scalekit_webhook_endpoint.acme]
}
output "secret" {
  value     = scalekit_webhook_endpoint.acme.signing_secret
  sensitive = true
}`, organization))
	}
	secret := func() string {
		output, err := workspace.Run("output", "-raw", "secret")
		if err != nil {
			t.Fatalf("output: %v\n%s", err, output)
		}
		return output
	}

	write("Acme", `secret_rotation = { n = "1" }`)
	workspace.MustApply()
	workspace.MustBeClean()
	first := secret()
	created := receiver.next(t, "organization.created", 1)
	mustVerify(t, created, first)
	var envelope struct {
		Data struct {
			DisplayName string `json:"display_name"`
		} `json:"data"`
	}
	if err := json.Unmarshal(created.body, &envelope); err != nil || envelope.Data.DisplayName != "Acme" {
		t.Errorf("the event is %s", created.body)
	}
	tampered := message{created.header, []byte(strings.Replace(string(created.body), "Acme", "Evil", 1))}
	mustNotVerify(t, tampered, first)

	// A rotation alone changes the secret in place, and the plan says so to what depends on it.
	write("Acme", "secret_rotation = { n = \"2\" }\nsecret_grace_period = \"1h\"")
	acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()
	second := secret()
	if first == second || !strings.HasPrefix(second, "whsec_") {
		t.Fatal("the rotation made no new secret")
	}
	write("Acme Corp", "secret_rotation = { n = \"2\" }\nsecret_grace_period = \"1h\"")
	workspace.MustApply()
	during := receiver.next(t, "organization.updated", 1)
	mustVerify(t, during, second)
	mustVerify(t, during, first)

	clock.advance(time.Hour + time.Second)
	write("Acme Inc", "secret_rotation = { n = \"2\" }\nsecret_grace_period = \"1h\"")
	workspace.MustApply()
	after := receiver.next(t, "organization.updated", 2)
	mustVerify(t, after, second)
	mustNotVerify(t, after, first)

	// Without a grace period the old secret is worth nothing at once. Removing the triggers rotates nothing.
	write("Acme Inc", "secret_rotation = { n = \"3\" }\nsecret_grace_period = \"0s\"")
	workspace.MustApply()
	third := secret()
	write("Acme", "")
	workspace.MustApply()
	workspace.MustBeClean()
	if third == second || secret() != third {
		t.Error("the secret is not that of the last rotation")
	}
	last := receiver.next(t, "organization.updated", 3)
	mustVerify(t, last, third)
	mustNotVerify(t, last, second)

	write("Acme", "enabled = false")
	workspace.MustApply()
	write("Acme again", "enabled = false")
	workspace.MustApply()
	time.Sleep(300 * time.Millisecond)
	if got := len(receiver.ofType("organization.updated")); got != 3 {
		t.Errorf("a disabled endpoint got an event: %d", got)
	}
}

// A secret that was rotated elsewhere is seen, and what depends on it follows.
func TestEndpointSecretRotatedElsewhere(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(endpoint(`url = "https://hooks.acme.example"`) + "output \"secret\" {\n value = scalekit_webhook_endpoint.acme.signing_secret\n sensitive = true\n}")
	workspace.MustApply()
	before, _ := workspace.Run("output", "-raw", "secret")
	if err := env.Webhooks().RotateSecret(t.Context(), only(t, env).ID, time.Hour); err != nil {
		t.Fatal(err)
	}
	workspace.MustApply()
	after, _ := workspace.Run("output", "-raw", "secret")
	current, err := env.Webhooks().Secret(t.Context(), only(t, env).ID)
	if err != nil || before == after || after != current {
		t.Errorf("the secret was %q, is %q, and Terraform has %q: %v", before, current, after, err)
	}
	workspace.MustBeClean()
}

// verify is the Standard Webhooks library's own check. The time of signing is the emulator's clock's.
func verify(t *testing.T, got message, secret string) error {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return verifier.VerifyIgnoringTimestamp(got.body, got.header)
}

func mustVerify(t *testing.T, got message, secret string) {
	t.Helper()
	if err := verify(t, got, secret); err != nil {
		t.Errorf("%v: %v", err, got.header)
	}
}

func mustNotVerify(t *testing.T, got message, secret string) {
	t.Helper()
	if verify(t, got, secret) == nil {
		t.Errorf("an event verifies with a secret that it should not: %v", got.header)
	}
}
