package platform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

const directoryUserPrefix = "diruser_"

// ListDirectoryUsers implements the RPC of that name. That the newest come first, as they do for organizations, is
// assumed [U], and so is that a group of another directory is NOT_FOUND.
func (s *directories) ListDirectoryUsers(
	_ context.Context, req *connect.Request[dirv1.ListDirectoryUsersRequest],
) (*connect.Response[dirv1.ListDirectoryUsersResponse], error) {
	return store.Query(s.store, func() (*dirv1.ListDirectoryUsersResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetDirectoryId())
		if err != nil {
			return nil, err
		}
		directoryID, groupID := directory.GetId(), req.Msg.GetDirectoryGroupId()
		if groupID != "" && s.groups.Parent(groupID) != directoryID {
			return nil, apierr.NotFound("directory group", groupID)
		}
		rows := s.users.Children.Of(directoryID)
		if groupID != "" {
			rows = s.members.Of(groupID)
		}
		found, err := listUpdated(rows, req.Msg.GetUpdatedAfter(), store.PageRequest{
			Size:  req.Msg.GetPageSize(),
			Max:   maxDirectoryPage,
			Token: req.Msg.GetPageToken(),
			Scope: directoryID + "/users?group=" + groupID + "&updated_after=" + afterText(req.Msg.GetUpdatedAfter()),
		})
		s.viewUsers(found.Items, req.Msg.GetIncludeDetail())
		return &dirv1.ListDirectoryUsersResponse{
			Users:         found.Items,
			NextPageToken: found.Next,
			PrevPageToken: found.Prev,
			TotalSize:     found.Total,
		}, err
	})
}

func inGroup(user *dirv1.DirectoryUser, groupID string) bool {
	return slices.ContainsFunc(user.GetGroups(), func(group *dirv1.DirectoryGroup) bool { return group.GetId() == groupID })
}

// viewUsers adds to users what they do not hold themselves. How much of its groups a user shows is unknown [U]: here
// neither detail nor total_users.
func (s *directories) viewUsers(users []*dirv1.DirectoryUser, detail bool) {
	for _, user := range users {
		for i, reference := range user.GetGroups() {
			if group, err := s.groups.Get(reference.GetId()); err == nil {
				group.GroupDetail = nil
				user.Groups[i] = group
			}
		}
		switch {
		case !detail:
			user.UserDetail = nil
		case user.GetUserDetail() == nil:
			user.UserDetail = userDetail(user)
		}
	}
}

// userDetail is what an identity provider may have sent for a user: a SCIM resource [U], with the id, e-mail address and
// name that a detail has [S].
func userDetail(user *dirv1.DirectoryUser) *structpb.Struct {
	var emails []*structpb.Value
	for _, email := range user.GetEmails() {
		emails = append(emails, object(map[string]*structpb.Value{
			"value":   structpb.NewStringValue(email),
			"primary": structpb.NewBoolValue(email == user.GetEmail()),
		}))
	}
	return object(map[string]*structpb.Value{
		"id":           structpb.NewStringValue(user.GetId()),
		"email":        structpb.NewStringValue(user.GetEmail()),
		"display_name": structpb.NewStringValue(fullName(user)),

		"active":   structpb.NewBoolValue(true),
		"userName": structpb.NewStringValue(user.GetPreferredUsername()),
		"emails":   structpb.NewListValue(&structpb.ListValue{Values: emails}),
		"name": object(map[string]*structpb.Value{
			"givenName":  structpb.NewStringValue(user.GetGivenName()),
			"familyName": structpb.NewStringValue(user.GetFamilyName()),
		}),
	}).GetStructValue()
}

func fullName(user *dirv1.DirectoryUser) string {
	return strings.TrimSpace(user.GetGivenName() + " " + user.GetFamilyName())
}

func object(fields map[string]*structpb.Value) *structpb.Value {
	return structpb.NewStructValue(&structpb.Struct{Fields: fields})
}

