package provider_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// listing is a data source that lists objects.
type listing struct {
	dataSource string
	config     map[string]any

	// list is the attribute that has the objects.
	list string

	// name is the attribute of an object in which the seed puts its number, and maps are the attributes that have the ids
	// by another.
	name string
	maps map[string]string

	// seed is an environment of so many such objects, called name(0), name(1), …
	seed func(count int, name func(int) string) *emulator.Seed

	// form is what name is made with; names of roles, for example, have no dots.
	form string

	// always are objects that every environment has, which come first or last.
	always []string

	// oldestFirst is the platform's order where it is not the newest object first.
	oldestFirst bool

	// call is the name of the call in the request log, and page how many objects it gives at most; 0 is all.
	call string
	page int

	// unsure says that a full page does not show whether it is the last.
	unsure bool
}

// The organization and the directory of the listings' seeds.
const (
	listedOrganization = "org_100000000000000000"
	listedDirectory    = "dir_100000000000000000"
)

// within is a seed of one organization, beside another that has one object of every kind.
func within(fill func(*emulator.SeedOrganization)) *emulator.Seed {
	organization := emulator.SeedOrganization{ID: listedOrganization, DisplayName: "Acme"}
	fill(&organization)
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{organization, {
		DisplayName: "Globex",
		Domains:     []emulator.SeedDomain{{Domain: "globex.example"}},
		Roles:       []emulator.SeedRole{{Name: "globex_role"}},
		Users:       []emulator.SeedUser{{Email: "hank@globex.example"}},
		Connections: []emulator.SeedConnection{{Provider: "OKTA", Type: "SAML"}},
		Directories: []emulator.SeedDirectory{{
			Groups: []emulator.SeedDirectoryGroup{{DisplayName: "Globex"}},
			Users:  []emulator.SeedDirectoryUser{{Email: "hank@globex.example"}},
		}},
	}}}
}

// times calls a function for every number below count.
func times(count int, add func(int)) {
	for i := range count {
		add(i)
	}
}

