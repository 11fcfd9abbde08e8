package role_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const listOrganization = "org_100000000000000000"

// The list blocks of these tests.
var (
	rolesListing       = protocol.Listing{Type: "scalekit_role"}
	allRolesListing    = protocol.Listing{Type: "scalekit_role", Config: map[string]any{"include_built_in": true}}
	acmeRolesListing   = protocol.Listing{Type: "scalekit_organization_role", Config: map[string]any{"organization_id": listOrganization}}
	everyRoleListing   = protocol.Listing{Type: "scalekit_organization_role"}
	permissionsListing = protocol.Listing{Type: "scalekit_permission"}
)

// many is an environment with so many roles, permissions and organizations, and an organization with so many roles.
func many(count int) *emulator.Seed {
	seed := &emulator.Seed{Organizations: []emulator.SeedOrganization{{ID: listOrganization, DisplayName: "Acme"}}}
	for i := range count {
		name := fmt.Sprintf("n%d", i)
		seed.Permissions = append(seed.Permissions, emulator.SeedPermission{Name: name})
		seed.Roles = append(seed.Roles, emulator.SeedRole{Name: name})
		seed.Organizations[0].Roles = append(seed.Organizations[0].Roles, emulator.SeedRole{Name: "acme_" + name})
	}
	for i := range max(0, count-1) {
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{DisplayName: fmt.Sprintf("Customer %d", i)})
	}
	return seed
}

// The platform lists roles at once.
func TestListRolesSizes(t *testing.T) {
	t.Parallel()
	for rpc, listing := range map[string]protocol.Listing{"ListRoles": rolesListing, "ListOrganizationRoles": acmeRolesListing} {
		t.Run(rpc, func(t *testing.T) {
			t.Parallel()
			protocol.CheckListSizes(t, listing, rpc, many, []protocol.ListSize{
				{Count: 0, Limit: 100, Results: 0, Pages: 1},
				{Count: 1, Limit: 100, Results: 1, Pages: 1},
				{Count: 150, Limit: 1000, Results: 150, Pages: 1},
				{Count: 150, Limit: 100, Results: 100, Pages: 1},
				{Count: 150, Limit: 1, Results: 1, Pages: 1},
			})
		})
	}
}

// Without an organization the list goes through all of them. The one that has the roles is the oldest, and comes last.
func TestListRolesOfAllOrganizations(t *testing.T) {
	t.Parallel()
	protocol.CheckListSizes(t, everyRoleListing, "ListOrganizationRoles", many, []protocol.ListSize{
		{Count: 1, Limit: 100, Results: 1, Pages: 1},
		{Count: 101, Limit: 1000, Results: 101, Pages: 101},
		{Count: 101, Limit: 1, Results: 1, Pages: 101},
	})
}

func TestListPermissionsSizes(t *testing.T) {
	t.Parallel()
	protocol.CheckListSizes(t, permissionsListing, "ListPermissions", many, []protocol.ListSize{
		{Count: 0, Limit: 1000, Results: 0, Pages: 1},
		{Count: 1, Limit: 1000, Results: 1, Pages: 1},
		{Count: 100, Limit: 1000, Results: 100, Pages: 1},
		{Count: 101, Limit: 1000, Results: 101, Pages: 2},
		{Count: 250, Limit: 1000, Results: 250, Pages: 3},
		{Count: 250, Limit: 1, Results: 1, Pages: 1},
		{Count: 250, Limit: 99, Results: 99, Pages: 1},
		{Count: 250, Limit: 100, Results: 100, Pages: 1},
		{Count: 250, Limit: 101, Results: 101, Pages: 2},
	})
}

// listSeed has roles of the environment and of two organizations, one of which extends another.
func listSeed() *emulator.Seed {
	return &emulator.Seed{
		Permissions: []emulator.SeedPermission{{Name: "billing:read", Description: "Reads bills"}, {Name: "billing:pay"}},
		Roles: []emulator.SeedRole{
			{Name: "reader", DisplayName: "Reader", Description: "Reads", Permissions: []string{"billing:read"}},
			{Name: "payer", DisplayName: "Payer", Extends: "reader", Permissions: []string{"billing:pay", "sk_org_users_read"}},
		},
		Organizations: []emulator.SeedOrganization{
			{ID: listOrganization, DisplayName: "Acme", Roles: []emulator.SeedRole{
				{Name: "auditor", DisplayName: "Auditor", Extends: "payer", Permissions: []string{"sk_org_sso_read"}}, {Name: "guest"},
			}},
			{DisplayName: "Globex", Roles: []emulator.SeedRole{{Name: "buyer"}}},
		},
	}
}

