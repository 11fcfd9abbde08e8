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

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
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
	for _, count := range []int{0, 31} {
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

// So many users come in pages of 30, each once and in the platform's order, and reach Terraform.
func TestReadTenThousandUsers(t *testing.T) {
	t.Parallel()
	const count, pages = 10_000, 334
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(1, count)})
	reading := protocol.Start(t, env).MustRead("scalekit_directory_users", map[string]any{
		"organization_id": readOrganization, "directory_id": readDirectory,
	})
	users := reading.List("users")
	if len(users) != count {
		t.Fatalf("%d users are read, and should be %d", len(users), count)
	}
	ids := reading.Attributes["ids_by_email"].(map[string]any)
	for i, user := range users {
		email := fmt.Sprintf("user%d@acme.example", count-1-i) // newest first
		if user["email"] != email || ids[email] != user["id"] {
			t.Fatalf("user %d is %v, and should be %s; by its address it is %v", i, user, email, ids[email])
		}
	}
	if len(ids) != count {
		t.Errorf("%d addresses have an id", len(ids))
	}
	if got := env.Calls("ListDirectoryUsers"); got != pages {
		t.Errorf("%d pages are read, and should be %d", got, pages)
	}

	workspace := env.Workspace(t)
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
	acctest.MustContain(t, workspace.MustApply(), `names = "Group 0"`, "so ids_by_name leaves these names out: \"Group 1\".")
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

// What does not exist is named: the organization, the directory or the group.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	seed := readSeed(0, 0)
	seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{ID: "org_100000000000000002", DisplayName: "Empty"})
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: seed}))
	type config = map[string]any
	for _, test := range []struct {
		dataSource string
		config     config
		complaint  string
	}{
		{"scalekit_directory", config{"organization_id": "org_100000000000000002"}, `"organization_id"): No such directory: Organization org_100000000000000002 has no directory.`},
		{"scalekit_directory", config{"organization_id": "org_9"}, `"organization_id"): No such organization: This environment has no organization with id "org_9".`},
		{"scalekit_directory", config{"organization_id": readOrganization, "id": "dir_9"}, `"id"): No such directory: Organization org_100000000000000000 has no directory dir_9.`},
		{"scalekit_directory", config{"organization_id": "org_100000000000000002", "id": readDirectory}, `Organization org_100000000000000002 has no directory dir_100000000000000001.`},
		{"scalekit_directory", config{"organization_id": "org_9", "id": readDirectory}, `This environment has no organization with id "org_9".`},
		{"scalekit_directory", config{"id": readDirectory}, `Missing Configuration for Required Attribute`},
		{"scalekit_directories", config{"organization_id": "org_9"}, `This environment has no organization with id "org_9".`},
		{"scalekit_directories", config{"organization_id": "acme"}, `must be an id that begins with "org_"`},
		{"scalekit_directory_groups", config{"organization_id": readOrganization, "directory_id": "dir_9"}, `"directory_id"): No such directory: Organization org_100000000000000000 has no directory dir_9.`},
		{"scalekit_directory_groups", config{"organization_id": "org_9", "directory_id": readDirectory}, `This environment has no organization with id "org_9".`},
		{"scalekit_directory_users", config{"organization_id": readOrganization, "directory_id": "dir_9"}, `Organization org_100000000000000000 has no directory dir_9.`},
		{"scalekit_directory_users", config{"organization_id": readOrganization, "directory_id": "dir_9", "group_id": "dirgroup_9"}, `Organization org_100000000000000000 has no directory dir_9.`},
		{"scalekit_directory_users", config{"organization_id": readOrganization, "directory_id": readDirectory, "group_id": "dirgroup_9"}, `"group_id"): No such group: Directory dir_100000000000000001 has no group dirgroup_9.`},
		{"scalekit_directory_users", config{"organization_id": "org_9", "directory_id": readDirectory}, `This environment has no organization with id "org_9".`},
		{"scalekit_directory_users", config{"organization_id": "org_9", "directory_id": "dir_9", "updated_after": "yesterday"}, `"yesterday" must be a time in RFC 3339 form`},
	} {
		_, err := driver.ReadDataSource(test.dataSource, test.config)
		if err == nil || !strings.Contains(err.Error(), test.complaint) {
			t.Errorf("%s %v: the error is %v, and should have %q", test.dataSource, test.config, err, test.complaint)
		}
	}
}

// An error on a later page, or of the look-up that tells what is missing, is an error and not a shorter list.
func TestReadErrorInTheMiddle(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: readSeed(31, 31)})
	driver := protocol.Start(t, env)
	config := map[string]any{"organization_id": readOrganization, "directory_id": readDirectory}
	for rpc, dataSource := range map[string]string{"ListDirectoryUsers": "scalekit_directory_users", "ListDirectoryGroups": "scalekit_directory_groups"} {
		for _, code := range []string{"PERMISSION_DENIED", "NOT_FOUND"} {
			if err := env.Emulator.SetFaults([]emulator.Fault{{RPC: rpc, Kind: emulator.FaultErrorBefore, Code: code, Skip: 1, Count: -1}}); err != nil {
				t.Fatal(err)
			}
			_, err := driver.ReadDataSource(dataSource, config)
			if err == nil || !strings.Contains(err.Error(), "Could not list the ") || !strings.Contains(err.Error(), strings.ToLower(code)) {
				t.Errorf("%s, %s: the error is %v", rpc, code, err)
			}
		}
	}
}

// The first directory is the platform's first, however many there are, and each is found by its id.
func TestReadOneDirectoryOfMany(t *testing.T) {
	t.Parallel()
	organization := emulator.SeedOrganization{ID: readOrganization, DisplayName: "Acme"}
	for i := range 50 {
		organization.Directories = append(organization.Directories, emulator.SeedDirectory{ID: fmt.Sprintf("dir_1%03d", i), Name: fmt.Sprint("Directory ", i)})
	}
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{organization}}}))
	config := map[string]any{"organization_id": readOrganization}
	first := driver.MustRead("scalekit_directory", config).Attributes["id"]
	if listed := driver.MustRead("scalekit_directories", config).List("directories")[0]["id"]; first != listed {
		t.Errorf("the first directory is %s, and the first of the list %s", first, listed)
	}
	for i := range 50 {
		config["id"] = fmt.Sprintf("dir_1%03d", i)
		if name := driver.MustRead("scalekit_directory", config).Attributes["name"]; name != fmt.Sprint("Directory ", i) {
			t.Errorf("%s is %s", config["id"], name)
		}
	}
}

func TestReadDirectoriesByProvider(t *testing.T) {
	t.Parallel()
	seed := &emulator.Seed{Organizations: []emulator.SeedOrganization{{ID: readOrganization, DisplayName: "Acme", Directories: []emulator.SeedDirectory{
		{ID: "dir_1", DirectoryProvider: "OKTA"}, {ID: "dir_2"}, {ID: "dir_3", DirectoryProvider: "GOOGLE"}, {ID: "dir_4", DirectoryProvider: "GOOGLE"},
	}}}}
	reading := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: seed})).
		MustRead("scalekit_directories", map[string]any{"organization_id": readOrganization})
	if got, want := fmt.Sprint(reading.Attributes["ids_by_provider"]), "map[OKTA:dir_1]"; got != want {
		t.Errorf("ids_by_provider is %s, and should be %s", got, want)
	}
	if got, want := fmt.Sprint(reading.Warnings), "[Several directories of organization "+readOrganization+
		" share a provider, so ids_by_provider leaves these providers out: \"GOOGLE\".]"; got != want {
		t.Errorf("the warnings are %s, and should be %s", got, want)
	}
}
