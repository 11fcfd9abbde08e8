package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

func newMembership(organizationID, userID string, roles ...string) *usersv1.CreateMembershipRequest {
	return &usersv1.CreateMembershipRequest{
		OrganizationId:      organizationID,
		Identities:          &usersv1.CreateMembershipRequest_Id{Id: userID},
		Membership:          &usersv1.CreateMembership{Roles: roleList(roles...)},
		SendInvitationEmail: new(false),
	}
}

// join makes a user a member of one more organization.
func (p *platform) join(t *testing.T, organizationID, userID string, roles ...string) {
	t.Helper()
	must(t, p.users.CreateMembership, newMembership(organizationID, userID, roles...))
}

// assign gives a member more roles.
func (p *platform) assign(t *testing.T, organizationID, userID string, roles ...string) {
	t.Helper()
	request := &usersv1.AssignUserRolesRequest{OrganizationId: organizationID, UserId: userID}
	for _, name := range roles {
		request.Roles = append(request.Roles, &usersv1.AssignRoleRequest{RoleName: name})
	}
	must(t, p.users.AssignUserRoles, request)
}

// rolesOf lists the roles of a membership.
func (p *platform) rolesOf(t *testing.T, organizationID, userID string) string {
	t.Helper()
	for _, membership := range p.readUser(t, userID).GetMemberships() {
		if membership.GetOrganizationId() == organizationID {
			return roleText(membership.GetRoles())
		}
	}
	t.Fatalf("%s is not a member of %s", userID, organizationID)
	return ""
}

func roleText(roles []*commonsv1.Role) string {
	var out []string
	for _, role := range roles {
		out = append(out, role.GetName())
	}
	return strings.Join(out, " ")
}

func updateMembership(organizationID, userID string, roles ...string) *usersv1.UpdateMembershipRequest {
	return &usersv1.UpdateMembershipRequest{
		OrganizationId: organizationID,
		Identities:     &usersv1.UpdateMembershipRequest_Id{Id: userID},
		Membership:     &usersv1.UpdateMembership{Roles: roleList(roles...)},
	}
}

func deleteMembership(organizationID, userID string, cascade *bool) *usersv1.DeleteMembershipRequest {
	return &usersv1.DeleteMembershipRequest{
		OrganizationId: organizationID, Identities: &usersv1.DeleteMembershipRequest_Id{Id: userID}, Cascade: cascade,
	}
}

func TestMembership(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	env.orgRole(t, other, "guest", "")
	id := env.user(t, acme, "hank@acme.example")

	wantNotFound(t, env.users.CreateMembership, newMembership("org_1", id))
	wantNotFound(t, env.users.CreateMembership, newMembership(other, missingUser))
	wantNotFound(t, env.users.CreateMembership, newMembership(other, id, "nobody"))
	wantInvalid(t, "already exists", env.users.CreateMembership, newMembership(acme, id))
	byRoleID := newMembership(other, id)
	byRoleID.Membership.Roles = []*commonsv1.Role{{Id: env.readRole(t, "admin").GetId()}, {Name: "guest"}}
	joined := must(t, env.users.CreateMembership, byRoleID).GetUser()
	if len(joined.GetMemberships()) != 2 || env.rolesOf(t, other, id) != "admin guest" {
		t.Errorf("got %v", joined)
	}
	byRoleID.Membership.Roles = []*commonsv1.Role{{Id: "role_1"}}
	byRoleID.OrganizationId = env.create(t, "Third").GetId()
	wantNotFound(t, env.users.CreateMembership, byRoleID)

	// An update replaces the roles, and an empty list leaves them as they are.
	must(t, env.users.UpdateMembership, updateMembership(other, id, "guest"))
	must(t, env.users.UpdateMembership, updateMembership(other, id))
	if got := env.rolesOf(t, other, id); got != "guest" {
		t.Errorf("roles %q, want guest", got)
	}
	withMetadata := updateMembership(acme, id)
	withMetadata.Membership.Metadata = map[string]string{"desk": "1"}
	updated := must(t, env.users.UpdateMembership, withMetadata).GetUser().GetMemberships()[0]
	if updated.GetMetadata()["desk"] != "1" || env.rolesOf(t, acme, id) != "member" {
		t.Errorf("got %v", updated)
	}
	wantNotFound(t, env.users.UpdateMembership, updateMembership(acme, id, "guest")) // The other organization's.
	wantNotFound(t, env.users.UpdateMembership, updateMembership(acme, missingUser, "member"))
	wantNotFound(t, env.users.UpdateMembership, updateMembership("org_1", id, "member"))
	wantNotFound(t, env.users.UpdateMembership, updateMembership(byRoleID.GetOrganizationId(), id, "member"))
	wantViolation(t, refused(t, env.users.UpdateMembership,
		&usersv1.UpdateMembershipRequest{OrganizationId: acme}), "membership", "required")
}

