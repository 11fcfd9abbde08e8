package organization_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var listing = protocol.Listing{Type: "scalekit_organization"}

// customers is an environment with so many organizations.
func customers(count int) *emulator.Seed {
	seed := &emulator.Seed{}
	for i := range count {
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{DisplayName: fmt.Sprintf("Customer %d", i)})
	}
	return seed
}

func TestListSizes(t *testing.T) {
	t.Parallel()
	protocol.CheckListSizes(t, listing, "ListOrganization", customers, []protocol.ListSize{
		{Count: 0, Limit: 1000, Results: 0, Pages: 1},
		{Count: 1, Limit: 1000, Results: 1, Pages: 1},
		{Count: 100, Limit: 1000, Results: 100, Pages: 1},
		{Count: 101, Limit: 1000, Results: 101, Pages: 2},
		{Count: 350, Limit: 1000, Results: 350, Pages: 4},
		{Count: 350, Limit: 1, Results: 1, Pages: 1},
		{Count: 350, Limit: 99, Results: 99, Pages: 1},
		{Count: 350, Limit: 100, Results: 100, Pages: 1},
		{Count: 350, Limit: 101, Results: 101, Pages: 2},
	})
}

func TestListResults(t *testing.T) {
	t.Parallel()
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: "org_100000000000000001", DisplayName: "Acme", ExternalID: "acme", Slug: "acme", Metadata: map[string]string{"plan": "a"}},
		{ID: "org_100000000000000002", DisplayName: "Globex"},
	}}}))
	for _, results := range [][]protocol.Listed{
		driver.MustList(listing),
		driver.MustListAsImported(listing),
	} {
		if len(results) != 2 {
			t.Fatalf("the results are %v", results)
		}
		for i, wanted := range []struct{ displayName, id string }{
			{"Globex", "org_100000000000000002"}, // newest first
			{"Acme (acme)", "org_100000000000000001"},
		} {
			if results[i].DisplayName != wanted.displayName || !maps.Equal(results[i].Identity, map[string]string{"id": wanted.id}) {
				t.Errorf("result %d is %q, %v", i, results[i].DisplayName, results[i].Identity)
			}
		}
	}
}

// What was read before an error arrives, and the error after it, unless the list ends before.
func TestListProblems(t *testing.T) {
	t.Parallel()
	protocol.CheckListProblems(t, customers(150), map[string]protocol.ListProblem{
		"the second page": {
			Listing: protocol.Listing{Type: listing.Type, Limit: 1000},
			RPC:     "ListOrganization", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 100, Wanted: "ERROR: Could not list the organizations: ",
		},
		"a second page beyond the limit": {
			Listing: protocol.Listing{Type: listing.Type, Limit: 100},
			RPC:     "ListOrganization", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 100,
		},
	})
}

// Results arrive as their page is read, so whoever stops reading causes no more calls.
func TestListStopsWhenNobodyReads(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: customers(350)})
	results := protocol.Start(t, env).MustList(protocol.Listing{Type: listing.Type, Limit: 1000, StopAfter: 100})
	if len(results) != 100 || env.Calls("ListOrganization") != 1 {
		t.Errorf("there are %d results of %d pages", len(results), env.Calls("ListOrganization"))
	}
}
