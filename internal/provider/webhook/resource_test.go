package webhook_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

const everything = `
  url         = %q
  description = "Keeps users in step"
  event_types = ["organization.created", "user.login"]
  enabled     = false
  channels    = ["one", "two"]
  rate_limit  = 5
  metadata    = { team = "identity" }
  uid         = %q
`

// hooks is an address of the test's own, with a path.
func hooks(env *acctest.Env, path string) string {
	return "https://" + env.Name("hooks") + ".acme.example" + path
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	uid := env.Name("acme")

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           env.Config(endpoint(fmt.Sprintf("url = %q", hooks(env, "/one")))),
				ConfigPlanChecks: action(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("id", knownvalue.StringRegexp(regexp.MustCompile(`^ep_\w+$`))),
					expect("description", knownvalue.StringExact("")),
					expect("event_types", knownvalue.Null()),
					expect("enabled", knownvalue.Bool(true)),
					expect("channels", knownvalue.Null()),
					expect("rate_limit", knownvalue.Null()),
					expect("metadata", knownvalue.Null()),
					expect("uid", knownvalue.Null()),
					expect("secret_grace_period", knownvalue.StringExact("24h")),
					expect("signing_secret", knownvalue.StringRegexp(regexp.MustCompile(`^whsec_.{32}$`))),
					expect("create_time", knownvalue.StringRegexp(regexp.MustCompile(`^20.*Z$`))),
				},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true},
			{
				Config:           env.Config(endpoint(fmt.Sprintf(everything, hooks(env, "/two?a=b"), uid))),
				ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("url", knownvalue.StringExact(hooks(env, "/two?a=b"))),
					expect("description", knownvalue.StringExact("Keeps users in step")),
					expect("event_types", texts("organization.created", "user.login")),
					expect("enabled", knownvalue.Bool(false)),
					expect("channels", texts("one", "two")),
					expect("rate_limit", knownvalue.Int64Exact(5)),
					expect("metadata", knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("identity")})),
					expect("uid", knownvalue.StringExact(uid)),
				},
			},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true},
			{ResourceName: acme, ImportState: true, ImportStateVerify: true, ImportStateId: "uid:" + uid},
			{ // What is no longer declared is gone.
				Config:           env.Config(endpoint(fmt.Sprintf("url = %q\nmetadata = {}", hooks(env, "/two")))),
				ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("description", knownvalue.StringExact("")),
					expect("event_types", knownvalue.Null()),
					expect("enabled", knownvalue.Bool(true)),
					expect("channels", knownvalue.Null()),
					expect("rate_limit", knownvalue.Null()),
					expect("metadata", knownvalue.MapSizeExact(0)),
					expect("uid", knownvalue.Null()),
				},
			},
		},
	})
}

// Each attribute alone is changed, and cleared, in place.
func TestEndpointUpdatesEachAttribute(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	base := `url = "https://hooks.acme.example"` + "\n"
	workspace.Write(endpoint(base))
	workspace.MustApply()
	id := only(t, env).ID
	for _, attributes := range []string{
		`description = "a"`, `description = "b"`, `event_types = ["user.login"]`, `event_types = ["user.logout"]`, `enabled = false`,
		`channels = ["a"]`, `channels = ["b"]`, `rate_limit = 1`, `rate_limit = 65535`, `metadata = { a = "b" }`, `metadata = { a = "c" }`,
		`uid = "one"`, `uid = "two"`, `secret_grace_period = "1h"`, ``,
	} {
		workspace.Write(endpoint(base + attributes))
		acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
		workspace.MustBeClean()
	}
	workspace.Write(endpoint(`url = "https://other.acme.example"`))
	acctest.MustContain(t, workspace.MustApply(), "0 added, 1 changed, 0 destroyed")
	workspace.MustBeClean()
	if got := only(t, env); got.ID != id || got.Description != "" || got.FilterTypes != nil || got.UID != nil {
		t.Errorf("the endpoint is %+v", got)
	}
	if output, err := workspace.Destroy(); err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	if left := env.Emulator.Counts()["webhook_endpoints"]; left != 0 {
		t.Errorf("%d endpoints are left over: %v", left, env.Emulator.Counts())
	}
}

