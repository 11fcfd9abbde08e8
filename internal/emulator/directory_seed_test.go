package emulator_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

const directorySeed = `{
	"roles": [{"name": "engineer", "display_name": "Engineer"}],
	"organizations": [{
		"id": "org_1", "display_name": "Globex",
		"roles": [{"name": "globex_admin", "display_name": "Globex admin"}],
		"directories": [
			{
				"directory_provider": "OKTA",
				"groups": [
					{"display_name": "Engineering", "id": "dirgroup_1"}, {"display_name": "Board"}, {"display_name": "Twin"},
					{"display_name": "Twin", "id": "dirgroup_2"}
				],
				"users": [
					{"email": "ada@globex.example", "given_name": "Ada", "family_name": "L", "groups": ["Engineering", "Board"]},
					{"email": "bob@elsewhere.example", "groups": ["dirgroup_2", "dirgroup_2"]}
				],
				"role_assignments": {"Engineering": "engineer", "Board": "globex_admin", "dirgroup_2": "member"},
				"secrets": [{}, {"id": "sec_1", "status": "INACTIVE", "expire_time": "2030-01-02T03:04:05Z"}]
			},
			{
				"id": "dir_5", "name": "Second", "directory_type": "POLL", "directory_provider": "GOOGLE", "enabled": false,
				"attribute_mappings": {"email": "mail", "a": "b"}
			}
		]
	}]
}`

func TestSeedDirectories(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Seed: parseSeed(t, directorySeed)})
	d := directoriesOf(env, "org_1")
	all := d.list(t)
	if len(all) != 2 {
		t.Fatalf("got %v, want 2 directories", all)
	}
	first, second := all[0], all[1]
	if first.GetDirectoryType() != dirv1.DirectoryType_SCIM || first.GetDirectoryProvider() != dirv1.DirectoryProvider_OKTA ||
		!first.GetEnabled() || first.GetTotalGroups() != 4 || first.GetTotalUsers() != 2 {
		t.Errorf("got %v", first)
	}
	roles := map[string]string{}
	for _, assignment := range first.GetRoleAssignments().GetAssignments() {
		roles[assignment.GetGroupId()] = assignment.GetRoleName()
	}
	if len(roles) != 3 || roles["dirgroup_1"] != "engineer" || roles["dirgroup_2"] != "member" {
		t.Errorf("roles %v", roles)
	}
	if page, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: first.GetId()}); err != nil ||
		emails(page) != "bob@elsewhere.example ada@globex.example" ||
		groupNames(page.GetUsers()[0].GetGroups()) != "Twin" || groupNames(page.GetUsers()[1].GetGroups()) != "Engineering Board" {
		t.Errorf("users %v (%v)", page, err)
	}
	secrets := first.GetSecrets()
	if len(secrets) != 2 || secrets[0].GetStatus() != dirv1.SecretStatus_ACTIVE || len(secrets[0].GetSecretSuffix()) != 4 ||
		secrets[0].GetExpireTime().AsTime().Year() != 1 || secrets[1].GetId() != "sec_1" ||
		secrets[1].GetStatus() != dirv1.SecretStatus_INACTIVE || secrets[1].GetExpireTime().AsTime().Year() != 2030 {
		t.Errorf("secrets %v", secrets)
	}
	if second.GetId() != "dir_5" || second.GetName() != "Second" || second.GetDirectoryType() != dirv1.DirectoryType_POLL ||
		second.GetEnabled() || attributes(second.GetAttributeMappings()) != "a=b email=mail" {
		t.Errorf("got %v", second)
	}

	disabled := directoriesOf(start(t, emulator.Options{
		Seed: parseSeed(t, directorySeed), Quirks: emulator.Quirks{DirectoryCreatedDisabled: true},
	}), "org_1")
	if disabled.list(t)[0].GetEnabled() {
		t.Error("a seed that says nothing has an enabled directory")
	}
}

func TestSeedDirectoriesObeysTheRules(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for text, want := range map[string]string{
		`{"id": "org_1"}`:                                                                                `id: "org_1"`,
		`{"directory_type": "FTP"}`:                                                                      `directory_type: there is no "FTP"`,
		`{"directory_type": "DIRECTORY_TYPE_UNSPECIFIED"}`:                                               "directory_type: there is no",
		`{"directory_provider": "CUSTOM"}`:                                                               `directory_provider: there is no "CUSTOM"`,
		`{"name": "` + strings.Repeat("x", 257) + `"}`:                                                   "name",
		`{"attribute_mappings": {"": "b"}}`:                                                              "attribute_mappings:",
		`{"groups": [{"display_name": ""}]}`:                                                             "groups[0]: display_name",
		`{"groups": [{"display_name": "A", "id": "x"}]}`:                                                 "groups[0]: id:",
		`{"users": [{"email": "a@b"}, {"email": "A@b"}]}`:                                                "users[1]: email",
		`{"users": [{"email": "a@b", "groups": ["C"]}]}`:                                                 "users[0]: groups[0]: there is no group",
		`{"secrets": [{"id": "dir_1"}]}`:                                                                 `secrets[0]: id: "dir_1"`,
		`{"secrets": [{"id": "sec_1"}, {"id": "sec_1"}]}`:                                                "secrets[1]: ",
		`{"secrets": [{"status": "LOST"}]}`:                                                              `secrets[0]: status: there is no "LOST"`,
		`{"secrets": [{"expire_time": "tomorrow"}]}`:                                                     `secrets[0]: expire_time: "tomorrow"`,
		`{"role_assignments": {"C": "admin"}}`:                                                           "role_assignments: there is no group",
		`{"groups": [{"display_name": "A"}], "role_assignments": {"A": "nobody"}}`:                       `role_assignments: role "nobody" not found`,
		`{"groups": [{"display_name": "A"}], "role_assignments": {"A": "no-name"}}`:                      "role_assignments: validation error",
		`{"groups": [{"display_name": "A"}, {"display_name": "A"}], "role_assignments": {"A": "admin"}}`: "by its id",
	} {
		seed := parseSeed(t, `{"organizations": [{"display_name": "A", "directories": [{"id": "dir_1"}, `+text+`]}]}`)
		err := env.ApplySeed(seed)
		if err == nil || !strings.Contains(err.Error(), "organizations[0].directories[1]: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if counts := env.Counts(); counts["directories"] != 0 || counts["directory_groups"] != 0 || counts["directory_users"] != 0 {
		t.Errorf("counts %v: a refused seed leaves nothing", counts)
	}
}