var listings = []listing{
	{
		dataSource: "scalekit_organizations", list: "organizations", name: "external_id", form: "customer-%d",
		maps: map[string]string{"ids_by_external_id": "external_id"},
		call: "ListOrganization", page: 100,
		seed: func(count int, name func(int) string) *emulator.Seed {
			seed := &emulator.Seed{}
			times(count, func(i int) {
				seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{DisplayName: "Customer", ExternalID: name(i)})
			})
			return seed
		},
	},
	{
		dataSource: "scalekit_organization_domains", list: "domains", name: "domain", form: "d%d.acme.example",
		config: map[string]any{"organization_id": listedOrganization},
		maps:   map[string]string{"ids_by_domain": "domain"},
		call:   "ListDomains", page: 100, unsure: true,
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				times(count, func(i int) { organization.Domains = append(organization.Domains, emulator.SeedDomain{Domain: name(i)}) })
			})
		},
	},
	{
		dataSource: "scalekit_organization_users", list: "users", name: "email", form: "user%d@acme.example",
		config: map[string]any{"organization_id": listedOrganization},
		maps:   map[string]string{"ids_by_email": "email"},
		call:   "ListOrganizationUsers", page: 100,
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				times(count, func(i int) { organization.Users = append(organization.Users, emulator.SeedUser{Email: name(i)}) })
			})
		},
	},
	{
		dataSource: "scalekit_directories", list: "directories", name: "name", form: "Directory %d", oldestFirst: true,
		config: map[string]any{"organization_id": listedOrganization},
		call:   "ListDirectories",
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				times(count, func(i int) {
					organization.Directories = append(organization.Directories, emulator.SeedDirectory{Name: name(i)})
				})
			})
		},
	},
	{
		dataSource: "scalekit_directory_groups", list: "groups", name: "display_name", form: "Group %d",
		config: map[string]any{"organization_id": listedOrganization, "directory_id": listedDirectory},
		maps:   map[string]string{"ids_by_name": "display_name"},
		call:   "ListDirectoryGroups", page: 30,
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				directory := emulator.SeedDirectory{ID: listedDirectory}
				times(count, func(i int) {
					directory.Groups = append(directory.Groups, emulator.SeedDirectoryGroup{DisplayName: name(i)})
				})
				organization.Directories = []emulator.SeedDirectory{directory, {Groups: []emulator.SeedDirectoryGroup{{DisplayName: "Other"}}}}
			})
		},
	},
	{
		dataSource: "scalekit_directory_users", list: "users", name: "email", form: "user%d@acme.example",
		config: map[string]any{"organization_id": listedOrganization, "directory_id": listedDirectory},
		maps:   map[string]string{"ids_by_email": "email"},
		call:   "ListDirectoryUsers", page: 30,
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				directory := emulator.SeedDirectory{ID: listedDirectory}
				times(count, func(i int) {
					directory.Users = append(directory.Users, emulator.SeedDirectoryUser{Email: name(i)})
				})
				organization.Directories = []emulator.SeedDirectory{directory, {Users: []emulator.SeedDirectoryUser{{Email: "other@acme.example"}}}}
			})
		},
	},
	{
		dataSource: "scalekit_roles", list: "roles", name: "name", form: "role_%d", oldestFirst: true, always: []string{"admin", "member"},
		maps: map[string]string{"ids_by_name": "name"},
		call: "ListRoles",
		seed: func(count int, name func(int) string) *emulator.Seed {
			seed := within(func(*emulator.SeedOrganization) {})
			times(count, func(i int) { seed.Roles = append(seed.Roles, emulator.SeedRole{Name: name(i)}) })
			return seed
		},
	},
	{
		dataSource: "scalekit_organization_roles", list: "roles", name: "name", form: "role_%d", oldestFirst: true, always: []string{"admin", "member"},
		config: map[string]any{"organization_id": listedOrganization},
		maps:   map[string]string{"ids_by_name": "name"},
		call:   "ListOrganizationRoles",
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				times(count, func(i int) { organization.Roles = append(organization.Roles, emulator.SeedRole{Name: name(i)}) })
			})
		},
	},
	{
		dataSource: "scalekit_permissions", list: "permissions", name: "name", form: "thing%d:read",
		config: map[string]any{"type": "ENVIRONMENT"},
		maps:   map[string]string{"ids_by_name": "name"},
		call:   "ListPermissions", page: 100,
		seed: func(count int, name func(int) string) *emulator.Seed {
			seed := &emulator.Seed{}
			times(count, func(i int) { seed.Permissions = append(seed.Permissions, emulator.SeedPermission{Name: name(i)}) })
			return seed
		},
	},
	{
		dataSource: "scalekit_connections", list: "connections", name: "key_id", form: "connection-%d",
		config: map[string]any{"organization_id": listedOrganization},
		maps:   map[string]string{"ids_by_key_id": "key_id"},
		call:   "ListConnections",
		seed: func(count int, name func(int) string) *emulator.Seed {
			return within(func(organization *emulator.SeedOrganization) {
				times(count, func(i int) {
					organization.Connections = append(organization.Connections, emulator.SeedConnection{Provider: "OKTA", Type: "SAML", KeyID: name(i)})
				})
			})
		},
	},
	{
		dataSource: "scalekit_webhook_endpoints", list: "webhook_endpoints", name: "uid", form: "uid-%d",
		maps: map[string]string{"ids_by_uid": "uid", "ids_by_url": "url"},
		call: "svix.endpoint.list", page: 250,
		seed: func(count int, name func(int) string) *emulator.Seed {
			seed := &emulator.Seed{}
			times(count, func(i int) {
				seed.WebhookEndpoints = append(seed.WebhookEndpoints, emulator.SeedWebhookEndpoint{URL: "https://hooks.example/" + name(i), UID: name(i)})
			})
			return seed
		},
	},
}

// Every list is read to its end, in the platform's order, page by page, and the same at every reading; and its maps have
// the ids of all that it has.
func TestListsAtEverySize(t *testing.T) {
	t.Parallel()
	for _, one := range listings {
		sizes := []int{0, 1, one.page, one.page + 1, 1_000}
		if one.page == 0 {
			sizes = []int{0, 1, 300}
		}
		for _, count := range sizes {
			t.Run(fmt.Sprintf("%s/%d", one.dataSource, count), func(t *testing.T) {
				t.Parallel()
				one.check(t, count)
			})
		}
	}
}