func TestDeleteMembership(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks  emulator.Quirks
		cascade *bool
		gone    bool
	}{
		"default":       {},
		"as documented": {quirks: emulator.Quirks{CascadesUnasked: true}, gone: true},
		"cascade":       {cascade: new(true), gone: true},
		"no cascade":    {cascade: new(false)},
		"never cascade": {quirks: emulator.Quirks{IgnoresCascade: true}, cascade: new(true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := startPlatform(t, emulator.Options{Quirks: test.quirks})
			acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
			id := env.user(t, acme, "hank@acme.example")
			env.join(t, other, id)
			must(t, env.users.DeleteMembership, deleteMembership(acme, id, test.cascade))
			if user := env.readUser(t, id); len(user.GetMemberships()) != 1 {
				t.Errorf("got %v, want one membership left", user)
			}
			wantNotFound(t, env.users.DeleteMembership, deleteMembership(acme, id, test.cascade))
			must(t, env.users.DeleteMembership, deleteMembership(other, id, test.cascade))
			if gone := env.readUser(t, id) == nil; gone != test.gone {
				t.Errorf("the user is gone: %t, want %t", gone, test.gone)
			}
		})
	}
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	wantNotFound(t, env.users.DeleteMembership, deleteMembership(org, missingUser, nil))
	wantInvalid(t, "nobody", env.users.DeleteMembership, &usersv1.DeleteMembershipRequest{
		OrganizationId: org, Identities: &usersv1.DeleteMembershipRequest_ExternalId{ExternalId: "nobody"},
	})
}

func TestUsersGoWithTheirOrganization(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	acme, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	invited := newUser(acme, "gone@acme.example")
	invited.SendInvitationEmail = nil
	gone := must(t, env.users.CreateUserAndMembership, invited).GetUser().GetId()
	stays := env.user(t, acme, "stays@acme.example")
	env.join(t, other, stays)
	if err := env.delete(t, acme); err != nil {
		t.Fatal(err)
	}
	if user := env.readUser(t, gone); user != nil {
		t.Errorf("%v is left", user)
	}
	if memberships := env.readUser(t, stays).GetMemberships(); len(memberships) != 1 || memberships[0].GetOrganizationId() != other {
		t.Errorf("memberships %v, want the other one", memberships)
	}
	if got := env.Counts()["invites"]; got != 0 {
		t.Errorf("%d invites are left", got)
	}
}

