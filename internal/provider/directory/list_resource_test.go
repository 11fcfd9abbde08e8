package directory_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const listType = "scalekit_directory"

var listingOfAcme = protocol.Listing{Type: listType, Config: map[string]any{"organization_id": orgID}}

// withDirectories is an organization with so many directories.
func withDirectories(count int) *emulator.Seed {
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{{
		ID: orgID, DisplayName: "Acme", Directories: make([]emulator.SeedDirectory, count),
	}}}
}

// The platform lists an organization's directories at once, and has more of each on its own page, which is read for the
// resources alone.
func TestListSizes(t *testing.T) {
	t.Parallel()
	sizes := []protocol.ListSize{
		{Count: 0, Limit: 100, Results: 0, Pages: 1},
		{Count: 1, Limit: 100, Results: 1, Pages: 1},
		{Count: 150, Limit: 1000, Results: 150, Pages: 1},
		{Count: 150, Limit: 100, Results: 100, Pages: 1},
		{Count: 150, Limit: 1, Results: 1, Pages: 1},
	}
	t.Run("lists", func(t *testing.T) {
		t.Parallel()
		protocol.CheckListSizes(t, listingOfAcme, "ListDirectories", withDirectories, sizes)
	})
	t.Run("resources", func(t *testing.T) {
		t.Parallel()
		withResources := listingOfAcme
		withResources.IncludeResource = true
		for i := range sizes {
			sizes[i].Pages = sizes[i].Results
		}
		protocol.CheckListSizes(t, withResources, "GetDirectory", withDirectories, sizes)
	})
	t.Run("no resources", func(t *testing.T) {
		t.Parallel()
		protocol.CheckListSizes(t, listingOfAcme, "GetDirectory", withDirectories, []protocol.ListSize{{Count: 5, Limit: 100, Results: 5, Pages: 0}})
	})
}

// Without an organization the list goes through all of them, and reads none that is not needed.
func TestListAllOrganizations(t *testing.T) {
	t.Parallel()
	environment := func(count int) *emulator.Seed {
		seed := &emulator.Seed{}
		for i := range count {
			seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
				DisplayName: fmt.Sprintf("Customer %d", i), Directories: make([]emulator.SeedDirectory, i%2),
			})
		}
		return seed
	}
	protocol.CheckListSizes(t, protocol.Listing{Type: listType}, "ListDirectories", environment, []protocol.ListSize{
		{Count: 0, Limit: 100, Results: 0, Pages: 0},
		{Count: 250, Limit: 1000, Results: 125, Pages: 250},
		{Count: 250, Limit: 60, Results: 60, Pages: 119},
		{Count: 250, Limit: 1, Results: 1, Pages: 1},
	})
}

func TestListResults(t *testing.T) {
	t.Parallel()
	seed := seed()
	seed.Organizations[0].Directories = append(seed.Organizations[0].Directories,
		emulator.SeedDirectory{
			ID: "dir_11111111111111112", Name: "Offices", DirectoryType: "POLL", Enabled: new(false),
			AttributeMappings: map[string]string{"mail": "email"},
		},
	)
	seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{DisplayName: "Globex"})
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: seed}))
	for _, results := range [][]protocol.Listed{
		driver.MustList(listingOfAcme),
		driver.MustListAsImported(listingOfAcme),
		driver.MustListAsImported(protocol.Listing{Type: listType}),
	} {
		names := []string{"OKTA Directory (Acme)", "Offices (Acme)"}
		if len(results) != len(names) {
			t.Fatalf("the results are %v", results)
		}
		for i, name := range names {
			wanted := map[string]string{"organization_id": orgID, "id": fmt.Sprintf("dir_1111111111111111%d", i+1)}
			if results[i].DisplayName != name || !maps.Equal(results[i].Identity, wanted) {
				t.Errorf("result %d is %q, %v", i, results[i].DisplayName, results[i].Identity)
			}
		}
	}
}

func TestListProblems(t *testing.T) {
	t.Parallel()
	protocol.CheckListOfOrganization(t, listType)
	withResources := protocol.Listing{Type: listType, IncludeResource: true}
	seed := seed()
	seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
		DisplayName: "Globex", Directories: make([]emulator.SeedDirectory, 1),
	})
	protocol.CheckListProblems(t, seed, map[string]protocol.ListProblem{
		"the directories of the second organization": {
			Listing: withResources,
			RPC:     "ListDirectories", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 1,
			Wanted:  "ERROR: Could not list the directories of organization " + orgID + ": ",
		},
		"the second directory": {
			Listing: withResources,
			RPC:     "GetDirectory", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 1,
			Wanted:  "ERROR: Could not read directory dir_11111111111111111: ",
		},
		"an organization is deleted meanwhile": {
			Listing: withResources,
			RPC:     "ListDirectories", Code: "NOT_FOUND",
			Results: 1,
		},
		"a directory is deleted meanwhile": {
			Listing: withResources,
			RPC:     "GetDirectory", Code: "NOT_FOUND",
			Results: 1,
		},
	})
}
