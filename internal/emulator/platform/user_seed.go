package platform

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// SeedUser is a member of an organization. One whose email a user has already makes that user a member, and may then
// have nothing but the email, the roles, the metadata of the membership and its status.
type SeedUser struct {
	ID         string            `json:"id"` // "usr_" and digits
	Email      string            `json:"email"`
	ExternalID string            `json:"external_id"`
	GivenName  string            `json:"given_name"`
	FamilyName string            `json:"family_name"`
	Name       string            `json:"name"` // made of the two where it is ""
	Metadata   map[string]string `json:"metadata"`

	// Roles are names of roles; none means the default one.
	Roles              []string          `json:"roles"`
	MembershipMetadata map[string]string `json:"membership_metadata"`
	MembershipStatus   string            `json:"membership_status"` // "ACTIVE" (also ""), "INACTIVE" or "PENDING_INVITE"
}

// seed creates a seed's users.
func (s *users) seed(run *seeding) error {
	for i, organization := range run.Organizations {
		for j, wanted := range organization.Users {
			if err := s.seedUser(run.organizationIDs[i], wanted); err != nil {
				return fmt.Errorf("organizations[%d].users[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

func (s *users) seedUser(organizationID string, wanted SeedUser) error {
	status := commonsv1.MembershipStatus_ACTIVE
	switch wanted.MembershipStatus {
	case "", "ACTIVE", "INACTIVE", "PENDING_INVITE":
		if number, ok := commonsv1.MembershipStatus_value[wanted.MembershipStatus]; ok {
			status = commonsv1.MembershipStatus(number)
		}
	default:
		return fmt.Errorf("membership_status: there is no %q for a seed", wanted.MembershipStatus)
	}
	if wanted.Name == "" && wanted.GivenName != "" && wanted.FamilyName != "" {
		wanted.Name = wanted.GivenName + " " + wanted.FamilyName
	}
	membership := &usersv1.CreateMembership{Metadata: wanted.MembershipMetadata}
	for _, name := range wanted.Roles {
		membership.Roles = append(membership.Roles, &commonsv1.Role{Name: name})
	}
	request := &usersv1.CreateUserAndMembershipRequest{OrganizationId: organizationID, User: &usersv1.CreateUser{
		Email:      wanted.Email,
		ExternalId: nonEmpty(&wanted.ExternalID),
		Metadata:   wanted.Metadata,
		Membership: membership,
		UserProfile: &usersv1.CreateUserProfile{
			GivenName: wanted.GivenName, FamilyName: wanted.FamilyName, Name: wanted.Name,
		},
	}}
	if err := apierr.Validate(request); err != nil {
		return err
	}
	user, err := s.seedAccount(request.GetUser(), wanted)
	if err != nil {
		return err
	}
	if err := s.join(user, &joining{
		CreateMembership: membership,
		organizationID:   organizationID,
		invited:          status == commonsv1.MembershipStatus_PENDING_INVITE,
		field:            "user.membership",
	}); err != nil {
		return err
	}
	membershipOf(user, organizationID).MembershipStatus = status
	s.rows.Put(user.GetId(), "", user)
	return nil
}

// seedAccount makes the user, or finds the one that has the email.
func (s *users) seedAccount(request *usersv1.CreateUser, wanted SeedUser) (*usersv1.User, error) {
	id, found := s.emails.Get(emailKey(wanted.Email))
	if !found {
		return s.create(request, wanted.ID)
	}
	if wanted.ID != "" && wanted.ID != id || wanted.ExternalID != "" || wanted.GivenName != "" ||
		wanted.FamilyName != "" || wanted.Name != "" || len(wanted.Metadata) > 0 {
		return nil, apierr.Duplicate("user", "email", wanted.Email)
	}
	user, err := s.rows.Get(id)
	if err != nil {
		return nil, err
	}
	user.UpdateTime = timestamppb.New(s.store.UpdateTime(user.GetCreateTime().AsTime()))
	return user, nil
}
