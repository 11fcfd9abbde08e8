package platform

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// pendingInvite is an invite's status, as the official SDKs expect it [S].
const pendingInvite = "PENDING_INVITE"

func inviteID(organizationID, userID string) string { return organizationID + "/" + userID }

// invite notes an invitation. The emulator sends no mail, and nobody accepts.
func (s *users) invite(userID string, membership *commonsv1.OrganizationMembership) {
	organizationID := membership.GetOrganizationId()
	s.invites.Put(inviteID(organizationID, userID), organizationID, &usersv1.Invite{
		OrganizationId: organizationID,
		UserId:         userID,
		InviterEmail:   membership.InviterEmail,
		Status:         pendingInvite,
		CreatedAt:      membership.GetCreatedAt(),
		ExpiresAt:      membership.GetExpiresAt(),
	})
}

// ResendInvite implements the RPC of that name. An invitation that has expired lasts another 15 days; one that has not is
// sent again as it is [D]. Members who have joined have none: INVALID_ARGUMENT [I].
func (s *users) ResendInvite(
	_ context.Context, req *connect.Request[usersv1.ResendInviteRequest],
) (*connect.Response[usersv1.ResendInviteResponse], error) {
	return store.Mutate(s.store, func() (*usersv1.ResendInviteResponse, error) {
		organizationID := req.Msg.GetOrganizationId()
		user, membership, err := s.findMembership(organizationID, member{req.Msg.GetId()})
		if err != nil {
			return nil, err
		}
		id := inviteID(organizationID, user.GetId())
		if !s.invites.Has(id) {
			return nil, apierr.New(connect.CodeInvalidArgument, "user %q has no pending invitation", user.GetId())
		}
		invite, err := s.invites.Get(id)
		if err != nil {
			return nil, err
		}
		now := s.now()
		if !now.Before(invite.GetExpiresAt().AsTime()) {
			invite.ExpiresAt = timestamppb.New(now.Add(invitationLifetime))
		}
		invite.ResentAt = timestamppb.New(now)
		invite.ResentCount++
		s.invites.Put(id, organizationID, invite)
		membership.ExpiresAt = invite.GetExpiresAt()
		s.put(user)
		return &usersv1.ResendInviteResponse{Invite: invite}, nil
	})
}
