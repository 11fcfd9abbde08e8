package platform

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users/usersconnect"
)

const (
	userPrefix    = "usr_"
	profilePrefix = "usp_"
	maxUserPage   = 100 // the descriptor's rule for an organization's users; for ListUsers it is documented
)

// users is scalekit.v1.users.UserService: the users of the environment and their memberships of organizations. Its
// methods for signed-in users stay unimplemented: no client token gets that far.
//
// A stored user has its memberships with the names of its roles alone; view fills in the rest.
type users struct {
	usersconnect.UnimplementedUserServiceHandler

	store         *store.Store
	events        *events
	organizations *organizations
	roles         *roles
	quirks        Quirks

	rows    *store.Table[*usersv1.User]
	invites *store.Table[*usersv1.Invite] // by inviteID; the parent is the organization

	emails      *store.Index[*usersv1.User]
	externalIDs *store.Index[*usersv1.User]
	members     *store.Grouping[*usersv1.User] // by the ids of their organizations
}

func newUsers(p *Platform) *users {
	s := &users{
		store:         p.options.Store,
		events:        p.events,
		organizations: p.organizations,
		roles:         p.roles,
		quirks:        p.options.Quirks,
	}
	s.rows = store.NewTable(s.store, "users", "user", s.watch)
	s.invites = store.NewTable[*usersv1.Invite](s.store, "invites", "invite", store.Unwatched)
	s.emails = s.rows.IndexBy(func(row *store.Row[*usersv1.User]) string { return row.Value.GetEmail() })
	s.externalIDs = s.rows.IndexBy(func(row *store.Row[*usersv1.User]) string { return row.Value.GetExternalId() })
	s.members = s.rows.GroupBy(func(row *store.Row[*usersv1.User]) []string {
		var ids []string
		for _, membership := range row.Value.GetMemberships() {
			ids = append(ids, membership.GetOrganizationId())
		}
		return ids
	})
	return s
}

// roleReference is what users have to do with roles.
func (s *users) roleReference() roleReference {
	return roleReference{assignedTo: "users", count: s.countWithRole, reassign: s.reassignRole}
}

func (s *users) service(options []connect.HandlerOption) web.Service {
	path, handler := usersconnect.NewUserServiceHandler(s, options...)
	return web.Service{Path: path, Handler: handler}
}

// identifiedUser is a request that names a user by its id or its external id.
type identifiedUser interface {
	GetId() string
	GetExternalId() string
}

// find returns a clone of the user that a request names.
func (s *users) find(req identifiedUser) (*usersv1.User, error) {
	if externalID := req.GetExternalId(); externalID != "" {
		id, ok := s.externalIDs.Get(externalID)
		if !ok {
			return nil, apierr.New(connect.CodeNotFound, "user with external id %q not found", externalID)
		}
		return s.rows.Get(id)
	}
	if req.GetId() == "" {
		return nil, apierr.InvalidField("id", "required", "either id or external_id is required")
	}
	return s.rows.Get(req.GetId())
}

// view is a user as the platform shows it: with all its memberships, whichever organization is asked [U].
func (s *users) view(user *usersv1.User) *usersv1.User {
	for _, membership := range user.GetMemberships() {
		s.viewMembership(membership)
	}
	return user
}

func (s *users) views(users []*usersv1.User) []*usersv1.User {
	for _, user := range users {
		s.view(user)
	}
	return users
}

// put stores a changed user with a new update_time, and returns its view. That a changed membership counts is assumed
// [U].
func (s *users) put(user *usersv1.User) *usersv1.User {
	user.UpdateTime = timestamppb.New(s.store.UpdateTime(user.GetCreateTime().AsTime()))
	s.rows.Put(user.GetId(), "", user)
	return s.view(user)
}

// GetUser implements the RPC of that name.
func (s *users) GetUser(
	_ context.Context, req *connect.Request[usersv1.GetUserRequest],
) (*connect.Response[usersv1.GetUserResponse], error) {
	return store.Query(s.store, func() (*usersv1.GetUserResponse, error) {
		user, err := s.find(req.Msg)
		return &usersv1.GetUserResponse{User: s.view(user)}, err
	})
}

// listed is one page of users.
func (s *users) listed(rows []*store.Row[*usersv1.User], size uint32, token, scope string) (store.Page[*usersv1.User], error) {
	found, err := store.Paginate(rows, store.PageRequest{Size: size, Max: maxUserPage, Token: token, Scope: scope})
	found.Items = s.views(found.Items)
	return found, err
}

// ListUsers implements the RPC of that name. The order, newest first, is assumed [U].
func (s *users) ListUsers(
	_ context.Context, req *connect.Request[usersv1.ListUsersRequest],
) (*connect.Response[usersv1.ListUsersResponse], error) {
	return store.Query(s.store, func() (*usersv1.ListUsersResponse, error) {
		found, err := s.listed(s.rows.All(), req.Msg.GetPageSize(), req.Msg.GetPageToken(), "users")
		return &usersv1.ListUsersResponse{
			Users: found.Items, NextPageToken: found.Next, PrevPageToken: found.Prev, TotalSize: found.Total,
		}, err
	})
}