// detailStruct reads a user_detail or group_detail; none is nil.
func detailStruct(raw []byte) (*structpb.Struct, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil //nolint:nilnil // An object without detail shows one made of its properties.
	}
	detail := &structpb.Struct{}
	if err := detail.UnmarshalJSON(raw); err != nil {
		return nil, errors.New("not an object")
	}
	return detail, nil
}

// population is what a directory has, by what its users are told apart by and name their groups by. It is made once for
// many new users.
type population struct {
	emails map[string]bool     // in lower case
	groups map[string][]string // ids by display name, and by id
}

func (s *directories) population(directoryID string) population {
	found := population{emails: map[string]bool{}, groups: map[string][]string{}}
	for _, row := range s.users.Children.Of(directoryID) {
		found.emails[strings.ToLower(row.Value.GetEmail())] = true
	}
	for _, row := range s.groups.Children.Of(directoryID) {
		name := row.Value.GetDisplayName()
		found.groups[name] = append(found.groups[name], row.ID)
		if name != row.ID {
			found.groups[row.ID] = append(found.groups[row.ID], row.ID)
		}
	}
	return found
}

// group finds a group by its display name or its id.
func (p population) group(name string) (string, error) {
	switch ids := p.groups[name]; len(ids) {
	case 0:
		return "", fmt.Errorf("there is no group %q", name)
	case 1:
		return ids[0], nil
	default:
		return "", fmt.Errorf("there are %d groups %q; name it by its id", len(ids), name)
	}
}

// addUser stores a user as its identity provider sends it. The platform processes only those whose e-mail domain is one
// of the organization's own; here all are taken, so that a seed needs no domains.
func (s *directories) addUser(directoryID string, wanted SeedDirectoryUser, there population) (*dirv1.DirectoryUser, error) {
	email := strings.ToLower(wanted.Email)
	switch before, domain, ok := strings.Cut(email, "@"); {
	case !ok || before == "" || domain == "":
		return nil, fmt.Errorf("email: %q is not an e-mail address", wanted.Email)
	case there.emails[email]:
		return nil, fmt.Errorf("email: the directory has a user %q already", wanted.Email)
	}
	for name, text := range map[string]string{
		"email": wanted.Email, "preferred_username": wanted.PreferredUsername,
		"given_name": wanted.GivenName, "family_name": wanted.FamilyName,
	} {
		if utf8.RuneCountInString(text) > maxDirectoryText {
			return nil, fmt.Errorf("%s: must have at most %d characters", name, maxDirectoryText)
		}
	}
	detail, err := detailStruct(wanted.UserDetail)
	if err != nil {
		return nil, fmt.Errorf("user_detail: %w", err)
	}
	user := &dirv1.DirectoryUser{
		Email:             wanted.Email,
		PreferredUsername: wanted.PreferredUsername,
		GivenName:         wanted.GivenName,
		FamilyName:        wanted.FamilyName,
		Emails:            wanted.Emails,
		UserDetail:        detail,
	}
	if user.GetPreferredUsername() == "" {
		user.PreferredUsername = user.GetEmail()
	}
	if len(user.GetEmails()) == 0 {
		user.Emails = []string{user.GetEmail()}
	}
	for i, name := range wanted.Groups {
		groupID, err := there.group(name)
		if err != nil {
			return nil, fmt.Errorf("groups[%d]: %w", i, err)
		}
		if !inGroup(user, groupID) {
			user.Groups = append(user.Groups, &dirv1.DirectoryGroup{Id: groupID})
		}
	}
	id, created, err := store.NewID(s.users, directoryUserPrefix, wanted.ID)
	if err != nil {
		return nil, err
	}
	user.Id, user.UpdatedAt = id, timestamppb.New(created)
	s.users.Put(id, directoryID, user)
	there.emails[email] = true
	return user, nil
}
