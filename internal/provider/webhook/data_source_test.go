package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func TestEndpointsDataSource(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 251} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			seed := make([]emulator.SeedWebhookEndpoint, count)
			for i := range seed {
				seed[i] = emulator.SeedWebhookEndpoint{URL: fmt.Sprintf("https://hooks.example/%d", i), UID: fmt.Sprintf("uid-%d", i)}
			}
			env := acctest.StartEmulator(t, seeded(emulator.Quirks{}, seed...))
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: env.Providers,
				Steps: []resource.TestStep{{
					Config: env.Config(`
data "scalekit_webhook_endpoints" "all" {}
output "count" { value = length(toset(data.scalekit_webhook_endpoints.all.webhook_endpoints[*].uid)) }`),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownOutputValue("count", knownvalue.Int64Exact(int64(count))),
					},
				}},
			})
		})
	}
}

func TestEndpointsDataSourceAttributes(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, seeded(emulator.Quirks{}, emulator.SeedWebhookEndpoint{
		URL: "https://hooks.example", UID: "one", FilterTypes: []string{"user.login"}, Disabled: true, Channels: []string{"c"},
		RateLimit: new(7), Metadata: map[string]string{"a": "b"}, Description: "d", Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	}))
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{{
			Config: env.Config(`
data "scalekit_webhook_endpoints" "all" {}
output "one" { value = jsonencode(merge(data.scalekit_webhook_endpoints.all.webhook_endpoints[0], { id = "", create_time = "" })) }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("one", knownvalue.StringExact(`{"channels":["c"],"create_time":"","description":"d","enabled":false,`+
					`"event_types":["user.login"],"id":"","metadata":{"a":"b"},"rate_limit":7,"uid":"one","url":"https://hooks.example/"}`)),
			},
		}},
	})
}

func TestEventTypesDataSource(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{{
			Config: env.Config(`
data "scalekit_webhook_event_types" "all" {}
output "known" { value = length([for one in data.scalekit_webhook_event_types.all.event_types : one if !one.archived && !one.deprecated && one.description != ""]) }
output "named" { value = contains(data.scalekit_webhook_event_types.all.event_types[*].name, "organization.directory.user_created") }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("known", knownvalue.Int64Exact(41)),
				statecheck.ExpectKnownOutputValue("named", knownvalue.Bool(true)),
			},
		}},
	})
}

// The emulator's event types are fixed, so these come from a server of the test's own, with pages as Svix gives them.
func TestEventTypesAtEverySize(t *testing.T) {
	t.Parallel()
	const page = 250
	var count, calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		first, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("iterator"), "after-"))
		if r.URL.Path != "/api/v1/event-type" && r.URL.Path != "/api/v1/event-type/" || limit != page {
			t.Errorf("asked for %s", r.URL)
		}
		last := min(first+limit, int(count.Load()))
		data := []map[string]any{}
		for i := first; i < last; i++ {
			data = append(data, map[string]any{
				"name": fmt.Sprintf("thing%d.changed", i), "description": "It changed.", "deprecated": false,
				"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
			})
		}
		reply := map[string]any{"data": data, "done": last == int(count.Load()), "iterator": fmt.Sprint("after-", last)}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(reply); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	env := acctest.StartEmulator(t, emulator.Options{})
	config := env.Provider(fmt.Sprintf("webhooks = {\n server_url = %q\n application_id = \"app_1\"\n token = \"token\"\n }", server.URL)) + `
data "scalekit_webhook_event_types" "all" {}
output "names" { value = join(" ", data.scalekit_webhook_event_types.all.event_types[*].name) }`
	var steps []resource.TestStep
	for _, size := range []int{0, 1, page, page + 1, 600} {
		names := make([]string, size)
		for i := range names {
			names[i] = fmt.Sprintf("thing%d.changed", i)
		}
		pages := int64(max(1, (size+page-1)/page))
		steps = append(steps, resource.TestStep{
			PreConfig: func() { count.Store(int64(size)); calls.Store(0) },
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("names", knownvalue.StringExact(strings.Join(names, " "))),
			},
			// Terraform reads a data source more than once in a step, each time from the first page.
			Check: func(*acctest.State) error {
				if got := calls.Load(); got < pages || got%pages != 0 {
					return fmt.Errorf("%d event types are read with %d calls, and should be with %d at a time", size, got, pages)
				}
				return nil
			},
		})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}
