package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

func roleList(names ...string) []*commonsv1.Role {
	var out []*commonsv1.Role
	for _, name := range names {
		out = append(out, &commonsv1.Role{Name: name})
	}
	return out
}

func newUser(organizationID, email string, roles ...string) *usersv1.CreateUserAndMembershipRequest {
	return &usersv1.CreateUserAndMembershipRequest{
		OrganizationId: organizationID,
		User: &usersv1.CreateUser{
			Email: email, Membership: &usersv1.CreateMembership{Roles: roleList(roles...)},
		},
		SendInvitationEmail: new(false),
	}
}

// user makes an active member and returns the id.
func (p *platform) user(t *testing.T, organizationID, email string, roles ...string) string {
	t.Helper()
	return must(t, p.users.CreateUserAndMembership, newUser(organizationID, email, roles...)).GetUser().GetId()
}

// readUser returns nil for a user that does not exist.
func (p *platform) readUser(t *testing.T, id string) *usersv1.User {
	t.Helper()
	reply, err := ask(t, p.users.GetUser, getUser(id))
	if err != nil {
		return nil
	}
	return reply.GetUser()
}

func getUser(id string) *usersv1.GetUserRequest {
	return &usersv1.GetUserRequest{Identities: &usersv1.GetUserRequest_Id{Id: id}}
}

func updateUser(id string, change *usersv1.UpdateUser) *usersv1.UpdateUserRequest {
	return &usersv1.UpdateUserRequest{Identities: &usersv1.UpdateUserRequest_Id{Id: id}, User: change}
}

func deleteUser(id string) *usersv1.DeleteUserRequest {
	return &usersv1.DeleteUserRequest{Identities: &usersv1.DeleteUserRequest_Id{Id: id}}
}

// missingUser has the length that the descriptors ask of an id.
const missingUser = "usr_160000000000000000"

func TestCreateUser(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := startPlatform(t, emulator.Options{Now: clock.Now})
	org := env.create(t, "Acme").GetId()
	request := newUser(org, "Hank@Acme.example", "admin", "member", "admin")
	request.User.ExternalId = new("crm-1")
	request.User.Metadata = map[string]string{"plan": "pro"}
	request.User.UserProfile = &usersv1.CreateUserProfile{
		FirstName: "Old", GivenName: "Hank", FamilyName: "Scorpio", Name: "Hank Scorpio", Locale: "en-US",
		PhoneNumber: "+1", Metadata: map[string]string{"key": "v"}, CustomAttributes: map[string]string{"attr": "v"},
		PreferredUsername: "hank", Picture: new("https://acme.example/h.png"), Gender: new("m"), Groups: []string{"g"},
	}
	request.User.Membership.Metadata = map[string]string{"desk": "1"}
	request.User.Membership.InviterEmail = new("boss@acme.example")

	got := must(t, env.users.CreateUserAndMembership, request).GetUser()
	if !strings.HasPrefix(got.GetId(), "usr_") || !strings.HasPrefix(got.GetUserProfile().GetId(), "usp_") ||
		got.GetEmail() != "hank@acme.example" || got.GetExternalId() != "crm-1" || got.GetMetadata()["plan"] != "pro" ||
		!got.GetCreateTime().AsTime().Equal(clock.Now()) || !strings.HasPrefix(got.GetEnvironmentId(), "env_") {
		t.Errorf("got %v", got)
	}
	profile := proto.CloneOf(got.GetUserProfile())
	profile.Id = ""
	if want := (&commonsv1.UserProfile{
		GivenName: "Hank", FirstName: "Hank", FamilyName: "Scorpio", LastName: "Scorpio", Name: "Hank Scorpio",
		Locale: "en-US", PhoneNumber: "+1", Metadata: map[string]string{"key": "v"},
		CustomAttributes: map[string]string{"attr": "v"}, PreferredUsername: "hank",
		Picture: "https://acme.example/h.png", Gender: "m", Groups: []string{"g"},
	}); !proto.Equal(profile, want) {
		t.Errorf("profile %v\nwant    %v", profile, want)
	}
	membership := got.GetMemberships()[0]
	if len(got.GetMemberships()) != 1 || membership.GetOrganizationId() != org || membership.GetName() != "Acme" ||
		membership.GetMembershipStatus() != commonsv1.MembershipStatus_ACTIVE || membership.ExpiresAt != nil ||
		membership.GetProvisioningMethod() != "direct_provision" || membership.GetMetadata()["desk"] != "1" ||
		membership.GetInviterEmail() != "boss@acme.example" || len(membership.GetPermissions()) != 12 {
		t.Errorf("membership %v", membership)
	}
	if role := membership.GetRoles()[0]; len(membership.GetRoles()) != 2 || role.GetName() != "admin" ||
		role.GetDisplayName() != "Admin" || role.GetId() != env.readRole(t, "admin").GetId() {
		t.Errorf("roles %v", membership.GetRoles())
	}
	for _, request := range []*usersv1.GetUserRequest{
		getUser(got.GetId()), {Identities: &usersv1.GetUserRequest_ExternalId{ExternalId: "crm-1"}},
	} {
		if read := must(t, env.users.GetUser, request).GetUser(); !proto.Equal(read, got) {
			t.Errorf("read %v\nwant %v", read, got)
		}
	}
}