// Servers differ in what they keep and in the names that they have for it.
func TestEndpointOnDifferentServers(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]emulator.Quirks{
		"older field names":  {OldEndpointFields: true},
		"URLs as sent":       {KeepsEndpointURL: true},
		"only known types":   {ChecksEventTypes: true},
		"link with token":    {PortalLinkToken: true},
		"link URL-safe":      {PortalLinkURLSafe: true, PortalLinkUnpadded: true},
		"link with query":    {PortalLinkQuery: true},
		"idempotency bodies": {IdempotencyChecksBody: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Quirks: quirks}).Workspace(t)
			for _, attributes := range []string{
				`url = "HTTPS://Hooks.Acme.Example:443"`, fmt.Sprintf(everything, "https://hooks.acme.example/a/../b", "acme"), `url = "https://hooks.acme.example"`,
			} {
				workspace.Write(endpoint(attributes))
				workspace.MustApply()
				workspace.MustBeClean()
			}
		})
	}
}

func TestEndpointDriftAndDisappearance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	config := env.Config(endpoint(fmt.Sprintf("url = %q\nevent_types = [\"user.login\"]\nuid = %q", hooks(env, ""), env.Name("acme"))))

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					change(t, env, func(settings *svixportal.Settings) {
						settings.Disabled, settings.FilterTypes, settings.Metadata = true, nil, map[string]string{"by": "hand"}
						settings.URL, settings.UID, settings.RateLimit = hooks(env, "/other"), nil, new(int32(3))
					})
				},
				Config:           config,
				ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("enabled", knownvalue.Bool(true)),
					expect("event_types", texts("user.login")),
					expect("metadata", knownvalue.Null()),
					expect("rate_limit", knownvalue.Null()),
				},
			},
			{PreConfig: func() { remove(t, env) }, Config: config, ConfigPlanChecks: action(plancheck.ResourceActionCreate)},
			{PreConfig: func() { remove(t, env) }, Config: config, Destroy: true},
		},
	})
}

