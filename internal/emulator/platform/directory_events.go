package platform

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// watch publishes that a directory has been enabled or disabled, with the data that the documentation shows. Directories
// have no other events; that a new one which is enabled counts as enabled is inferred [I].
func (s *directories) watch(_ *store.Written, made store.Change[*dirv1.Directory]) {
	now := made.Next
	if now == nil || now.GetEnabled() == made.Old.GetEnabled() || !s.events.wanted() {
		return
	}
	data := map[string]any{
		"directory_type":  now.GetDirectoryType().String(),
		"enabled":         now.GetEnabled(),
		"id":              now.GetId(),
		"organization_id": made.Parent,
		"provider":        now.GetDirectoryProvider().String(),
		"status":          now.GetStatus(),
		"updated_at":      timeText(timestamppb.New(s.store.Now().UTC())),
	}
	if synced := now.GetLastSyncedAt(); synced != nil {
		data["last_sync_at"] = timeText(synced)
	}
	if now.GetEnabled() {
		s.events.add("organization.directory_enabled", made.Parent, data)
	} else {
		s.events.add("organization.directory_disabled", made.Parent, data)
	}
}

func timeText(t *timestamppb.Timestamp) string {
	return t.AsTime().Format("2006-01-02T15:04:05.999999999Z07:00")
}

// watchUsers publishes what has happened to a directory's user.
func (s *directories) watchUsers(_ *store.Written, made store.Change[*dirv1.DirectoryUser]) {
	if !s.events.wanted() {
		return
	}
	shown := proto.CloneOf(made.Last())
	s.viewUsers([]*dirv1.DirectoryUser{shown}, true)
	if organizationID := s.rows.Parent(made.Parent); organizationID != "" { // else the directory is gone
		addLifecycle(s.events, made, "organization.directory.user_", organizationID, s.userEventData(shown, organizationID, made.Deleted))
	}
}

// watchGroups publishes what has happened to a directory's group.
func (s *directories) watchGroups(_ *store.Written, made store.Change[*dirv1.DirectoryGroup]) {
	if !s.events.wanted() {
		return
	}
	shown := proto.CloneOf(made.Last())
	s.viewGroups([]*dirv1.DirectoryGroup{shown}, true)
	if organizationID := s.rows.Parent(made.Parent); organizationID != "" { // else the directory is gone
		addLifecycle(s.events, made, "organization.directory.group_", organizationID, groupEventData(shown, made.Parent, organizationID, made.Deleted))
	}
}
