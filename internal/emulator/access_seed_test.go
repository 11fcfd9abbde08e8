package emulator_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

const accessSeed = `{
	"permissions": [{"id": "perm_1", "name": "billing:read", "description": "Reads bills"}, {"name": "billing:write"}],
	"roles": [
		{"id": "role_1", "name": "engineer", "display_name": "Engineer", "description": "Builds",
			"permissions": ["billing:read"]},
		{"name": "chief", "extends": "engineer", "permissions": ["billing:write"], "default_creator": true}
	],
	"organizations": [
		{
			"id": "org_1", "display_name": "Globex", "external_id": "globex",
			"domains": [
				{"id": "dom_1", "domain": "Globex.example"},
				{"id": "dom_2", "domain": "globex.test", "verification_status": "PENDING"},
				{"id": "dom_3", "domain": "mail.globex.test", "domain_type": "ALLOWED_EMAIL_DOMAIN"},
				{"id": "dom_4", "domain": "dns.globex.test", "verification_status": "VERIFIED", "verification_method": "DNS"}
			],
			"roles": [{"name": "globex_admin", "display_name": "Globex admin", "extends": "engineer", "default_member": true}],
			"users": [
				{"id": "usr_160000000000000001", "email": "Hank@globex.example", "given_name": "Hank",
					"family_name": "Scorpio", "external_id": "hank", "metadata": {"plan": "pro"}, "roles": ["member", "globex_admin"],
					"membership_metadata": {"desk": "1"}},
				{"email": "invited@globex.example", "membership_status": "PENDING_INVITE"},
				{"email": "former@globex.example", "membership_status": "INACTIVE"}
			],
			"connections": [{"id": "conn_1", "provider": "OKTA", "type": "SAML", "domains": ["globex.example"]}]
		},
		{"id": "org_2", "display_name": "Initech", "users": [{"email": "hank@globex.example", "roles": ["chief"]}]}
	]
}`