// ListOrganizationUsers implements the RPC of that name: everyone with a membership, in whatever state [U].
func (s *users) ListOrganizationUsers(
	_ context.Context, req *connect.Request[usersv1.ListOrganizationUsersRequest],
) (*connect.Response[usersv1.ListOrganizationUsersResponse], error) {
	return store.Query(s.store, func() (*usersv1.ListOrganizationUsersResponse, error) {
		id := req.Msg.GetOrganizationId()
		if !s.organizations.rows.Has(id) {
			return nil, apierr.NotFound("organization", id)
		}
		found, err := s.listed(s.members.Of(id), req.Msg.GetPageSize(), req.Msg.GetPageToken(), "users?organization="+id)
		return &usersv1.ListOrganizationUsersResponse{
			Users: found.Items, NextPageToken: found.Next, PrevPageToken: found.Prev, TotalSize: found.Total,
		}, err
	})
}

// contains is a search: for a part of the email, the id or the external id, in any case of letters. That a part is
// enough is assumed [U].
func contains(user *usersv1.User, query string) bool {
	return slices.ContainsFunc([]string{user.GetEmail(), user.GetId(), user.GetExternalId()}, func(text string) bool {
		return strings.Contains(strings.ToLower(text), query)
	})
}

// SearchUsers implements the RPC of that name.
func (s *users) SearchUsers(
	_ context.Context, req *connect.Request[usersv1.SearchUsersRequest],
) (*connect.Response[usersv1.SearchUsersResponse], error) {
	return store.Query(s.store, func() (*usersv1.SearchUsersResponse, error) {
		wanted := strings.ToLower(req.Msg.GetQuery())
		matching := store.Where(s.rows.All(), func(row *store.Row[*usersv1.User]) bool { return contains(row.Value, wanted) })
		found, err := s.listed(matching, req.Msg.GetPageSize(), req.Msg.GetPageToken(), "users:search?query="+wanted)
		return &usersv1.SearchUsersResponse{
			Users: found.Items, NextPageToken: found.Next, PrevPageToken: found.Prev, TotalSize: found.Total,
		}, err
	})
}

// SearchOrganizationUsers implements the RPC of that name.
func (s *users) SearchOrganizationUsers(
	_ context.Context, req *connect.Request[usersv1.SearchOrganizationUsersRequest],
) (*connect.Response[usersv1.SearchOrganizationUsersResponse], error) {
	return store.Query(s.store, func() (*usersv1.SearchOrganizationUsersResponse, error) {
		id, wanted := req.Msg.GetOrganizationId(), strings.ToLower(req.Msg.GetQuery())
		if !s.organizations.rows.Has(id) {
			return nil, apierr.NotFound("organization", id)
		}
		matching := store.Where(s.members.Of(id), func(row *store.Row[*usersv1.User]) bool { return contains(row.Value, wanted) })
		found, err := s.listed(matching, req.Msg.GetPageSize(), req.Msg.GetPageToken(),
			"users:search?organization="+id+"&query="+wanted)
		return &usersv1.SearchOrganizationUsersResponse{
			Users: found.Items, NextPageToken: found.Next, PrevPageToken: found.Prev, TotalSize: found.Total,
		}, err
	})
}

// CreateUserAndMembership implements the RPC of that name.
func (s *users) CreateUserAndMembership(
	_ context.Context, req *connect.Request[usersv1.CreateUserAndMembershipRequest],
) (*connect.Response[usersv1.CreateUserAndMembershipResponse], error) {
	return store.Mutate(s.store, func() (*usersv1.CreateUserAndMembershipResponse, error) {
		organizationID, wanted := req.Msg.GetOrganizationId(), req.Msg.GetUser()
		user, err := s.create(wanted, "")
		if err != nil {
			return nil, err
		}
		joining := &joining{
			CreateMembership: wanted.GetMembership(),
			organizationID:   organizationID,
			invited:          req.Msg.SendInvitationEmail == nil || req.Msg.GetSendInvitationEmail(),
			field:            "user.membership",
		}
		if err := s.join(user, joining); err != nil {
			return nil, err
		}
		s.rows.Put(user.GetId(), "", user)
		return &usersv1.CreateUserAndMembershipResponse{User: s.view(user)}, nil
	})
}

