package user_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// readOrganization is the id that the seeds of these tests give.
const readOrganization = "org_100000000000000000"

// readSeed is an organization with so many users, beside another with one.
func readSeed(count int) *emulator.Seed {
	var users []emulator.SeedUser
	for i := range count {
		users = append(users, emulator.SeedUser{Email: fmt.Sprintf("user%d@acme.example", i)})
	}
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: readOrganization, DisplayName: "Acme", Users: users},
		{ID: "org_100000000000000001", DisplayName: "Globex", Users: []emulator.SeedUser{{Email: "hank@globex.example"}}},
	}}
}

const readUsers = `
data "scalekit_organization_users" "all" {
  organization_id = "org_100000000000000000"
}
`

func TestReadEveryPage(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 101} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(count)}).Workspace(t)
			workspace.Write(readUsers + `
output "counts" {
  value = join(" ", [
    length(data.scalekit_organization_users.all.users), length(data.scalekit_organization_users.all.ids_by_email),
    length(toset(data.scalekit_organization_users.all.users[*].id)),
  ])
}`)
			acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf(`counts = "%[1]d %[1]d %[1]d"`, count))
			workspace.MustBeClean()
		})
	}
}

func TestReadUsers(t *testing.T) {
	t.Parallel()
	seed := readSeed(0)
	seed.Organizations[0].Users = []emulator.SeedUser{
		{
			ID: "usr_100000000000000001", Email: "ada@acme.example", ExternalID: "ada", GivenName: "Ada", FamilyName: "Lovelace",
			Metadata: map[string]string{"team": "engines"}, Roles: []string{"admin"}, MembershipMetadata: map[string]string{"desk": "4a"},
		},
		{ID: "usr_100000000000000002", Email: "grace@acme.example", MembershipStatus: "PENDING_INVITE"},
	}
	seed.Organizations[1].Users = []emulator.SeedUser{{Email: "ada@acme.example", Roles: []string{"member"}, MembershipStatus: "INACTIVE"}}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	ada := func(name string) []statecheck.StateCheck {
		is := func(attribute string, value knownvalue.Check) statecheck.StateCheck {
			return statecheck.ExpectKnownValue("data.scalekit_user."+name, tfjsonpath.New(attribute), value)
		}
		return []statecheck.StateCheck{
			is("id", knownvalue.StringExact("usr_100000000000000001")), is("external_id", knownvalue.StringExact("ada")),
			is("given_name", knownvalue.StringExact("Ada")), is("family_name", knownvalue.StringExact("Lovelace")),
			is("name", knownvalue.StringExact("Ada Lovelace")), is("last_login_time", knownvalue.Null()),
			is("metadata", knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("engines")})),
			is("memberships", knownvalue.ListSizeExact(2)),
		}
	}
	checks := append(ada("by_id"), ada("by_external_id")...)
	checks = append(checks, ada("by_email")...)
	checks = append(checks,
		statecheck.ExpectKnownOutputValue("members", knownvalue.MapExact(map[string]knownvalue.Check{
			"ada@acme.example":   knownvalue.StringExact("ACTIVE admin 4a"),
			"grace@acme.example": knownvalue.StringExact("PENDING_INVITE member none"),
		})),
		statecheck.ExpectKnownOutputValue("memberships", knownvalue.MapExact(map[string]knownvalue.Check{
			readOrganization:         knownvalue.StringExact("ACTIVE admin"),
			"org_100000000000000001": knownvalue.StringExact("INACTIVE member"),
		})),
	)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{{
			Config: env.Config(readUsers + `
data "scalekit_user" "by_id" { id = data.scalekit_organization_users.all.ids_by_email["ada@acme.example"] }
data "scalekit_user" "by_external_id" { external_id = "ada" }
data "scalekit_user" "by_email" { email = "Ada@Acme.example" }
output "members" {
  value = {
    for user in data.scalekit_organization_users.all.users : user.email =>
    "${user.membership_status} ${join(",", user.roles)} ${try(user.membership_metadata.desk, "none")}"
  }
}
output "memberships" {
  value = {
    for membership in data.scalekit_user.by_email.memberships : membership.organization_id =>
    "${membership.membership_status} ${join(",", membership.roles)}"
  }
}`),
			ConfigStateChecks: checks,
		}},
	})
}

// A search finds more than the address: the one that is meant may stand on a later page.
func TestReadByEmailOnALaterPage(t *testing.T) {
	t.Parallel()
	seed := readSeed(0)
	seed.Organizations[0].Users = append(seed.Organizations[0].Users, emulator.SeedUser{ID: "usr_100000000000000001", Email: "ada@acme.example"})
	for i := range 40 { // newer, and so before it
		seed.Organizations[0].Users = append(seed.Organizations[0].Users, emulator.SeedUser{Email: fmt.Sprintf("x%dada@acme.example", i)})
	}
	workspace := acctest.StartEmulator(t, emulator.Options{Seed: seed}).Workspace(t)
	workspace.Write(`
data "scalekit_user" "ada" { email = "ada@acme.example" }
output "id" { value = data.scalekit_user.ada.id }`)
	acctest.MustContain(t, workspace.MustApply(), `id = "usr_100000000000000001"`)
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(1)})
	var steps []resource.TestStep
	for config, complaint := range map[string]string{
		`data "scalekit_user" "a" { id = "usr_9" }`:                                         `This environment has no user with id "usr_9".`,
		`data "scalekit_user" "a" { external_id = "nobody" }`:                               `This environment has no user with external_id "nobody".`,
		`data "scalekit_user" "a" { email = "user0@acme" }`:                                 `This environment has no user with email "user0@acme".`,
		`data "scalekit_user" "a" { email = "a" }`:                                          `UTF-8 character count must be between 3 and 100`,
		`data "scalekit_user" "a" { id = "ada" }`:                                           `must be an id that begins with "usr_"`,
		`data "scalekit_user" "a" {}`:                                                       `No attribute specified when one (and only one) of [id,external_id,email] is required`,
		"data \"scalekit_user\" \"a\" {\nid = \"usr_9\"\nemail = \"user0@acme.example\"\n}": `2 attributes specified when one (and only one) of [id,external_id,email] is required`,
		`data "scalekit_organization_users" "a" { organization_id = "org_9" }`:              `This environment has no organization with id "org_9".`,
		`data "scalekit_organization_users" "a" { organization_id = "acme" }`:               `must be an id that begins with "org_"`,
	} {
		steps = append(steps, resource.TestStep{Config: env.Config(config), ExpectError: acctest.Words(complaint)})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}

// An error on a later page is an error, not a shorter list.
func TestReadErrorInTheMiddle(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(101)})
	if err := env.Emulator.SetFaults([]emulator.Fault{
		{RPC: "ListOrganizationUsers", Kind: emulator.FaultErrorBefore, Code: "PERMISSION_DENIED", Skip: 1, Count: -1},
	}); err != nil {
		t.Fatal(err)
	}
	workspace := env.Workspace(t)
	workspace.Write(readUsers)
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, "Could not list the users of organization org_100000000000000000")
}