func TestUserRoles(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.permission(t, "a", "b")
	org := env.create(t, "Acme").GetId()
	env.role(t, "base", "", "a")
	env.orgRole(t, org, "lead", "base", "b")
	id := env.user(t, org, "hank@acme.example")

	env.assign(t, org, id, "lead", "member")
	if got := env.rolesOf(t, org, id); got != "member lead" {
		t.Errorf("roles %q, want member lead", got)
	}
	listed := must(t, env.users.ListUserRoles, &usersv1.ListUserRolesRequest{OrganizationId: org, UserId: id}).GetRoles()
	if got := roleText(listed); got != "member lead base" || listed[2].GetDisplayName() != "BASE" {
		t.Errorf("roles %v, want those that are inherited as well", listed)
	}
	var permissions []string
	for _, permission := range must(t, env.users.ListUserPermissions,
		&usersv1.ListUserPermissionsRequest{OrganizationId: org, UserId: id}).GetPermissions() {
		permissions = append(permissions, permission.GetName())
	}
	if got := strings.Join(permissions, " "); got != "sk_org_settings_read sk_org_users_read b a" {
		t.Errorf("permissions %q", got)
	}
	byID := must(t, env.users.AssignUserRoles, &usersv1.AssignUserRolesRequest{
		OrganizationId: org, UserId: id, Roles: []*usersv1.AssignRoleRequest{{Id: env.readRole(t, "admin").GetId()}},
	})
	if got := byID.GetRoles(); len(got) != 3 || got[2].GetName() != "admin" || got[2].GetDisplayName() != "Admin" {
		t.Errorf("roles %v, want all three", got)
	}
	remove := func(name string) *usersv1.RemoveUserRoleRequest {
		return &usersv1.RemoveUserRoleRequest{OrganizationId: org, UserId: id, RoleName: name}
	}
	for _, name := range []string{"admin", "member", "lead"} {
		must(t, env.users.RemoveUserRole, remove(name))
	}
	if got := env.rolesOf(t, org, id); got != "" {
		t.Errorf("roles %q, want none", got)
	}
	wantNotFound(t, env.users.RemoveUserRole, remove("lead"))
	wantNotFound(t, env.users.AssignUserRoles, &usersv1.AssignUserRolesRequest{
		OrganizationId: org, UserId: id, Roles: []*usersv1.AssignRoleRequest{{RoleName: "nobody"}},
	})
	wantViolation(t, refused(t, env.users.AssignUserRoles, &usersv1.AssignUserRolesRequest{OrganizationId: org, UserId: id}),
		"roles", "required")
	for _, missing := range [][2]string{{"org_1", id}, {org, missingUser}, {env.create(t, "Other").GetId(), id}} {
		wantNotFound(t, env.users.ListUserRoles, &usersv1.ListUserRolesRequest{OrganizationId: missing[0], UserId: missing[1]})
		wantNotFound(t, env.users.ListUserPermissions,
			&usersv1.ListUserPermissionsRequest{OrganizationId: missing[0], UserId: missing[1]})
		wantNotFound(t, env.users.ResendInvite, &usersv1.ResendInviteRequest{OrganizationId: missing[0], Id: missing[1]})
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := startPlatform(t, emulator.Options{Now: clock.Now, TokenLifetime: 365 * 24 * time.Hour})
	org := env.create(t, "Acme").GetId()
	request := newUser(org, "hank@acme.example")
	request.SendInvitationEmail = nil // It is sent unless refused.
	request.User.Membership.InviterEmail = new("boss@acme.example")
	created := must(t, env.users.CreateUserAndMembership, request).GetUser()
	id, membership := created.GetId(), created.GetMemberships()[0]
	const day = 24 * time.Hour
	if membership.GetMembershipStatus() != commonsv1.MembershipStatus_PENDING_INVITE || membership.AcceptedAt != nil ||
		!membership.GetExpiresAt().AsTime().Equal(clock.Now().Add(15*day)) || membership.GetProvisioningMethod() != "invitation" {
		t.Errorf("membership %v", membership)
	}
	status := func() commonsv1.MembershipStatus {
		return env.readUser(t, id).GetMemberships()[0].GetMembershipStatus()
	}
	clock.advance(15 * day)
	if got := status(); got != commonsv1.MembershipStatus_INVITE_EXPIRED {
		t.Errorf("status %v, want INVITE_EXPIRED", got)
	}
	if membership.JoinTime != nil {
		t.Errorf("an invited user has joined at %v", membership.GetJoinTime())
	}
	expires := clock.Now().Add(15 * day)
	for count := range int32(2) { // only the first finds an invitation that has expired
		invite := must(t, env.users.ResendInvite, &usersv1.ResendInviteRequest{OrganizationId: org, Id: id}).GetInvite()
		if invite.GetResentCount() != count+1 || !invite.GetExpiresAt().AsTime().Equal(expires) ||
			invite.GetStatus() != "PENDING_INVITE" || invite.GetInviterEmail() != "boss@acme.example" {
			t.Errorf("invite %v", invite)
		}
		clock.advance(day)
	}
	if got := status(); got != commonsv1.MembershipStatus_PENDING_INVITE {
		t.Errorf("status %v, want PENDING_INVITE", got)
	}
	active := env.user(t, org, "ada@acme.example")
	wantInvalid(t, "no pending invitation", env.users.ResendInvite, &usersv1.ResendInviteRequest{OrganizationId: org, Id: active})
}

func TestMaxAllowedUsers(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := startPlatform(t, emulator.Options{Now: clock.Now, TokenLifetime: 365 * 24 * time.Hour})
	org := env.create(t, "Acme").GetId()
	if _, err := env.setMaxUsers(t, org, new(int32(2))); err != nil {
		t.Fatal(err)
	}
	env.user(t, org, "a@acme.example")
	invited := newUser(org, "b@acme.example")
	invited.SendInvitationEmail = new(true)
	must(t, env.users.CreateUserAndMembership, invited)
	wantInvalid(t, "maximum of 2 users", env.users.CreateUserAndMembership, newUser(org, "c@acme.example"))
	clock.advance(16 * 24 * time.Hour) // An expired invitation does not count.
	env.user(t, org, "c@acme.example")
	wantInvalid(t, "maximum of 2 users", env.users.CreateUserAndMembership, newUser(org, "d@acme.example"))
	if _, err := env.setMaxUsers(t, org, new(int32(0))); err != nil {
		t.Fatal(err)
	}
	env.user(t, org, "d@acme.example")
}