func TestCreateUserRefused(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	taken := newUser(org, "taken@acme.example")
	taken.User.ExternalId = new("taken")
	must(t, env.users.CreateUserAndMembership, taken)

	wantInvalid(t, "already exists", env.users.CreateUserAndMembership, newUser(org, "TAKEN@acme.example"))
	wantInvalid(t, "already exists", env.users.CreateUserAndMembership, newUser(other, "taken@acme.example"))
	again := newUser(org, "again@acme.example")
	again.User.ExternalId = new("taken")
	wantInvalid(t, "external id", env.users.CreateUserAndMembership, again)
	wantNotFound(t, env.users.CreateUserAndMembership, newUser("org_1", "new@acme.example"))
	wantNotFound(t, env.users.CreateUserAndMembership, newUser(org, "new@acme.example", "nobody"))
	wantViolation(t, refused(t, env.users.CreateUserAndMembership, newUser(org, "no email")), "user.email", "string.email")
	wantViolation(t, refused(t, env.users.CreateUserAndMembership, newUser(org, "new@acme.example", "")),
		"user.membership.roles[0]", "required")
	bare := newUser(org, "new@acme.example")
	bare.User = nil
	wantViolation(t, refused(t, env.users.CreateUserAndMembership, bare), "user", "required")
	if got := env.Counts()["users"]; got != 1 {
		t.Errorf("%d users, want 1: a refused create leaves nothing", got)
	}
	bare.User = &usersv1.CreateUser{Email: "bare@acme.example", ExternalId: new("")}
	if got := must(t, env.users.CreateUserAndMembership, bare).GetUser(); got.ExternalId != nil || len(got.GetMemberships()) != 1 {
		t.Errorf("got %v, want a member without an external id", got)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := startPlatform(t, emulator.Options{Now: clock.Now})
	org := env.create(t, "Acme").GetId()
	id := env.user(t, org, "hank@acme.example")
	env.user(t, org, "other@acme.example")
	clock.advance(time.Minute)
	want := env.readUser(t, id)

	got := must(t, env.users.UpdateUser, updateUser(id, &usersv1.UpdateUser{
		ExternalId: new("crm-1"), Metadata: map[string]string{"plan": "pro"},
		UserProfile: &usersv1.UpdateUserProfile{
			FirstName: new("Old"), GivenName: new("Hank"), LastName: new("Scorpio"), Name: new("Hank S"), Locale: new("en"),
			Metadata: map[string]string{"key": "v"}, CustomAttributes: map[string]string{"attr": "v"}, Groups: []string{"g"},
		},
	})).GetUser()
	want.ExternalId, want.Metadata, want.UpdateTime = new("crm-1"), map[string]string{"plan": "pro"}, got.GetUpdateTime()
	want.UserProfile = &commonsv1.UserProfile{
		Id: want.GetUserProfile().GetId(), GivenName: "Hank", FirstName: "Hank", FamilyName: "Scorpio", LastName: "Scorpio",
		Name: "Hank S", Locale: "en", Metadata: map[string]string{"key": "v"},
		CustomAttributes: map[string]string{"attr": "v"}, Groups: []string{"g"},
	}
	if !proto.Equal(got, want) || !got.GetUpdateTime().AsTime().Equal(clock.Now()) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if same := must(t, env.users.UpdateUser, &usersv1.UpdateUserRequest{
		Identities: &usersv1.UpdateUserRequest_ExternalId{ExternalId: "crm-1"}, User: &usersv1.UpdateUser{},
	}).GetUser(); !proto.Equal(same, got) {
		t.Errorf("an empty update made %v", same)
	}
	taken := newUser(org, "third@acme.example")
	taken.User.ExternalId = new("taken")
	must(t, env.users.CreateUserAndMembership, taken)
	wantInvalid(t, "already exists", env.users.UpdateUser, updateUser(id, &usersv1.UpdateUser{ExternalId: new("taken")}))
	wantViolation(t, refused(t, env.users.UpdateUser, updateUser(id, nil)), "user", "required")
	wantViolation(t, refused(t, env.users.UpdateUser, updateUser("usr_1", &usersv1.UpdateUser{})), "id", "string.min_len")
	wantNotFound(t, env.users.UpdateUser, updateUser(missingUser, &usersv1.UpdateUser{}))
	cleared := must(t, env.users.UpdateUser, updateUser(id, &usersv1.UpdateUser{ExternalId: new("")})).GetUser()
	if cleared.ExternalId != nil {
		t.Errorf("external id %q, want none", cleared.GetExternalId())
	}
	wantNotFound(t, env.users.GetUser, &usersv1.GetUserRequest{Identities: &usersv1.GetUserRequest_ExternalId{ExternalId: "crm-1"}})
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	invited := newUser(acme, "hank@acme.example")
	invited.SendInvitationEmail = nil
	id := must(t, env.users.CreateUserAndMembership, invited).GetUser().GetId()
	env.join(t, other, id)
	must(t, env.users.DeleteUser, deleteUser(id))
	for _, kind := range []string{"users", "invites"} {
		if got := env.Counts()[kind]; got != 0 {
			t.Errorf("%d %s are left", got, kind)
		}
	}
	wantNotFound(t, env.users.DeleteUser, deleteUser(id))
	wantNotFound(t, env.users.GetUser, getUser(id))
	wantNotFound(t, env.users.DeleteUser, &usersv1.DeleteUserRequest{
		Identities: &usersv1.DeleteUserRequest_ExternalId{ExternalId: "nobody"},
	})
	wantViolation(t, refused(t, env.users.GetUser, &usersv1.GetUserRequest{}), "id", "required")
	env.user(t, acme, "hank@acme.example") // The email is free again.
}

// crowd is a seed with an organization of so many users.
func crowd(count int) *emulator.Seed {
	organization := emulator.SeedOrganization{ID: "org_1", DisplayName: "Acme"}
	for i := range count {
		organization.Users = append(organization.Users, emulator.SeedUser{Email: fmt.Sprintf("u%d@acme.example", i)})
	}
	return &emulator.Seed{Organizations: []emulator.SeedOrganization{
		organization,
		{ID: "org_2", DisplayName: "Other", Users: []emulator.SeedUser{{Email: "other@other.example"}}},
	}}
}

func TestListOrganizationUsers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects int
		size    uint32
		pages   []int
	}{
		{objects: 0, pages: []int{0}},
		{objects: 1, pages: []int{1}},
		{objects: 10, pages: []int{10}}, // The default page is 10.
		{objects: 11, pages: []int{10, 1}},
		{objects: 3, size: 1, pages: []int{1, 1, 1}},
		{objects: 1000, size: 100, pages: []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 100}},
	} {
		t.Run(fmt.Sprintf("%d by %d", test.objects, test.size), func(t *testing.T) {
			t.Parallel()
			env := startPlatform(t, emulator.Options{Seed: crowd(test.objects)})
			var sizes []int
			seen := map[string]bool{}
			for token, more := "", true; more; more = token != "" {
				page := must(t, env.users.ListOrganizationUsers, &usersv1.ListOrganizationUsersRequest{
					OrganizationId: "org_1", PageSize: test.size, PageToken: token,
				})
				if int(page.GetTotalSize()) != test.objects || (page.GetPrevPageToken() == "") != (token == "") {
					t.Errorf("total_size %d, prev_page_token %q", page.GetTotalSize(), page.GetPrevPageToken())
				}
				sizes = append(sizes, len(page.GetUsers()))
				for _, user := range page.GetUsers() {
					seen[user.GetEmail()] = true
				}
				token = page.GetNextPageToken()
			}
			if !slices.Equal(sizes, test.pages) || len(seen) != test.objects || seen["other@other.example"] {
				t.Errorf("pages of %v with %d users, want %v", sizes, len(seen), test.pages)
			}
			all := must(t, env.users.ListUsers, &usersv1.ListUsersRequest{PageSize: 1000})
			if int(all.GetTotalSize()) != test.objects+1 || len(all.GetUsers()) != min(100, test.objects+1) ||
				all.GetUsers()[0].GetEmail() != "other@other.example" {
				t.Errorf("%d of %d users, want all, newest first", len(all.GetUsers()), all.GetTotalSize())
			}
		})
	}
	env := startPlatform(t, emulator.Options{Seed: crowd(20)})
	wantNotFound(t, env.users.ListOrganizationUsers, &usersv1.ListOrganizationUsersRequest{OrganizationId: "org_3"})
	wantViolation(t, refused(t, env.users.ListOrganizationUsers,
		&usersv1.ListOrganizationUsersRequest{OrganizationId: "org_1", PageSize: 101}), "page_size", "uint32.gte_lte")
	token := must(t, env.users.ListUsers, &usersv1.ListUsersRequest{}).GetNextPageToken()
	wantViolation(t, refused(t, env.users.ListOrganizationUsers,
		&usersv1.ListOrganizationUsersRequest{OrganizationId: "org_1", PageToken: token}), "page_token", "page_token")
}