// An endpoint that goes between the refresh and the update is not created anew behind Terraform's back, though the
// server does so with settings that are put to an id it does not have.
func TestEndpointGoesBeforeUpdate(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(endpoint(`url = "https://hooks.acme.example"`))
	workspace.MustApply()
	remove(t, env)
	workspace.Write(endpoint(`url = "https://other.acme.example"`))
	output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-refresh=false")
	if err == nil {
		t.Fatalf("the update of a deleted endpoint succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "Could not update webhook endpoint", "The endpoint was deleted meanwhile")
	acctest.MustContain(t, workspace.MustApply(), "1 added, 0 changed, 0 destroyed")
	only(t, env)
	workspace.MustBeClean()
}

func TestEndpointReplace(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(endpoint("url = \"https://hooks.acme.example\"\nuid = \"acme\""))
	workspace.MustApply()

	// The uid is taken by the endpoint that goes, which is no conflict.
	if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace="+acme); err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	workspace.MustBeClean()
	if output, err := workspace.Run("taint", acme); err != nil {
		t.Fatalf("taint: %v\n%s", err, output)
	}
	output, err := workspace.Run("plan", "-no-color", "-input=false")
	if err == nil {
		t.Fatalf("a tainted endpoint, whose uid is taken by itself, would be replaced:\n%s", output)
	}
	acctest.MustContain(t, output, "The key is taken", "terraform untaint scalekit_webhook_endpoint.NAME")
}

func TestEndpointImportErrors(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	steps := []resource.TestStep{{Config: env.Config(endpoint(fmt.Sprintf("url = %q", hooks(env, ""))))}}
	for id, complaint := range map[string]string{
		"acme":                           `"acme" is not an import id of a webhook endpoint`,
		"ep_":                            `"ep_" is not an import id of a webhook endpoint`,
		"ep_1/../../app":                 `is not an import id of a webhook endpoint`,
		"uid:":                           `"uid:" is not an import id of a webhook endpoint`,
		"uid:nobody":                     `No webhook endpoint of this environment has the uid "nobody"`,
		"ep_2srOrx2ZWZBpBUvZwXKQmoEYga2": `Cannot import non-existent remote object`,
	} {
		steps = append(steps, resource.TestStep{
			ResourceName: acme, ImportState: true, ImportStateId: id, ExpectError: acctest.Words(complaint),
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

func TestEndpointImportByIdentity(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, seeded(emulator.Quirks{}, emulator.SeedWebhookEndpoint{URL: "https://hooks.acme.example", UID: "acme"}))
	id := only(t, env).ID
	state, identity := protocol.Start(t, env).ImportByIdentity("scalekit_webhook_endpoint", map[string]string{"id": id})
	if state["uid"] != "acme" || !strings.HasPrefix(state["signing_secret"], "whsec_") || identity["id"] != id {
		t.Errorf("the imported endpoint has the state %v and the identity %v", state, identity)
	}
}

func TestEndpointRefusesInvalidValues(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	const url = `url = "https://hooks.acme.example"` + "\n"
	long := strings.Repeat("a", 257)

	var steps []resource.TestStep
	for _, invalid := range []struct{ attributes, complaint string }{
		{``, `The argument "url" is required`},
		{`url = "hooks.acme.example"`, `is not a URL with a scheme and a host`},
		{`url = "http://hooks.acme.example"`, `is plain http to "hooks.acme.example"`},
		{`url = "https://ann:secret@hooks.acme.example"`, `holds credentials`},
		{`url = "https://ann@hooks.acme.example"`, `holds credentials`},
		{`url = "ftp://hooks.acme.example"`, `has the scheme "ftp": expected https`},
		{`url = "https://hooks.acme.example/${join("", [for i in range(1024) : "${format("%065d", 0)}"])}"`, `may have at most 65536`},
		{url + `event_types = []`, `Leave event_types out to receive every event`},
		{url + `event_types = ["user login"]`, nameRule},
		{url + `event_types = ["` + long + `"]`, nameRule},
		{url + `event_types = [null]`, `Null Set Value`},
		{url + `channels = []`, `Leave channels out to listen to all`},
		{url + `channels = [for i in range(11) : "c${i}"]`, `must contain at most 10 elements`},
		{url + `channels = ["a b"]`, `must be 1 to 128 letters`},
		{url + `rate_limit = 0`, `rate_limit value must be between 1 and 65535`},
		{url + `rate_limit = 1.5`, `rate_limit`},
		{url + `uid = ""`, nameRule},
		{url + `uid = "a/b"`, nameRule},
		{url + `uid = "ep_acme"`, `must not begin with "ep_"`},
		{url + `secret_grace_period = "169h"`, `must be a duration of whole seconds between 0 and 168 hours`},
		{url + `secret_grace_period = "-1s"`, `must be a duration of whole seconds`},
		{url + `secret_grace_period = "1500ms"`, `must be a duration of whole seconds`},
		{url + `secret_grace_period = "1"`, `must be a duration of whole seconds`},
		{url + `headers_wo = { A = "b" }`, `headers_wo_version`},
		{url + `headers_wo_version = 1`, `headers_wo`},
		{url + "headers_wo_version = 1\n" + `headers_wo = { "A b" = "c" }`, `"A b" is not the name of an HTTP header`},
		{url + "headers_wo_version = 1\n" + `headers_wo = { A = "c", a = "d" }`, `is there twice`},
		{url + "headers_wo_version = 1\n" + `headers_wo = { A = "c\nd" }`, `The value of "A" must be text of at most 4096 bytes on one line`},
	} {
		steps = append(steps, resource.TestStep{
			Config: env.Config(endpoint(invalid.attributes)), PlanOnly: true, ExpectError: acctest.Words(invalid.complaint),
		})
	}
	for _, loopback := range []string{"http://127.0.0.1:9/hook", "http://localhost:9", "http://[::1]:9"} {
		steps = append(steps, resource.TestStep{
			Config: env.Config(endpoint(fmt.Sprintf("url = %q", loopback))), PlanOnly: true, ExpectNonEmptyPlan: true,
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

const nameRule = `must be 1 to 256 letters, digits, hyphens, underscores and dots`

// What the server refuses is told at the attribute, and what it does not say is not made up.
func TestEndpointServerRefuses(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Quirks: emulator.Quirks{ChecksEventTypes: true, EndpointsNeedHTTPS: true}})
	workspace := env.Workspace(t)
	workspace.Write(endpoint(`url = "http://127.0.0.1:9/hook"`))
	output, err := workspace.Apply()
	if err == nil {
		t.Fatal("an http endpoint is created")
	}
	acctest.MustContain(t, output, "Could not create the webhook endpoint", "with "+acme, "HTTP status")
	workspace.Write(endpoint("url = \"https://hooks.acme.example\"\nevent_types = [\"user.logn\"]"))
	output, err = workspace.Apply()
	if err == nil {
		t.Fatal("an endpoint of an unknown event type is created")
	}
	acctest.MustContain(t, output, "Could not create the webhook endpoint", "user.logn", fmt.Sprintf("HTTP status %d", http.StatusUnprocessableEntity))
}