func (l listing) check(t *testing.T, count int) {
	t.Helper()
	var seeded []string
	name := func(i int) string { return fmt.Sprintf(l.form, i) }
	times(count, func(i int) { seeded = append(seeded, name(i)) })
	if !l.oldestFirst {
		slices.Reverse(seeded)
	}
	env := acctest.StartEmulator(t, emulator.Options{Seed: l.seed(count, name)})
	driver := protocol.Start(t, env)
	reading := driver.MustRead(l.dataSource, l.config)

	var names []string
	ids := map[string]bool{}
	for _, object := range reading.List(l.list) {
		names = append(names, object[l.name].(string))
		ids[object["id"].(string)] = true
	}
	if want := slices.Concat(l.always, seeded); !slices.Equal(names, want) {
		t.Errorf("%s are %.300v (%d), and should be %.300v (%d)", l.list, names, len(names), want, len(want))
	}
	if len(ids) != len(names) {
		t.Errorf("%d objects have %d ids", len(names), len(ids))
	}
	for attribute, key := range l.maps {
		want := map[string]any{}
		for _, object := range reading.List(l.list) {
			want[object[key].(string)] = object["id"]
		}
		if got := reading.Attributes[attribute]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %.300v, and should be %.300v", attribute, got, want)
		}
	}
	if len(reading.Warnings) > 0 {
		t.Errorf("it warns: %q", reading.Warnings)
	}
	if got, want := env.Calls(l.call), l.pages(len(names)); got != want {
		t.Errorf("%d objects are read with %d calls of %s, and should be with %d", len(names), got, l.call, want)
	}
	if again := driver.MustRead(l.dataSource, l.config); !reflect.DeepEqual(again, reading) {
		t.Error("a second reading gives something else")
	}
}

// pages are how many calls a list of so many objects takes.
func (l listing) pages(count int) int {
	switch {
	case l.page == 0:
		return 1
	case l.unsure:
		return count/l.page + 1
	default:
		return max(1, (count+l.page-1)/l.page)
	}
}

// Whatever lists objects is in the table above, and nothing else is.
func TestEveryListIsTestedAtEverySize(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]string{
		"scalekit_user.memberships":                "they come with the user, all at once",
		"scalekit_directory.secrets":               "TestReadRolesAndSecrets: they come with the directory, all at once",
		"scalekit_webhook_event_types.event_types": "TestEventTypesAtEverySize has a webhook server of its own: the emulator's types are fixed",
		"scalekit_directories.ids_by_provider":     "TestReadDirectoriesByProvider: there are few providers",
	}
	tested := map[string]bool{}
	for _, one := range listings {
		tested[one.dataSource+"."+one.list] = true
		for attribute := range one.maps {
			tested[one.dataSource+"."+attribute] = true
		}
	}
	for dataSource, schema := range protocol.Start(t, acctest.StartEmulator(t, emulator.Options{})).DataSourceSchemas() {
		for _, attribute := range schema.Block.Attributes {
			at := dataSource + "." + attribute.Name
			isList := attribute.NestedType != nil && attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeList
			if !isList && !strings.HasPrefix(attribute.Name, "ids_by_") {
				continue
			}
			if !tested[at] && elsewhere[at] == "" {
				t.Errorf("%s is tested at no size", at)
			}
			delete(tested, at)
			delete(elsewhere, at)
		}
	}
	for at := range tested {
		t.Errorf("%s is tested and does not exist", at)
	}
	for at := range elsewhere {
		t.Errorf("%s is said to be tested elsewhere and does not exist", at)
	}
}

// The maps are what for_each takes, from one list to the next and on to resources.
func TestMapsServeForEach(t *testing.T) {
	t.Parallel()
	workspace := acctest.StartEmulator(t, emulator.Options{Seed: parseSeed(t, exampleSeed)}).Workspace(t)
	workspace.Write(`
data "scalekit_organizations" "all" {}
data "scalekit_directories" "each" {
  for_each        = data.scalekit_organizations.all.ids_by_external_id
  organization_id = each.value
}
data "scalekit_directory_groups" "each" {
  for_each        = data.scalekit_directories.each["acme"].ids_by_provider
  organization_id = data.scalekit_organizations.all.ids_by_external_id["acme"]
  directory_id    = each.value
}
resource "scalekit_directory_role_assignment" "each" {
  for_each        = data.scalekit_directory_groups.each["OKTA"].ids_by_name
  organization_id = data.scalekit_organizations.all.ids_by_external_id["acme"]
  directory_id    = data.scalekit_directories.each["acme"].ids_by_provider["OKTA"]
  group_id        = each.value
  role_name       = "analyst"
}
output "groups" { value = join(" ", keys(scalekit_directory_role_assignment.each)) }`)
	acctest.MustContain(t, workspace.MustApply(), `groups = "Engineering IT"`, "Resources: 2 added, 0 changed, 0 destroyed.")
	workspace.MustBeClean()
}
