package facts_test

import (
	"context"
	"fmt"
	"strings"

	"connectrpc.com/connect"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

var userFacts = []fact{
	{
		key:      "user.without-invitation",
		question: "Which status has the membership of a user who was created without an invitation?",
		assumed:  "ACTIVE, with the role member",
		mark:     inferred,
		relies:   "Nothing depends on it: the data sources show what they read.",
		probe: func(r *run) string {
			user := r.mustUser(r.organization(), "ada")
			var roles []string
			for _, role := range user.GetMemberships()[0].GetRoles() {
				roles = append(roles, role.GetName())
			}
			return fmt.Sprintf("%s, with the role %s", user.GetMemberships()[0].GetMembershipStatus(), strings.Join(roles, " and "))
		},
	},
	{
		key:      "user.email-case",
		question: "How is an e-mail address with upper-case letters stored?",
		assumed:  "in lower case",
		mark:     inferred,
		relies:   "scalekit_user finds an address in whatever case, and keeps the spelling of the configuration.",
		probe: func(r *run) string {
			stored := r.mustUser(r.organization(), "Ada").GetEmail()
			return yesNo(stored == strings.ToLower(stored), "in lower case", "as it was sent")
		},
	},
	{
		key:      "user.search",
		question: "What does a search for users find a user by?",
		assumed:  "the e-mail address, and a part of it",
		mark:     unknown,
		relies:   "scalekit_user finds an e-mail address by a search, the API having no other way.",
		probe: func(r *run) string {
			user := r.mustUser(r.organization(), "ada")
			finds := func(query string) bool {
				for _, found := range must(r, r.client.Users.SearchUsers, &usersv1.SearchUsersRequest{Query: query, PageSize: 30}).GetUsers() {
					if found.GetId() == user.GetId() {
						return true
					}
				}
				return false
			}
			whole, part := finds(user.GetEmail()), finds(user.GetEmail()[:len(user.GetEmail())-len(".example")])
			return yesNo(whole, "the e-mail address", "not the e-mail address") + yesNo(part, ", and a part of it", ", and not a part of it")
		},
	},
	{
		key:      "user.external-id-taken",
		question: "How is the external_id of another user refused?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "scalekit_user finds at most one user by an external_id.",
		probe: func(r *run) string {
			org := r.organization()
			named := func(user *usersv1.CreateUser) { user.ExternalId = new(r.env.Name("ada")) }
			if _, err := r.user(org, "ada", named); err != nil {
				giveUp("a user is refused: %s", outcome(err))
			}
			_, err := r.user(org, "grace", named)
			return outcome(err)
		},
	},
	{
		key:      "user.list-order",
		question: "In which order are the users of an organization listed?",
		assumed:  "newest first",
		mark:     unknown,
		relies:   "Nothing depends on it: the data source keeps the platform's order.",
		probe: func(r *run) string {
			org := r.organization()
			older, newer := r.mustUser(org, "ada"), r.mustUser(org, "grace")
			var listed []string
			for _, user := range must(r, r.client.Users.ListOrganizationUsers, &usersv1.ListOrganizationUsersRequest{
				OrganizationId: org.GetId(), PageSize: 10,
			}).GetUsers() {
				listed = append(listed, user.GetId())
			}
			return order(listed, older.GetId(), newer.GetId())
		},
	},
	{
		key:      "user.missing-organization",
		question: "What is the answer to a list of the users of an organization that does not exist?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "The data source says that there is no such organization.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Users.ListOrganizationUsers, &usersv1.ListOrganizationUsersRequest{OrganizationId: missingOrganization, PageSize: 10})
			return outcome(err)
		},
	},
	{
		key:      "membership.last",
		question: "What becomes of a user whose last membership is deleted?",
		assumed:  "the user stays",
		mark:     contradictory,
		relies:   "Nothing depends on it but the emulator.",
		probe: func(r *run) string {
			org := r.organization()
			user := r.mustUser(org, "ada")
			must(r, r.client.Users.DeleteMembership, &usersv1.DeleteMembershipRequest{
				OrganizationId: org.GetId(), Identities: &usersv1.DeleteMembershipRequest_Id{Id: user.GetId()},
			})
			_, err := try(r, r.client.Users.GetUser, &usersv1.GetUserRequest{Identities: &usersv1.GetUserRequest_Id{Id: user.GetId()}})
			return yesNo(scalekit.IsNotFound(err), "the user is deleted", "the user stays")
		},
		variants: []variant{{emulator.Quirks{CascadesUnasked: true}, "the user is deleted"}},
	},
	{
		key:      "membership.last-cascade",
		question: "What becomes of a user whose last membership is deleted with cascade?",
		assumed:  "the user is deleted",
		mark:     contradictory,
		relies:   "Nothing depends on it but the emulator.",
		probe: func(r *run) string {
			org := r.organization()
			user := r.mustUser(org, "ada")
			must(r, r.client.Users.DeleteMembership, &usersv1.DeleteMembershipRequest{
				OrganizationId: org.GetId(), Identities: &usersv1.DeleteMembershipRequest_Id{Id: user.GetId()}, Cascade: new(true),
			})
			_, err := try(r, r.client.Users.GetUser, &usersv1.GetUserRequest{Identities: &usersv1.GetUserRequest_Id{Id: user.GetId()}})
			return yesNo(scalekit.IsNotFound(err), "the user is deleted", "the user stays")
		},
		variants: []variant{{emulator.Quirks{IgnoresCascade: true}, "the user stays"}},
	},
	{
		key:      "membership.roles",
		question: "What do the roles of an updated membership do to those that it had?",
		assumed:  "they replace them",
		mark:     contradictory,
		relies:   "Nothing depends on it but the emulator.",
		probe: func(r *run) string {
			org := r.organization()
			user := r.mustUser(org, "ada")
			reply := must(r, r.client.Users.UpdateMembership, &usersv1.UpdateMembershipRequest{
				OrganizationId: org.GetId(), Identities: &usersv1.UpdateMembershipRequest_Id{Id: user.GetId()},
				Membership: &usersv1.UpdateMembership{Roles: []*commonsv1.Role{{Name: "admin"}}},
			})
			return yesNo(len(reply.GetUser().GetMemberships()[0].GetRoles()) == 1, "they replace them", "they are added")
		},
	},
}

// user makes a user of an organization, without an invitation; nobody gets mail at an address below .example.
func (r *run) user(org *organizationsv1.Organization, name string, edit ...func(*usersv1.CreateUser)) (*usersv1.User, error) {
	wanted := &usersv1.CreateUser{Email: r.name(name) + "@" + r.name("acme") + ".example"}
	for _, change := range edit {
		change(wanted)
	}
	reply, err := try(r, r.client.Users.CreateUserAndMembership, &usersv1.CreateUserAndMembershipRequest{
		OrganizationId: org.GetId(), User: wanted, SendInvitationEmail: new(false),
	})
	if err != nil {
		return nil, err
	}
	user := reply.GetUser()
	r.later(func(ctx context.Context) {
		_, _ = r.client.Users.DeleteUser(ctx, connect.NewRequest(&usersv1.DeleteUserRequest{Identities: &usersv1.DeleteUserRequest_Id{Id: user.GetId()}}))
	})
	return user, nil
}

func (r *run) mustUser(org *organizationsv1.Organization, name string) *usersv1.User {
	user, err := r.user(org, name)
	switch {
	case err != nil:
		giveUp("a user is refused: %s", r.redact(err.Error()))
	case len(user.GetMemberships()) == 0:
		giveUp("a new user is shown without a membership")
	}
	return user
}
