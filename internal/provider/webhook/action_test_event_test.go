package webhook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

const (
	testEvent  = "scalekit_webhook_test_event"
	endpointID = "ep_2srOrx2ZWZBpBUvZwXKQmoEYga2"

	sendTestEvent = "SendTestEvent"
	sendExample   = "svix.endpoint.send-example"
	getEndpoint   = "svix.endpoint.get"
)

// toAll and toOne are configurations of the action.
func toAll(eventType string) map[string]string { return map[string]string{"event_type": eventType} }

func toOne(eventType string) map[string]string {
	return map[string]string{"event_type": eventType, "endpoint_id": endpointID}
}

// receiving is an environment with one endpoint, which asks for role.created alone, and what it receives.
func receiving(t *testing.T, quirks emulator.Quirks) (*acctest.Env, *receiver) {
	t.Helper()
	receiver := receive(t)
	return acctest.StartEmulator(t, seeded(quirks, emulator.SeedWebhookEndpoint{
		ID: endpointID, URL: receiver.url, FilterTypes: []string{"role.created"},
	})), receiver
}

func setFault(t *testing.T, env *acctest.Env, faults ...emulator.Fault) {
	t.Helper()
	if err := env.Emulator.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
}

// settled is how many events of a type have come once none comes any more.
func (r *receiver) settled(eventType string) int {
	time.Sleep(200 * time.Millisecond)
	return len(r.ofType(eventType))
}

func TestTestEventToAll(t *testing.T) {
	t.Parallel()
	env, receiver := receiving(t, emulator.Quirks{})
	driver := protocol.Start(t, env)
	said := driver.InvokeAction(testEvent, toAll("role.created"))
	said.MustSay(t, protocol.Invocation{Progress: []string{
		"Asking Scalekit for a test event of type role.created.", " to the endpoints that receive events of type role.created.",
	}})
	id := strings.Fields(said.Progress[1])[4]
	if got := receiver.next(t, "role.created", 1); !strings.Contains(string(got.body), `"`+id+`"`) {
		t.Errorf("the event %q is %s", id, got.body)
	}
	// The endpoint does not ask for this type.
	driver.InvokeAction(testEvent, toAll("role.updated"))
	if got := receiver.settled("role.updated"); got != 0 {
		t.Errorf("%d events of another type came", got)
	}
	if calls(env)[sendTestEvent] != 2 || calls(env)[sendExample] != 0 {
		t.Errorf("the calls are %v", calls(env))
	}
}

func TestTestEventToOne(t *testing.T) {
	t.Parallel()
	env, receiver := receiving(t, emulator.Quirks{})
	said := protocol.Start(t, env).InvokeAction(testEvent, toOne("role.updated"))
	said.MustSay(t, protocol.Invocation{Progress: []string{
		"Asking the webhook portal for an example of role.updated for endpoint " + endpointID + ".",
		", an example of role.updated, to endpoint " + endpointID + ".",
	}})
	id := strings.TrimSuffix(strings.Fields(said.Progress[1])[5], ",")
	if got := receiver.next(t, "role.updated", 1); got.header.Get("Webhook-Id") != id {
		t.Errorf("the message is %s, and was said to be %s", got.header.Get("Webhook-Id"), id)
	}
	if calls(env)[sendTestEvent] != 0 || calls(env)[sendExample] != 1 {
		t.Errorf("the calls are %v", calls(env))
	}
}