func TestAccessSeed(t *testing.T) {
	t.Parallel()
	options := emulator.Options{
		Seed: parseSeed(t, accessSeed), StateFile: filepath.Join(t.TempDir(), "state.json"), Now: newClock().Now,
	}
	first := startPlatform(t, options)
	second := startPlatform(t, options) // From the state file.
	for name, env := range map[string]*platform{"seeded": first, "restarted": second} {
		role := must(t, env.roles.GetRole, &rolesv1.GetRoleRequest{RoleName: "chief", Include: new("permissions:all")}).GetRole()
		if sources(role) != "billing:write@chief billing:read@engineer" || !role.GetDefaultCreator() ||
			role.GetDisplayName() != "chief" || env.readRole(t, "admin").GetDefaultCreator() {
			t.Errorf("%s: role %v", name, role)
		}
		if role := env.readRole(t, "engineer"); role.GetId() != "role_1" || role.GetDescription() != "Builds" ||
			role.GetDependentRolesCount() != 2 || role.GetPermissions()[0].GetId() != "perm_1" {
			t.Errorf("%s: role %v", name, role)
		}
		if got, want := env.roleNames(t, "org_1"), "admin member engineer chief globex_admin*"; got != want {
			t.Errorf("%s: roles %q, want %q", name, got, want)
		}

		for id, want := range map[string]string{
			"dom_1": "globex.example ORGANIZATION_DOMAIN AUTO_VERIFIED ADMIN",
			"dom_2": "globex.test ORGANIZATION_DOMAIN PENDING DNS",
			"dom_3": "mail.globex.test ALLOWED_EMAIL_DOMAIN VERIFICATION_STATUS_UNSPECIFIED NOT_APPLICABLE",
			"dom_4": "dns.globex.test ORGANIZATION_DOMAIN VERIFIED DNS",
		} {
			domain := must(t, env.domains.GetDomain, getDomain("org_1", id)).GetDomain()
			if got := strings.Join([]string{
				domain.GetDomain(), domain.GetDomainType().String(), domain.GetVerificationStatus().String(),
				domain.GetVerificationMethod().String(),
			}, " "); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
			verified := must(t, env.domains.VerifyDomain, verifyDomain("org_1", id)).GetVerified()
			if want := id == "dom_1" || id == "dom_4"; verified != want {
				t.Errorf("%s: %s is verified: %t, want %t", name, id, verified, want)
			}
		}

		hank := env.readUser(t, "usr_160000000000000001")
		if hank.GetUserProfile().GetName() != "Hank Scorpio" || hank.GetExternalId() != "hank" || hank.GetMetadata()["plan"] != "pro" ||
			len(hank.GetMemberships()) != 2 || hank.GetMemberships()[0].GetMetadata()["desk"] != "1" ||
			env.rolesOf(t, "org_1", hank.GetId()) != "member globex_admin" || env.rolesOf(t, "org_2", hank.GetId()) != "chief" {
			t.Errorf("%s: user %v", name, hank)
		}
		var statuses []string
		for _, user := range must(t, env.users.ListOrganizationUsers,
			&usersv1.ListOrganizationUsersRequest{OrganizationId: "org_1"}).GetUsers() {
			statuses = append(statuses, user.GetMemberships()[0].GetMembershipStatus().String())
		}
		if got := strings.Join(statuses, " "); got != "INACTIVE PENDING_INVITE ACTIVE" {
			t.Errorf("%s: statuses %q", name, got)
		}
		got := must(t, env.connections.ListConnections, &connectionsv1.ListConnectionsRequest{Domain: new("globex.example")})
		if connectionIDs(got.GetConnections()) != "1" {
			t.Errorf("%s: connections %v", name, got)
		}
	}

	// The restarted one refuses what is taken, and has everything that the first one had.
	wantInvalid(t, "already exists", second.roles.CreateRole, newRole("chief", ""))
	wantInvalid(t, "already exists", second.roles.CreatePermission, newPermission("billing:read", ""))
	wantInvalid(t, "already exists", second.users.CreateUserAndMembership, newUser("org_2", "hank@globex.example"))
	wantInvalid(t, "already exists", second.domains.CreateDomain, newDomain("org_2", "globex.example", 0))
	if got := second.roleNames(t, "org_1"); !strings.Contains(got, "globex_admin*") {
		t.Errorf("after a restart the default is another role: %s", got)
	}
	before := must(t, first.users.ListUsers, &usersv1.ListUsersRequest{})
	if after := must(t, second.users.ListUsers, &usersv1.ListUsersRequest{}); !proto.Equal(before, after) {
		t.Errorf("after a restart %v\nwant %v", after, before)
	}
	must(t, second.domains.DeleteDomain, &domainsv1.DeleteDomainRequest{
		Identities: &domainsv1.DeleteDomainRequest_ExternalId{ExternalId: "globex"}, Id: "dom_2",
	})
	invited := must(t, second.users.SearchUsers, &usersv1.SearchUsersRequest{Query: "invited"}).GetUsers()[0]
	must(t, second.users.ResendInvite, &usersv1.ResendInviteRequest{OrganizationId: "org_1", Id: invited.GetId()})
}

