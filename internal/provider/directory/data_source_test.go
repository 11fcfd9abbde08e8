package directory_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/acctest"
)

// The ids that the seeds of these tests give.
const (
	readOrganization = "org_100000000000000000"
	readDirectory    = "dir_100000000000000001"
)

// readSeed is an organization with a directory of so many groups and users. Every third user is in the first group.
func readSeed(groups, users int) *emulator.Seed {
	directory := emulator.SeedDirectory{ID: readDirectory, DirectoryProvider: "OKTA"}
	for i := range groups {
		directory.Groups = append(directory.Groups, emulator.SeedDirectoryGroup{DisplayName: fmt.Sprintf("Group %d", i)})
	}
	for i := range users {
		user := emulator.SeedDirectoryUser{Email: fmt.Sprintf("user%d@acme.example", i), GivenName: "User", FamilyName: fmt.Sprint(i)}
		if groups > 0 && i%3 == 0 {
			user.Groups = []string{"Group 0"}
		}
		directory.Users = append(directory.Users, user)
	}
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: readOrganization, DisplayName: "Acme", Directories: []emulator.SeedDirectory{directory}},
	}}
}

const readEverything = `
data "scalekit_directory" "first" {
  organization_id = "org_100000000000000000"
}
data "scalekit_directory" "by_id" {
  organization_id = "org_100000000000000000"
  id              = "dir_100000000000000001"
}
data "scalekit_directories" "all" {
  organization_id = "org_100000000000000000"
}
data "scalekit_directory_groups" "all" {
  organization_id = "org_100000000000000000"
  directory_id    = data.scalekit_directory.first.id
}
data "scalekit_directory_users" "all" {
  organization_id = "org_100000000000000000"
  directory_id    = data.scalekit_directory.first.id
}
output "counts" {
  value = join(" ", [
    data.scalekit_directory.first.total_groups, data.scalekit_directory.by_id.total_users, length(data.scalekit_directories.all.directories),
    length(data.scalekit_directory_groups.all.groups), length(data.scalekit_directory_groups.all.ids_by_name),
    length(data.scalekit_directory_users.all.users), length(toset(data.scalekit_directory_users.all.users[*].email)),
  ])
}
`

func TestReadEveryPage(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 1, 30, 31, 1000} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			workspace := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(count, count)}).Workspace(t)
			workspace.Write(readEverything)
			acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf("counts = %[1]q", strings.Join([]string{
				fmt.Sprint(count), fmt.Sprint(count), "1", fmt.Sprint(count), fmt.Sprint(count), fmt.Sprint(count), fmt.Sprint(count),
			}, " ")))
		})
	}
}

func TestReadTenThousandUsers(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(1, 10_000)}).Workspace(t)
	workspace.Write(`
data "scalekit_directory_users" "all" {
  organization_id = "org_100000000000000000"
  directory_id    = "dir_100000000000000001"
}
output "count" { value = length(toset(data.scalekit_directory_users.all.users[*].id)) }`)
	acctest.MustContain(t, workspace.MustApply(), "count = 10000")
}

func TestReadUsersByFilter(t *testing.T) {
	t.Parallel()
	seed := readSeed(2, 10)
	seed.Organizations[0].Directories[0].Users[3].UserDetail = []byte(`{"title": "Engineer", "costCenter": 42}`)
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config: env.Config(`
data "scalekit_directory_groups" "all" {
  organization_id = "org_100000000000000000"
  directory_id    = "dir_100000000000000001"
}
data "scalekit_directory_users" "group" {
  organization_id = "org_100000000000000000"
  directory_id    = "dir_100000000000000001"
  group_id        = data.scalekit_directory_groups.all.ids_by_name["Group 0"]
  include_detail  = true
}
data "scalekit_directory_users" "future" {
  organization_id = "org_100000000000000000"
  directory_id    = "dir_100000000000000001"
  updated_after   = "2999-01-01T00:00:00Z"
}
output "titles" {
  value = { for user in data.scalekit_directory_users.group.users : user.email => try(jsondecode(user.detail).title, "") }
}
output "future" { value = length(data.scalekit_directory_users.future.users) }`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("titles", knownvalue.MapExact(map[string]knownvalue.Check{
						"user0@acme.example": knownvalue.StringExact(""), "user3@acme.example": knownvalue.StringExact("Engineer"),
						"user6@acme.example": knownvalue.StringExact(""), "user9@acme.example": knownvalue.StringExact(""),
					})),
					statecheck.ExpectKnownOutputValue("future", knownvalue.Int64Exact(0)),
				},
			},
		},
	})
}