func TestTestEventPlan(t *testing.T) {
	t.Parallel()
	env, receiver := receiving(t, emulator.Quirks{})
	driver := protocol.Start(t, env)
	said := func(config map[string]string, wanted protocol.Invocation) {
		t.Helper()
		driver.PlanAction(testEvent, config).MustSay(t, wanted)
	}
	unknownType := protocol.Invocation{Warnings: []string{`event_type: Unknown event type "role.creatd": ` +
		`Scalekit is not known to send events of type "role.creatd". Did you mean "role.created"?`}}
	said(toAll("role.created"), protocol.Invocation{})
	said(toOne("role.created"), protocol.Invocation{})
	said(toAll("role.creatd"), unknownType)
	said(map[string]string{"event_type": "role.created", "endpoint_id": "ep_9"}, protocol.Invocation{Errors: []string{
		"endpoint_id: No such webhook endpoint: This environment has no webhook endpoint ep_9.",
	}})
	change(t, env, func(settings *svixportal.Settings) { settings.Disabled = true })
	said(toOne("role.created"), protocol.Invocation{Warnings: []string{"endpoint_id: Webhook endpoint " + endpointID + " is disabled"}})
	driver.PlanEnable("scalekit_webhook_endpoint", map[string]string{"id": endpointID})
	said(toOne("role.created"), protocol.Invocation{})

	// What is not known yet is not looked up, and neither is anything without plan checks.
	env.Emulator.ResetRequests()
	driver = protocol.Start(t, env)
	said(map[string]string{"event_type": protocol.Unknown, "endpoint_id": protocol.Unknown}, protocol.Invocation{})
	driver = protocol.StartWith(t, env, map[string]any{"plan_checks": false})
	said(map[string]string{"event_type": "role.creatd", "endpoint_id": "ep_9"}, protocol.Invocation{})
	if counts := calls(env); len(counts) != 1 || counts["oauth/token"] == 0 {
		t.Errorf("the plans made the calls %v", counts)
	}
	// A look-up that fails does not fail the plan; without the platform's list the built-in one decides.
	setFault(t, env, emulator.Fault{RPC: "svix.*", Kind: emulator.FaultErrorBefore, Code: "INTERNAL", Count: -1})
	driver = protocol.StartWith(t, env, map[string]any{"max_retries": 0})
	said(map[string]string{"event_type": "role.creatd", "endpoint_id": "ep_9"}, unknownType)
	if calls(env)[getEndpoint] != 1 {
		t.Error("the endpoint was not looked up")
	}
	if got := receiver.settled("role.created"); got != 0 {
		t.Errorf("the plans sent %d events", got)
	}
}

func TestTestEventValidation(t *testing.T) {
	t.Parallel()
	env, _ := receiving(t, emulator.Quirks{})
	driver := protocol.Start(t, env)
	driver.InvokeAction(testEvent, map[string]string{"endpoint_id": "hook"}).MustSay(t, protocol.Invocation{Errors: []string{
		`endpoint_id: Invalid id: "hook" must be an id that begins with "ep_"`, "event_type: Missing Configuration for Required Attribute",
	}})
	for _, wrong := range []string{"", "..", ".a", "role/created", "role created", strings.Repeat("a", 256)} {
		driver.InvokeAction(testEvent, toAll(wrong)).MustSay(t, protocol.Invocation{Errors: []string{
			"event_type: Invalid Attribute Value Match: Attribute event_type must be 1 to 255 letters",
		}})
	}
	driver.InvokeAction(testEvent, map[string]string{"event_type": "role.created", "endpoint_id": "ep_/../x"}).MustSay(t, protocol.Invocation{
		Errors: []string{"endpoint_id: Invalid Attribute Value Match"},
	})
	if counts := calls(env); len(counts) != 1 {
		t.Errorf("the calls are %v", counts)
	}
}

