package platform

import (
	"context"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// invitationLifetime is documented.
const invitationLifetime = 15 * 24 * time.Hour

// The documented names of provisioning methods that the API can bring about.
const (
	provisionedDirectly     = "direct_provision"
	provisionedByInvitation = "invitation"
)

// membershipOf returns a user's membership of an organization, or nil.
func membershipOf(user *usersv1.User, organizationID string) *commonsv1.OrganizationMembership {
	for _, membership := range user.GetMemberships() {
		if membership.GetOrganizationId() == organizationID {
			return membership
		}
	}
	return nil
}

// viewMembership fills in what a stored membership does not have: the organization's name, the roles in full, their
// permissions, and whether an invitation has expired meanwhile.
func (s *users) viewMembership(membership *commonsv1.OrganizationMembership) {
	organizationID := membership.GetOrganizationId()
	if organization := s.organizations.rows.Row(organizationID); organization != nil {
		membership.Name = new(organization.Value.GetDisplayName())
		membership.DisplayName = membership.Name
	}
	membership.MembershipStatus = s.status(membership)
	membership.Permissions = nil
	for _, role := range membership.GetRoles() {
		found, ok := s.roles.visible(organizationID, role.GetName())
		if !ok {
			continue
		}
		role.Id, role.DisplayName = found.ID, found.Value.GetDisplayName()
		for _, permission := range s.roles.effective(found) {
			if !slices.Contains(membership.GetPermissions(), permission.GetName()) {
				membership.Permissions = append(membership.Permissions, permission.GetName())
			}
		}
	}
}

func (s *users) status(membership *commonsv1.OrganizationMembership) commonsv1.MembershipStatus {
	if membership.GetMembershipStatus() == commonsv1.MembershipStatus_PENDING_INVITE &&
		!s.store.Now().Before(membership.GetExpiresAt().AsTime()) {
		return commonsv1.MembershipStatus_INVITE_EXPIRED
	}
	return membership.GetMembershipStatus()
}

// joining is a membership that begins.
type joining struct {
	*usersv1.CreateMembership

	organizationID string
	invited        bool
	field          string // of the membership in the request, for errors
}

// join gives a user a membership: with the roles that are named, or the default one. Without an invitation it is ACTIVE
// at once [I]. The caller stores the user.
func (s *users) join(user *usersv1.User, wanted *joining) error {
	organizationID := wanted.organizationID
	if !s.organizations.rows.Has(organizationID) {
		return apierr.NotFound("organization", organizationID)
	}
	if membershipOf(user, organizationID) != nil {
		return apierr.Duplicate("membership", "user", user.GetId())
	}
	if err := s.checkLimit(organizationID); err != nil {
		return err
	}
	roles, err := s.resolveRoles(organizationID, wanted.GetRoles(), wanted.field+".roles")
	if err != nil {
		return err
	}
	if len(roles) == 0 {
		roles = []*commonsv1.Role{{Name: s.roles.defaultMember(organizationID)}}
	}
	now := s.now()
	membership := &commonsv1.OrganizationMembership{
		OrganizationId:     organizationID,
		CreatedAt:          timestamppb.New(now),
		Roles:              roles,
		Metadata:           wanted.GetMetadata(),
		InviterEmail:       nonEmpty(new(wanted.GetInviterEmail())),
		MembershipStatus:   commonsv1.MembershipStatus_ACTIVE,
		ProvisioningMethod: new(provisionedDirectly),
	}
	if wanted.invited {
		membership.MembershipStatus = commonsv1.MembershipStatus_PENDING_INVITE
		membership.ProvisioningMethod = new(provisionedByInvitation)
		membership.ExpiresAt = timestamppb.New(now.Add(invitationLifetime))
		s.invite(user.GetId(), membership)
	} else {
		membership.AcceptedAt = timestamppb.New(now)
		membership.JoinTime = timestamppb.New(now)
	}
	user.Memberships = append(user.Memberships, membership)
	return nil
}

// checkLimit holds max_allowed_users against one more member. Which code the platform refuses it with is unknown [U].
func (s *users) checkLimit(organizationID string) error {
	settings := s.organizations.userManagement.Row(organizationID)
	if settings == nil {
		return nil
	}
	limit := int(settings.Value.GetMaxAllowedUsers().GetValue())
	if limit == 0 {
		return nil
	}
	count := 0
	for _, row := range s.members.Of(organizationID) {
		switch s.status(membershipOf(row.Value, organizationID)) {
		case commonsv1.MembershipStatus_ACTIVE, commonsv1.MembershipStatus_PENDING_INVITE:
			count++
		}
	}
	if count >= limit {
		return apierr.New(connect.CodeInvalidArgument, "organization %q already has its maximum of %d users", organizationID, limit)
	}
	return nil
}

// resolveRoles returns the roles that a request names, by name or by id, each with its name alone and once.
func (s *users) resolveRoles(organizationID string, wanted []*commonsv1.Role, field string) ([]*commonsv1.Role, error) {
	var out []*commonsv1.Role
	for i, role := range wanted {
		name := role.GetName()
		if name == "" {
			if role.GetId() == "" {
				return nil, apierr.InvalidField(fmt.Sprintf("%s[%d]", field, i), "required", "a role needs a name or an id")
			}
			found := s.roles.rows.Row(role.GetId())
			if found == nil {
				return nil, apierr.NotFound("role", role.GetId())
			}
			name = found.Value.GetName()
		}
		found, ok := s.roles.visible(organizationID, name)
		if !ok || role.GetId() != "" && role.GetId() != found.ID {
			return nil, apierr.NotFound("role", name)
		}
		if !hasRole(out, name) {
			out = append(out, &commonsv1.Role{Name: name})
		}
	}
	return out, nil
}

func hasRole(roles []*commonsv1.Role, name string) bool {
	return slices.ContainsFunc(roles, func(role *commonsv1.Role) bool { return role.GetName() == name })
}

// findMembership returns a clone of the user that a request names, and its membership in it.
func (s *users) findMembership(
	organizationID string, req identifiedUser,
) (*usersv1.User, *commonsv1.OrganizationMembership, error) {
	if !s.organizations.rows.Has(organizationID) {
		return nil, nil, apierr.NotFound("organization", organizationID)
	}
	user, err := s.find(req)
	if err != nil {
		return nil, nil, err
	}
	membership := membershipOf(user, organizationID)
	if membership == nil {
		return nil, nil, apierr.New(connect.CodeNotFound, "user %q is not a member of %q", user.GetId(), organizationID)
	}
	return user, membership, nil
}

// CreateMembership implements the RPC of that name.
func (s *users) CreateMembership(
	_ context.Context, req *connect.Request[usersv1.CreateMembershipRequest],
) (*connect.Response[usersv1.CreateMembershipResponse], error) {
	return store.Mutate(s.store, func() (*usersv1.CreateMembershipResponse, error) {
		user, err := s.find(req.Msg)
		if err != nil {
			return nil, err
		}
		if err := s.join(user, &joining{
			CreateMembership: req.Msg.GetMembership(),
			organizationID:   req.Msg.GetOrganizationId(),
			invited:          req.Msg.SendInvitationEmail == nil || req.Msg.GetSendInvitationEmail(),
			field:            "membership",
		}); err != nil {
			return nil, err
		}
		return &usersv1.CreateMembershipResponse{User: s.put(user)}, nil
	})
}

// UpdateMembership implements the RPC of that name. Roles and metadata that are sent replace the old ones; what is empty
// cannot be told from what is not sent, and changes nothing [I].
func (s *users) UpdateMembership(
	_ context.Context, req *connect.Request[usersv1.UpdateMembershipRequest],
) (*connect.Response[usersv1.UpdateMembershipResponse], error) {
	return store.Mutate(s.store, func() (*usersv1.UpdateMembershipResponse, error) {
		user, membership, err := s.findMembership(req.Msg.GetOrganizationId(), req.Msg)
		if err != nil {
			return nil, err
		}
		change := req.Msg.GetMembership()
		roles, err := s.resolveRoles(req.Msg.GetOrganizationId(), change.GetRoles(), "membership.roles")
		if err != nil {
			return nil, err
		}
		if len(roles) > 0 {
			membership.Roles = roles
		}
		if len(change.GetMetadata()) > 0 {
			membership.Metadata = change.GetMetadata()
		}
		return &usersv1.UpdateMembershipResponse{User: s.put(user)}, nil
	})
}

// DeleteMembership implements the RPC of that name. A user that is left without memberships is deleted if cascade asks for
// it; see [Quirks.IgnoresCascade] and [Quirks.CascadesUnasked]. That a user whom an external id does not find is INVALID_ARGUMENT here has been
// seen.
func (s *users) DeleteMembership(
	_ context.Context, req *connect.Request[usersv1.DeleteMembershipRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		organizationID := req.Msg.GetOrganizationId()
		if externalID := req.Msg.GetExternalId(); externalID != "" {
			if _, ok := s.externalIDs.Get(externalID); !ok {
				return nil, apierr.New(connect.CodeInvalidArgument, "user with external id %q not found", externalID)
			}
		}
		user, _, err := s.findMembership(organizationID, req.Msg)
		if err != nil {
			return nil, err
		}
		cascade := !s.quirks.IgnoresCascade && (req.Msg.GetCascade() || req.Msg.Cascade == nil && s.quirks.CascadesUnasked)
		s.end(user, organizationID, cascade)
		return &emptypb.Empty{}, nil
	})
}

// end takes a user out of an organization; cascade deletes one that has no other.
func (s *users) end(user *usersv1.User, organizationID string, cascade bool) {
	s.invites.Delete(inviteID(organizationID, user.GetId()))
	user.Memberships = slices.DeleteFunc(user.GetMemberships(), func(m *commonsv1.OrganizationMembership) bool {
		return m.GetOrganizationId() == organizationID
	})
	if cascade && len(user.GetMemberships()) == 0 {
		s.rows.Delete(user.GetId())
		return
	}
	s.put(user)
}

// leave takes everyone out of an organization that is deleted. As documented, a user without another goes with it.
func (s *users) organizationDeleted(organizationID string) {
	for _, row := range slices.Clone(s.members.Of(organizationID)) {
		s.end(proto.CloneOf(row.Value), organizationID, true)
	}
}
