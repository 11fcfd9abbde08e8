package domain_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const listType = "scalekit_organization_domain"

var listingOfAcme = protocol.Listing{Type: listType, Config: map[string]any{"organization_id": readOrganization}}

func TestListSizes(t *testing.T) {
	t.Parallel()
	// Only a page that is not full tells that it is the last.
	protocol.CheckListSizes(t, listingOfAcme, "ListDomains", readSeed, []protocol.ListSize{
		{Count: 0, Limit: 1000, Results: 0, Pages: 1},
		{Count: 1, Limit: 1000, Results: 1, Pages: 1},
		{Count: 100, Limit: 1000, Results: 100, Pages: 2},
		{Count: 101, Limit: 1000, Results: 101, Pages: 2},
		{Count: 350, Limit: 1000, Results: 350, Pages: 4},
		{Count: 350, Limit: 1, Results: 1, Pages: 1},
		{Count: 350, Limit: 99, Results: 99, Pages: 1},
		{Count: 350, Limit: 100, Results: 100, Pages: 1},
		{Count: 350, Limit: 101, Results: 101, Pages: 2},
	})
}

// environment has so many organizations, the first of which has a domain more than the others.
func environment(count int) *emulator.Seed {
	seed := &emulator.Seed{}
	for i := range count {
		domains := []emulator.SeedDomain{{Domain: fmt.Sprintf("d%d.example", i)}}
		if i == 0 {
			domains = append(domains, emulator.SeedDomain{Domain: "friends.example", DomainType: "ALLOWED_EMAIL_DOMAIN"})
		}
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{DisplayName: fmt.Sprintf("Customer %d", i), Domains: domains})
	}
	return seed
}

// Without an organization the list goes through all of them, newest first, and reads neither organizations nor domains
// that are not needed.
func TestListAllOrganizations(t *testing.T) {
	t.Parallel()
	all := protocol.Listing{Type: listType}
	t.Run("organizations", func(t *testing.T) {
		t.Parallel()
		protocol.CheckListSizes(t, all, "ListOrganization", environment, []protocol.ListSize{
			{Count: 0, Limit: 1000, Results: 0, Pages: 1},
			{Count: 100, Limit: 1000, Results: 101, Pages: 1},
			{Count: 101, Limit: 1000, Results: 102, Pages: 2},
			{Count: 250, Limit: 100, Results: 100, Pages: 1},
			{Count: 250, Limit: 101, Results: 101, Pages: 2},
		})
	})
	t.Run("domains", func(t *testing.T) {
		t.Parallel()
		protocol.CheckListSizes(t, all, "ListDomains", environment, []protocol.ListSize{
			{Count: 3, Limit: 1000, Results: 4, Pages: 3},
			{Count: 3, Limit: 1, Results: 1, Pages: 1},
			{Count: 3, Limit: 3, Results: 3, Pages: 3},
		})
	})
}

func TestListResults(t *testing.T) {
	t.Parallel()
	seed := readSeed(0)
	seed.Organizations[0].Domains = []emulator.SeedDomain{
		{ID: "dom_100000000000000001", Domain: "acme.example"},
		{ID: "dom_100000000000000002", Domain: "acme-labs.example", VerificationStatus: "PENDING"},
		{ID: "dom_100000000000000003", Domain: "friends.example", DomainType: "ALLOWED_EMAIL_DOMAIN"},
	}
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: seed}))
	for _, results := range [][]protocol.Listed{
		driver.MustList(listingOfAcme),
		driver.MustListAsImported(listingOfAcme),
		driver.MustListAsImported(protocol.Listing{Type: listType})[1:], // Globex is newer
		driver.MustListAsImported(protocol.Listing{Type: listType, Config: map[string]any{}})[1:],
	} {
		names := []string{"friends.example (Acme)", "acme-labs.example (Acme)", "acme.example (Acme)"}
		if len(results) != len(names) {
			t.Fatalf("the results are %v", results)
		}
		for i, name := range names {
			wanted := map[string]string{"organization_id": readOrganization, "id": fmt.Sprintf("dom_10000000000000000%d", 3-i)}
			if results[i].DisplayName != name || !maps.Equal(results[i].Identity, wanted) {
				t.Errorf("result %d is %q, %v", i, results[i].DisplayName, results[i].Identity)
			}
		}
	}
}

func TestListProblems(t *testing.T) {
	t.Parallel()
	protocol.CheckListOfOrganization(t, listType)
	protocol.CheckListProblems(t, readSeed(150), map[string]protocol.ListProblem{
		"the second page of an organization": {
			Listing: protocol.Listing{Type: listType, Config: listingOfAcme.Config, Limit: 1000},
			RPC:     "ListDomains", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 100,
			Wanted:  "ERROR: Could not list the domains of organization " + readOrganization + ": ",
		},
		"the domains of the second organization": {
			Listing: protocol.Listing{Type: listType},
			RPC:     "ListDomains", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 1,
			Wanted:  "ERROR: Could not list the domains of organization " + readOrganization + ": ",
		},
		"the organizations": {
			Listing: protocol.Listing{Type: listType},
			RPC:     "ListOrganization", Code: "PERMISSION_DENIED",
			Wanted: "ERROR: Could not list the organizations: ",
		},
		"an organization is deleted meanwhile": {
			Listing: protocol.Listing{Type: listType, Limit: 1000},
			RPC:     "ListDomains", Code: "NOT_FOUND",
			Results: 150,
		},
	})
}
