package webhook_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var listing = protocol.Listing{Type: "scalekit_webhook_endpoint"}

// endpoints is an environment with so many endpoints.
func endpoints(count int) *emulator.Seed {
	seed := &emulator.Seed{}
	for i := range count {
		seed.WebhookEndpoints = append(seed.WebhookEndpoints, emulator.SeedWebhookEndpoint{URL: fmt.Sprintf("https://hooks.example/%d", i)})
	}
	return seed
}

func TestListSizes(t *testing.T) {
	t.Parallel()
	protocol.CheckListSizes(t, listing, "svix.endpoint.list", endpoints, []protocol.ListSize{
		{Count: 0, Limit: 1000, Results: 0, Pages: 1},
		{Count: 1, Limit: 1000, Results: 1, Pages: 1},
		{Count: 250, Limit: 1000, Results: 250, Pages: 1},
		{Count: 251, Limit: 1000, Results: 251, Pages: 2},
		{Count: 600, Limit: 1000, Results: 600, Pages: 3},
		{Count: 600, Limit: 1, Results: 1, Pages: 1},
		{Count: 600, Limit: 249, Results: 249, Pages: 1},
		{Count: 600, Limit: 250, Results: 250, Pages: 1},
		{Count: 600, Limit: 251, Results: 251, Pages: 2},
	})
}

// A listed endpoint is as an import reads it, but for its secret, which terraform query would print.
func TestListResults(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{WebhookEndpoints: []emulator.SeedWebhookEndpoint{
		{ID: "ep_1", URL: "https://hooks.example/plain", Secret: secret},
		{
			ID: "ep_2", URL: "https://hooks.example/all", UID: "all", FilterTypes: []string{"user.login"}, Disabled: true,
			Channels: []string{"c"}, RateLimit: new(7), Metadata: map[string]string{"a": "b"}, Description: "d",
			Headers: map[string]string{"x-key": "k"}, Secret: secret,
		},
	}}})
	driver := protocol.Start(t, env)
	for _, withResources := range []bool{false, true} {
		env.Emulator.ResetRequests()
		list := listing
		list.IncludeResource = withResources
		results := driver.MustList(list)
		if calls := calls(env); calls["svix.endpoint.list"] != 1 || calls["svix.endpoint.get"] != 0 || calls["svix.endpoint.get-secret"] != 0 {
			t.Errorf("the calls are %v", calls)
		}
		mustNotContain(t, "a list", fmt.Sprint(results), strings.TrimPrefix(secret, "whsec_"))
		ids := map[string]string{}
		for _, result := range results {
			ids[result.DisplayName] = result.Identity["id"]
		}
		if !maps.Equal(ids, map[string]string{"https://hooks.example/plain": "ep_1", "https://hooks.example/all (all)": "ep_2"}) {
			t.Errorf("the results are %v", ids)
		}
	}
	if results := driver.MustListAsImported(listing, "signing_secret"); len(results) != 2 {
		t.Errorf("the results are %v", results)
	}
}

func TestListProblems(t *testing.T) {
	t.Parallel()
	protocol.CheckListProblems(t, endpoints(300), map[string]protocol.ListProblem{
		"the second page": {
			Listing: protocol.Listing{Type: listing.Type, Limit: 1000},
			RPC:     "svix.endpoint.list", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 250, Wanted: "ERROR: Could not list the webhook endpoints: ",
		},
		"no session": {
			Listing: listing,
			RPC:     "GetPortalURL", Code: "PERMISSION_DENIED",
			Wanted: "ERROR: Could not list the webhook endpoints: ",
		},
	})
}