// The refusals, as an apply meets them that was planned without look-ups.
func TestTestEventRefused(t *testing.T) {
	t.Parallel()
	const (
		ofAll = "Could not send a test event of type "
		ofOne = "Could not send an example of role.created to webhook endpoint " + endpointID + ": "
	)
	for name, refusal := range map[string]struct {
		config    map[string]string
		quirks    emulator.Quirks
		fault     emulator.Fault
		complaint string
	}{
		"unknown type": {
			config: toAll("role.creatd"), complaint: "event_type: " + ofAll + `role.creatd: there is no event type "role.creatd".`,
		},
		"unknown type for one": {
			config:    toOne("role.creatd"),
			complaint: `The webhook server has no event type "role.creatd", or no example of it. Did you mean "role.created"?`,
		},
		"unknown endpoint": {
			config:    map[string]string{"event_type": "role.created", "endpoint_id": "ep_9"},
			complaint: "endpoint_id: No such webhook endpoint: This environment has no webhook endpoint ep_9.",
		},
		"unimplemented": {
			config:    toAll("role.created"),
			fault:     emulator.Fault{RPC: sendTestEvent, Kind: emulator.FaultErrorBefore, Code: "UNIMPLEMENTED"},
			complaint: ofAll + "role.created: This environment does not offer test events: the call is a preview. Give endpoint_id",
		},
		"forbidden": {
			config:    toAll("role.created"),
			fault:     emulator.Fault{RPC: sendTestEvent, Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED"},
			complaint: ofAll + "role.created: injected fault.\n\nThe API client lacks the permission for this call.",
		},
		"forbidden for one": {
			config:    toOne("role.created"),
			fault:     emulator.Fault{RPC: sendExample, Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED"},
			complaint: ofOne + "Injected fault.\n\nThe webhook portal's session may not do this.",
		},
		"another portal": {
			config: toOne("role.created"), quirks: emulator.Quirks{PortalLinkUnknown: true},
			complaint: ofOne + "The provider manages webhook endpoints with the environment's webhook portal link, and does not understand that link",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, receiver := receiving(t, refusal.quirks)
			if refusal.fault.Kind != "" {
				setFault(t, env, refusal.fault)
			}
			protocol.Start(t, env).InvokeActionUnplanned(testEvent, refusal.config).MustSay(t, protocol.Invocation{
				Progress: []string{"Asking "}, Errors: []string{refusal.complaint},
			})
			if got := receiver.settled("role.created"); got != 0 {
				t.Errorf("%d events came", got)
			}
		})
	}
}

// A test event of Scalekit's is sent once at most, and where that is not known, the error says so. An example of the
// portal's is asked for again, which the idempotency key makes safe.
func TestTestEventUnderFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []emulator.FaultKind{
		emulator.FaultErrorBefore, emulator.FaultErrorAfter, emulator.FaultDropBefore, emulator.FaultDropAfter, emulator.FaultHang,
		emulator.FaultGarbage,
	} {
		isSent := map[emulator.FaultKind]int{emulator.FaultErrorAfter: 1, emulator.FaultDropAfter: 1, emulator.FaultGarbage: 1}[kind]
		unknown := protocol.Invocation{Progress: []string{"Asking "}, Errors: []string{"It is not known whether the event was sent: "}}
		settings := map[string]any{"max_retries": 2}
		if kind == emulator.FaultHang {
			settings["request_timeout"] = "500ms"
		}
		t.Run(string(kind)+" to all", func(t *testing.T) {
			t.Parallel()
			env, receiver := receiving(t, emulator.Quirks{})
			driver := protocol.StartWith(t, env, settings)
			setFault(t, env, emulator.Fault{RPC: sendTestEvent, Kind: kind, Count: -1})
			said := driver.InvokeAction(testEvent, toAll("role.created"))
			said.MustSay(t, unknown)
			said.MustSay(t, protocol.Invocation{Progress: unknown.Progress, Errors: []string{"-invoke=action.scalekit_webhook_test_event.NAME"}})
			if got := receiver.settled("role.created"); got != isSent {
				t.Errorf("%d events came", got)
			}
		})
		t.Run(string(kind)+" to one", func(t *testing.T) {
			t.Parallel()
			env, receiver := receiving(t, emulator.Quirks{})
			driver := protocol.StartWith(t, env, settings)
			setFault(t, env, emulator.Fault{RPC: sendExample, Kind: kind, Count: -1})
			driver.InvokeAction(testEvent, toOne("role.created")).MustSay(t, unknown)
			if got := receiver.settled("role.created"); got != isSent {
				t.Errorf("%d events came", got)
			}
			if kind == emulator.FaultGarbage { // its status says success, so that it is not asked for again
				return
			}
			setFault(t, env, emulator.Fault{RPC: sendExample, Kind: kind})
			driver.InvokeAction(testEvent, toOne("role.created")).MustSay(t, protocol.Invocation{
				Progress: []string{"Asking ", "The webhook portal sends message msg_"},
			})
			if got := receiver.settled("role.created"); got != isSent+1 {
				t.Errorf("%d events came", got)
			}
		})
	}
}
