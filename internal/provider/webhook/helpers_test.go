package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

const acme = "scalekit_webhook_endpoint.acme"

// endpoint declares scalekit_webhook_endpoint.acme with the attributes.
func endpoint(attributes string) string {
	return fmt.Sprintf("resource \"scalekit_webhook_endpoint\" \"acme\" {\n%s\n}\n", attributes)
}

func action(wanted plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(acme, wanted)}}
}

func expect(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(acme, tfjsonpath.New(attribute), value)
}

func texts(values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, value := range values {
		checks[i] = knownvalue.StringExact(value)
	}
	return knownvalue.SetExact(checks)
}

// only returns the test's only endpoint.
func only(t *testing.T, env *acctest.Env) svixportal.Endpoint {
	t.Helper()
	var all []svixportal.Endpoint
	for one, err := range env.Webhooks().List(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if env.Owns(one.URL) {
			all = append(all, one)
		}
	}
	if len(all) != 1 {
		t.Fatalf("there are %d endpoints, and should be 1", len(all))
	}
	return all[0]
}

// change edits the only endpoint behind Terraform's back.
func change(t *testing.T, env *acctest.Env, edit func(*svixportal.Settings)) {
	t.Helper()
	one := only(t, env)
	edit(&one.Settings)
	if _, err := env.Webhooks().Replace(context.Background(), one.ID, one.Settings); err != nil {
		t.Fatal(err)
	}
}

// remove deletes the only endpoint behind Terraform's back.
func remove(t *testing.T, env *acctest.Env) {
	t.Helper()
	if err := env.Webhooks().Delete(context.Background(), only(t, env).ID); err != nil {
		t.Fatal(err)
	}
}

// headersOf returns the headers that the server has for the only endpoint, as its API gives them: the values of
// sensitive ones are left out.
func headersOf(t *testing.T, env *acctest.Env) string {
	t.Helper()
	session := env.Emulator.PortalSession()
	request, err := http.NewRequest(http.MethodGet, session.ServerURL+"/api/v1/app/"+session.ApplicationID+"/endpoint/"+only(t, env).ID+"/headers", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+session.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the headers: %v, %s, %s", err, response.Status, content)
	}
	return string(content)
}

// calls are the logged calls of the webhook server and its portal, by name.
func calls(env *acctest.Env) map[string]int {
	counts := map[string]int{}
	for _, request := range env.Emulator.Requests() {
		counts[request.RPC]++
	}
	return counts
}

// message is what a receiver got.
type message struct {
	header http.Header
	body   []byte
}

// receiver is a server that webhooks are delivered to.
type receiver struct {
	url      string
	mu       sync.Mutex
	messages []message
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.messages = append(r.messages, message{request.Header.Clone(), body})
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

// next waits for the nth message of a type, counted from one.
func (r *receiver) next(t *testing.T, eventType string, nth int) message {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found := r.ofType(eventType); len(found) >= nth {
			return found[nth-1]
		}
	}
	t.Fatalf("event %s did not come %d times", eventType, nth)
	return message{}
}

func (r *receiver) ofType(eventType string) []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []message
	for _, one := range r.messages {
		var envelope struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(one.body, &envelope) == nil && envelope.Type == eventType {
			found = append(found, one)
		}
	}
	return found
}

// seeded is an emulator's options with endpoints.
func seeded(quirks emulator.Quirks, endpoints ...emulator.SeedWebhookEndpoint) emulator.Options {
	return emulator.Options{Quirks: quirks, Seed: &emulator.Seed{WebhookEndpoints: endpoints}}
}

func mustNotContain(t *testing.T, where, content string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(content, secret) {
			t.Errorf("%s has %q", where, secret)
		}
	}
}