func TestSearchUsers(t *testing.T) {
	t.Parallel()
	seed := crowd(12)
	seed.Organizations[0].Users = append(seed.Organizations[0].Users, emulator.SeedUser{
		ID: missingUser, Email: "ada@elsewhere.example", ExternalID: "CRM-77", GivenName: "Augusta", FamilyName: "King",
	})
	env := startPlatform(t, emulator.Options{Seed: seed})
	for query, want := range map[string]uint32{
		"ACME.example": 12, "crm-77": 1, missingUser: 1, "Augusta": 0, "other@": 1, "ada@elsewhere.example": 1,
	} {
		got := must(t, env.users.SearchUsers, &usersv1.SearchUsersRequest{Query: query})
		if got.GetTotalSize() != want || len(got.GetUsers()) != int(min(want, 10)) {
			t.Errorf("%q: %d of %d, want %d", query, len(got.GetUsers()), got.GetTotalSize(), want)
		}
		inOrg := must(t, env.users.SearchOrganizationUsers,
			&usersv1.SearchOrganizationUsersRequest{OrganizationId: "org_1", Query: query})
		if query == "other@" {
			want = 0
		}
		if inOrg.GetTotalSize() != want {
			t.Errorf("%q: %d in the organization, want %d", query, inOrg.GetTotalSize(), want)
		}
	}
	wantViolation(t, refused(t, env.users.SearchUsers, &usersv1.SearchUsersRequest{Query: "ab"}), "query", "string.min_len")
	wantViolation(t, refused(t, env.users.SearchUsers, &usersv1.SearchUsersRequest{Query: "abc", PageSize: 31}), "page_size", "uint32.lte")
	wantNotFound(t, env.users.SearchOrganizationUsers,
		&usersv1.SearchOrganizationUsersRequest{OrganizationId: "org_3", Query: "abc"})
}

func TestConcurrentUsers(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	var group sync.WaitGroup
	var created atomic.Int32
	for range 8 {
		group.Go(func() {
			for i := range 10 { // All want the same ten.
				if _, err := ask(t, env.users.CreateUserAndMembership, newUser(org, fmt.Sprintf("u%d@acme.example", i))); err == nil {
					created.Add(1)
				}
			}
		})
	}
	group.Wait()
	if got := env.Counts()["users"]; created.Load() != 10 || got != 10 {
		t.Errorf("%d created, %d there; want 10", created.Load(), got)
	}
}
