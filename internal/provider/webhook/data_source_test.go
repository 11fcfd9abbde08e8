package webhook_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/acctest"
)

func TestEndpointsDataSource(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 1, 250, 251, 600} {
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
