package platform

import (
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// watch publishes which of a user's memberships have come, changed and gone. A user alone has no events but those of
// signing in.
func (s *users) watch(written *store.Written, made store.Change[*usersv1.User]) {
	if !s.events.wanted() {
		return
	}
	before, now := made.Old, made.Next
	const prefix = "user.organization_membership_"
	for _, membership := range now.GetMemberships() {
		organizationID := membership.GetOrganizationId()
		old := membershipOf(before, organizationID)
		switch {
		case old == nil:
			s.events.add(prefix+"created", organizationID, s.membershipData(now, membership))
			if membership.GetMembershipStatus() == commonsv1.MembershipStatus_PENDING_INVITE {
				s.events.add("user.organization_invitation", organizationID, s.membershipData(now, membership))
			}
		case !proto.Equal(old, membership):
			s.events.add(prefix+"updated", organizationID, s.membershipData(now, membership))
		}
	}
	for _, membership := range before.GetMemberships() {
		organizationID := membership.GetOrganizationId()
		if membershipOf(now, organizationID) == nil && !written.Deleted(organizationID) {
			s.events.add(prefix+"deleted", organizationID, s.membershipData(before, membership))
		}
	}
}

// membershipData is what the documentation shows for these events: the organization, and the user with the membership.
func (s *users) membershipData(user *usersv1.User, membership *commonsv1.OrganizationMembership) any {
	shown := proto.CloneOf(membership)
	s.viewMembership(shown)
	alone := proto.CloneOf(user)
	alone.Memberships = nil
	userData := messageMap(alone)
	userData["membership"] = messageMap(shown)
	organization := map[string]any{"id": membership.GetOrganizationId()}
	if found := s.organizations.rows.Row(membership.GetOrganizationId()); found != nil {
		organization = messageMap(found.Value)
	}
	return map[string]any{"organization": organization, "user": userData}
}