// create makes a user without memberships; whoever calls it stores it. A seed may give the id.
func (s *users) create(wanted *usersv1.CreateUser, id string) (*usersv1.User, error) {
	id, created, err := store.NewID(s.rows, userPrefix, id)
	if err != nil {
		return nil, err
	}
	email := emailKey(wanted.GetEmail())
	if _, taken := s.emails.Get(email); taken {
		return nil, apierr.Duplicate("user", "email", email)
	}
	if _, taken := s.externalIDs.Get(wanted.GetExternalId()); taken {
		return nil, apierr.Duplicate("user", "external id", wanted.GetExternalId()) // That it is unique is inferred [I].
	}
	profile := wanted.GetUserProfile()
	profileID, _ := s.store.IDs.Next(profilePrefix)
	return &usersv1.User{
		Id:            id,
		EnvironmentId: environmentID,
		CreateTime:    timestamppb.New(created),
		UpdateTime:    timestamppb.New(created),
		Email:         email,
		ExternalId:    nonEmpty(wanted.ExternalId),
		Metadata:      wanted.GetMetadata(),
		UserProfile: &commonsv1.UserProfile{
			Id:                profileID,
			GivenName:         cmp.Or(profile.GetGivenName(), profile.GetFirstName()),
			FamilyName:        cmp.Or(profile.GetFamilyName(), profile.GetLastName()),
			FirstName:         cmp.Or(profile.GetGivenName(), profile.GetFirstName()),
			LastName:          cmp.Or(profile.GetFamilyName(), profile.GetLastName()),
			Name:              profile.GetName(),
			Locale:            profile.GetLocale(),
			PhoneNumber:       profile.GetPhoneNumber(),
			Metadata:          profile.GetMetadata(),
			CustomAttributes:  profile.GetCustomAttributes(),
			PreferredUsername: profile.GetPreferredUsername(),
			Picture:           profile.GetPicture(),
			Gender:            profile.GetGender(),
			Groups:            profile.GetGroups(),
		},
	}, nil
}

// emailKey is the form in which emails are kept: that case does not count is inferred [I].
func emailKey(email string) string { return strings.ToLower(email) }

// UpdateUser implements the RPC of that name. It touches the fields that are sent; a map or list that is sent replaces
// the old one, and an empty one cannot be told from none [I]. An external_id of "" clears it [U].
func (s *users) UpdateUser(
	_ context.Context, req *connect.Request[usersv1.UpdateUserRequest],
) (*connect.Response[usersv1.UpdateUserResponse], error) {
	return store.Mutate(s.store, func() (*usersv1.UpdateUserResponse, error) {
		user, err := s.find(req.Msg)
		if err != nil {
			return nil, err
		}
		change := req.Msg.GetUser()
		if change.ExternalId != nil {
			if other, taken := s.externalIDs.Get(change.GetExternalId()); taken && other != user.GetId() {
				return nil, apierr.Duplicate("user", "external id", change.GetExternalId())
			}
			user.ExternalId = nonEmpty(change.ExternalId)
		}
		if len(change.GetMetadata()) > 0 {
			user.Metadata = change.GetMetadata()
		}
		if user.UserProfile == nil {
			user.UserProfile = &commonsv1.UserProfile{}
		}
		updateProfile(user.GetUserProfile(), change.GetUserProfile())
		return &usersv1.UpdateUserResponse{User: s.put(user)}, nil
	})
}

func updateProfile(profile *commonsv1.UserProfile, change *usersv1.UpdateUserProfile) {
	if change == nil {
		return
	}
	for _, field := range []struct {
		to   *string
		from *string
	}{
		{&profile.GivenName, change.FirstName}, // The deprecated names first, so that the new ones win.
		{&profile.FamilyName, change.LastName},
		{&profile.GivenName, change.GivenName},
		{&profile.FamilyName, change.FamilyName},
		{&profile.Name, change.Name},
		{&profile.Locale, change.Locale},
		{&profile.PhoneNumber, change.PhoneNumber},
		{&profile.PreferredUsername, change.PreferredUsername},
		{&profile.Picture, change.Picture},
		{&profile.Gender, change.Gender},
	} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	profile.FirstName, profile.LastName = profile.GetGivenName(), profile.GetFamilyName()
	if len(change.GetMetadata()) > 0 {
		profile.Metadata = change.GetMetadata()
	}
	if len(change.GetCustomAttributes()) > 0 {
		profile.CustomAttributes = change.GetCustomAttributes()
	}
	if len(change.GetGroups()) > 0 {
		profile.Groups = change.GetGroups()
	}
}

// DeleteUser implements the RPC of that name. The memberships go with the user.
func (s *users) DeleteUser(
	_ context.Context, req *connect.Request[usersv1.DeleteUserRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		user, err := s.find(req.Msg)
		if err != nil {
			return nil, err
		}
		s.remove(user)
		return &emptypb.Empty{}, nil
	})
}

func (s *users) remove(user *usersv1.User) {
	for _, membership := range user.GetMemberships() {
		s.invites.Delete(inviteID(membership.GetOrganizationId(), user.GetId()))
	}
	s.rows.Delete(user.GetId())
}

// now is the time of a change, as precise as the platform's timestamps are assumed to be [U].
func (s *users) now() time.Time { return s.store.Now().UTC().Truncate(time.Millisecond) }