// Two groups may share a name; then the name stands for neither.
func TestReadAmbiguousGroups(t *testing.T) {
	t.Parallel()
	seed := readSeed(2, 0)
	seed.Organizations[0].Directories[0].Groups = append(seed.Organizations[0].Directories[0].Groups, emulator.SeedDirectoryGroup{DisplayName: "Group 1"})
	workspace := acctest.StartEmulator(t, emulator.Options{Seed: seed}).Workspace(t)
	workspace.Write(`
data "scalekit_directory_groups" "all" {
  organization_id = "org_100000000000000000"
  directory_id    = "dir_100000000000000001"
}
output "names" { value = join(" and ", keys(data.scalekit_directory_groups.all.ids_by_name)) }`)
	acctest.MustContain(t, workspace.MustApply(), `names = "Group 0"`, "so ids_by_name leaves these names out: Group 1.")
}

// Roles of groups and secrets are there to see, but no secret's value.
func TestReadRolesAndSecrets(t *testing.T) {
	t.Parallel()
	seed := readSeed(2, 0)
	directory := &seed.Organizations[0].Directories[0]
	directory.Groups[0].ID = "dirgroup_100000000000000001"
	directory.RoleAssignments = map[string]string{"Group 0": "admin"}
	directory.Secrets = []emulator.SeedDirectorySecret{
		{ID: "sec_100000000000000001"},
		{ID: "sec_100000000000000002", Status: "INACTIVE"},
		{ID: "sec_100000000000000003", ExpireTime: "2020-01-01T00:00:00Z"},
		{ID: "sec_100000000000000004", ExpireTime: "2999-01-01T00:00:00Z"},
	}
	secret := func(id, usable, expireTime knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"id": id, "secret_suffix": knownvalue.StringRegexp(regexp.MustCompile(`^\w{4}$`)), "usable": usable,
			"create_time": knownvalue.NotNull(), "expire_time": expireTime,
		})
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{{
			Config: env.Config(`data "scalekit_directory" "first" { organization_id = "org_100000000000000000" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.scalekit_directory.first", tfjsonpath.New("role_by_group_id"),
					knownvalue.MapExact(map[string]knownvalue.Check{"dirgroup_100000000000000001": knownvalue.StringExact("admin")})),
				statecheck.ExpectKnownValue("data.scalekit_directory.first", tfjsonpath.New("secrets"), knownvalue.ListExact([]knownvalue.Check{
					secret(knownvalue.StringExact("sec_100000000000000001"), knownvalue.Bool(true), knownvalue.Null()),
					secret(knownvalue.StringExact("sec_100000000000000002"), knownvalue.Bool(false), knownvalue.Null()),
					secret(knownvalue.StringExact("sec_100000000000000003"), knownvalue.Bool(false), knownvalue.StringExact("2020-01-01T00:00:00Z")),
					secret(knownvalue.StringExact("sec_100000000000000004"), knownvalue.Bool(true), knownvalue.StringExact("2999-01-01T00:00:00Z")),
				})),
			},
		}},
	})
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	seed := readSeed(0, 0)
	seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{ID: "org_100000000000000002", DisplayName: "Empty"})
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	var steps []resource.TestStep
	for config, complaint := range map[string]string{
		`data "scalekit_directory" "a" { organization_id = "org_100000000000000002" }`:                                                       `Organization org_100000000000000002 has no directory.`,
		"data \"scalekit_directory\" \"a\" {\norganization_id = \"org_100000000000000000\"\nid = \"dir_9\"\n}":                               `Organization org_100000000000000000 has no directory dir_9.`,
		`data "scalekit_directories" "a" { organization_id = "org_9" }`:                                                                      `Could not list the directories of organization org_9`,
		`data "scalekit_directories" "a" { organization_id = "acme" }`:                                                                       `must be an id that begins with "org_"`,
		"data \"scalekit_directory_groups\" \"a\" {\norganization_id = \"org_100000000000000000\"\ndirectory_id = \"dir_9\"\n}":              `Could not list the groups of directory dir_9`,
		"data \"scalekit_directory_users\" \"a\" {\norganization_id = \"org_100000000000000000\"\ndirectory_id = \"dir_9\"\n}":               `Could not list the users of directory dir_9`,
		"data \"scalekit_directory_users\" \"a\" {\norganization_id = \"org_9\"\ndirectory_id = \"dir_9\"\nupdated_after = \"yesterday\"\n}": `"yesterday" must be a time in RFC 3339 form`,
	} {
		steps = append(steps, resource.TestStep{Config: env.Config(config), ExpectError: acctest.Words(complaint)})
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: env.Providers, Steps: steps})
}