// Whether ListRoles has the roles of organizations as well is not known.
func TestListRolesResults(t *testing.T) {
	t.Parallel()
	for _, environmentOnly := range []bool{false, true} {
		t.Run(fmt.Sprint(environmentOnly), func(t *testing.T) {
			t.Parallel()
			driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{
				Seed: listSeed(), Quirks: emulator.Quirks{ListRolesEnvironmentOnly: environmentOnly},
			}))
			mustBe(t, driver.MustList(rolesListing), "Reader (reader) name=reader", "Payer (payer) name=payer")
			mustBe(t, driver.MustListAsImported(rolesListing), "Reader (reader) name=reader", "Payer (payer) name=payer")
			mustBe(t, driver.MustListAsImported(allRolesListing),
				"Admin (admin) name=admin", "Member (member) name=member", "Reader (reader) name=reader", "Payer (payer) name=payer")
			acme := []string{
				"Auditor (Acme) name=auditor organization_id=" + listOrganization,
				"guest (Acme) name=guest organization_id=" + listOrganization,
			}
			mustBe(t, driver.MustList(acmeRolesListing), acme...)
			mustBe(t, driver.MustListAsImported(acmeRolesListing), acme...)
			everyRole := driver.MustListAsImported(everyRoleListing)
			if everyRole[0].DisplayName != "buyer (Globex)" {
				t.Errorf("the first is %q", everyRole[0].DisplayName)
			}
			mustBe(t, everyRole[1:], acme...)
		})
	}
}

func TestListPermissionsResults(t *testing.T) {
	t.Parallel()
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: listSeed()}))
	of := func(kind string) protocol.Listing {
		return protocol.Listing{Type: permissionsListing.Type, Config: map[string]any{"type": kind}}
	}
	own := []string{"billing:pay name=billing:pay", "billing:read name=billing:read"}
	mustBe(t, driver.MustList(permissionsListing), own...)
	mustBe(t, driver.MustListAsImported(permissionsListing), own...)
	mustBe(t, driver.MustListAsImported(of("ENVIRONMENT")), own...)
	const builtIn = 12
	for kind, count := range map[string]int{"SCALEKIT": builtIn, "ALL": builtIn + len(own)} {
		if results := driver.MustListAsImported(of(kind)); len(results) != count {
			t.Errorf("of type %s there are %d", kind, len(results))
		}
	}
	if _, problems := driver.List(of("OWN")); len(problems) != 1 || !strings.Contains(problems[0], `value must be one of: ["ALL" "SCALEKIT" "ENVIRONMENT"]`) {
		t.Errorf("the problems are %q", problems)
	}
}

// mustBe compares results with their display names and identities.
func mustBe(t *testing.T, results []protocol.Listed, wanted ...string) {
	t.Helper()
	var got []string
	for _, result := range results {
		text := result.DisplayName
		for _, name := range []string{"name", "organization_id"} {
			if value, ok := result.Identity[name]; ok {
				text += " " + name + "=" + value
			}
		}
		got = append(got, text)
	}
	if strings.Join(got, "\n") != strings.Join(wanted, "\n") {
		t.Errorf("the results are %q, and should be %q", got, wanted)
	}
}

func TestListProblems(t *testing.T) {
	t.Parallel()
	protocol.CheckListOfOrganization(t, everyRoleListing.Type)
	seed := listSeed()
	seed.Permissions = append(seed.Permissions, many(150).Permissions...)
	protocol.CheckListProblems(t, seed, map[string]protocol.ListProblem{
		"the roles": {
			Listing: rolesListing,
			RPC:     "ListRoles", Code: "PERMISSION_DENIED",
			Wanted: "ERROR: Could not list the roles of the environment: ",
		},
		"the second page of permissions": {
			Listing: protocol.Listing{Type: permissionsListing.Type, Limit: 1000},
			RPC:     "ListPermissions", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 100,
			Wanted:  "ERROR: Could not list the permissions of the environment: ",
		},
		"the roles of the second organization": {
			Listing: everyRoleListing,
			RPC:     "ListOrganizationRoles", Code: "PERMISSION_DENIED", Skip: 1,
			Results: 1,
			Wanted:  "ERROR: Could not list the roles of organization " + listOrganization + ": ",
		},
		"an organization is deleted meanwhile": {
			Listing: everyRoleListing,
			RPC:     "ListOrganizationRoles", Code: "NOT_FOUND",
			Results: 2,
		},
	})
}