func TestAccessSeedObeysTheRules(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	before := env.Counts()
	inOrganization := func(text string) string { return `{"organizations": [{"display_name": "A", ` + text + `}]}` }
	for text, want := range map[string]string{
		`{"permissions": [{"name": "a b"}]}`:                                                                                         "permissions[0]: validation error",
		`{"permissions": [{"name": "a"}, {"name": "a"}]}`:                                                                            "permissions[1]: permission with name",
		`{"permissions": [{"name": "a", "id": "a"}]}`:                                                                                "permissions[0]: id:",
		`{"roles": [{"name": "a-b"}]}`:                                                                                               "roles[0]: validation error",
		`{"roles": [{"name": "admin"}]}`:                                                                                             "roles[0]: role with name",
		`{"roles": [{"name": "a", "permissions": ["none"]}]}`:                                                                        `roles[0]: permission "none" not found`,
		`{"roles": [{"name": "a", "extends": "b"}, {"name": "b"}]}`:                                                                  `roles[0]: base role "b" not found`,
		`{"roles": [{"name": "a", "id": "1"}]}`:                                                                                      "roles[0]: id:",
		inOrganization(`"roles": [{"name": "member"}]`):                                                                              "organizations[0].roles[0]: role with name",
		inOrganization(`"roles": [{"name": "a", "default_creator": true}]`):                                                          "default_creator:",
		inOrganization(`"domains": [{"domain": "gmail.com"}]`):                                                                       "organizations[0].domains[0]:",
		inOrganization(`"domains": [{"domain": "a"}]`):                                                                               "organizations[0].domains[0]: validation error",
		inOrganization(`"domains": [{"domain": "a.test", "id": "domain_1"}]`):                                                        "domains[0]: id:",
		inOrganization(`"domains": [{"domain": "a.test", "domain_type": "X"}]`):                                                      `domain_type: there is no "X"`,
		inOrganization(`"domains": [{"domain": "a.test", "verification_status": "X"}]`):                                              `verification_status: there is no "X"`,
		inOrganization(`"domains": [{"domain": "a.test", "verification_method": "X"}]`):                                              `verification_method: there is no "X"`,
		inOrganization(`"domains": [{"domain": "a.test", "domain_type": "ALLOWED_EMAIL_DOMAIN", "verification_status": "PENDING"}]`): "only an ORGANIZATION_DOMAIN",
		inOrganization(`"users": [{"email": "a"}]`):                                                                                  "organizations[0].users[0]: validation error",
		inOrganization(`"users": [{"email": "a@b.test", "roles": ["none"]}]`):                                                        `users[0]: role "none" not found`,
		inOrganization(`"users": [{"email": "a@b.test"}, {"email": "a@b.test"}]`):                                                    "users[1]: membership with user",
		inOrganization(`"users": [{"email": "a@b.test"}, {"email": "a@b.test", "name": "A"}]`):                                       "users[1]: user with email",
		inOrganization(`"users": [{"email": "a@b.test", "id": "1"}]`):                                                                "users[0]: id:",
		inOrganization(`"users": [{"email": "a@b.test", "membership_status": "X"}]`):                                                 "membership_status:",
		inOrganization(`"users": [{"email": "a@b.test", "role": "x"}]`):                                                              "organizations[0].users[0].role: unknown field",
		inOrganization(`"connections": [{"provider": "OKTA"}]`):                                                                      "connections[0]: type:",
		inOrganization(`"connections": [{"type": "X"}]`):                                                                             "connections[0]: type:",
		inOrganization(`"connections": [{"type": "OIDC", "provider": "X"}]`):                                                         "connections[0]: provider:",
		inOrganization(`"connections": [{"type": "OIDC", "status": "X"}]`):                                                           "connections[0]: status:",
		inOrganization(`"connections": [{"type": "OIDC", "domains": ["x.test"]}]`):                                                   "connections[0]: domains[0]:",
		`{"connections": [{"type": "OIDC", "id": "conn_1"}, {"type": "OIDC", "id": "conn_1"}]}`:                                      "connections[1]: connection with id",
	} {
		seed, err := emulator.ParseSeed(strings.NewReader(text))
		if err == nil {
			err = env.ApplySeed(seed)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for kind, count := range env.Counts() {
		if count != before[kind] {
			t.Errorf("%d %s, want %d: a refused seed leaves nothing", count, kind, before[kind])
		}
	}
}

// A seed with many users must not make its users wait.
func TestLargeSeed(t *testing.T) {
	t.Parallel()
	began := time.Now()
	env := startPlatform(t, emulator.Options{Seed: crowd(4000)})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("seeding took %v", took)
	}
	if got := env.Counts()["users"]; got != 4001 {
		t.Errorf("%d users, want 4001", got)
	}
	if err := env.delete(t, "org_1"); err != nil {
		t.Fatal(err)
	}
	if got := env.Counts()["users"]; got != 1 {
		t.Errorf("%d users, want 1", got)
	}
}
