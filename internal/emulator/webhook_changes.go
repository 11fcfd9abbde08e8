package emulator

import (
	"encoding/json"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// eventsOf says which events the changes of one write are, in their order. The store must be locked.
//
// What goes with an organization or a directory that is deleted has no events of its own: whether it has on the platform
// is unknown [U]. Directories themselves have events for being enabled and disabled alone; that a new one which is
// enabled counts as enabled is inferred [I].
func (s *webhooks) eventsOf(changes []store.Change) []*webhookEvent {
	run := &eventRun{webhooks: s, gone: map[string]bool{}}
	for _, made := range changes {
		if made.Next == nil {
			run.gone[made.ID] = true
		}
	}
	for _, made := range changes {
		switch made.Table {
		case "organizations":
			run.lifecycle(made, "organization.", made.ID, messageData(made))
		case "roles":
			if !run.gone[made.Parent] {
				run.lifecycle(made, "role.", "", messageData(made))
			}
		case "permissions":
			run.lifecycle(made, "permission.", "", messageData(made))
		case "domains":
			if made.Old == nil || made.Next == nil && !run.gone[made.Parent] {
				run.lifecycle(made, "organization.domain_", made.Parent, messageData(made))
			}
		case "directories":
			run.directory(made)
		case "directory_users":
			run.ofDirectory(made, "organization.directory.user_")
		case "directory_groups":
			run.ofDirectory(made, "organization.directory.group_")
		case "users":
			run.memberships(made)
		}
	}
	return run.events
}

// eventRun is one write whose events are looked for.
type eventRun struct {
	*webhooks

	gone   map[string]bool // the ids of what the write has deleted
	events []*webhookEvent
}

func (r *eventRun) add(name, organizationID string, data any) {
	kind, ok := eventTypeNamed(name)
	if !ok {
		return
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return // The data are maps and JSON.
	}
	r.events = append(r.events, r.newEvent(kind, organizationID, encoded))
}

// lifecycle adds the event that something has been created, updated or deleted.
func (r *eventRun) lifecycle(made store.Change, prefix, organizationID string, data any) {
	switch {
	case made.Old == nil:
		r.add(prefix+"created", organizationID, data)
	case made.Next == nil:
		r.add(prefix+"deleted", organizationID, data)
	default:
		r.add(prefix+"updated", organizationID, data)
	}
}

// directory adds the event that a directory has been enabled or disabled, with the data that the documentation shows.
func (r *eventRun) directory(made store.Change) {
	before, _ := made.Old.(*dirv1.Directory)
	now, _ := made.Next.(*dirv1.Directory)
	if now == nil || now.GetEnabled() == before.GetEnabled() {
		return
	}
	data := map[string]any{
		"directory_type":  now.GetDirectoryType().String(),
		"enabled":         now.GetEnabled(),
		"id":              now.GetId(),
		"organization_id": made.Parent,
		"provider":        now.GetDirectoryProvider().String(),
		"status":          now.GetStatus(),
		"updated_at":      timeText(timestamppb.New(r.store.Now().UTC())),
	}
	if synced := now.GetLastSyncedAt(); synced != nil {
		data["last_sync_at"] = timeText(synced)
	}
	if now.GetEnabled() {
		r.add("organization.directory_enabled", made.Parent, data)
	} else {
		r.add("organization.directory_disabled", made.Parent, data)
	}
}

func timeText(t *timestamppb.Timestamp) string {
	return t.AsTime().Format("2006-01-02T15:04:05.999999999Z07:00")
}

// ofDirectory adds the event of a user or a group of a directory.
func (r *eventRun) ofDirectory(made store.Change, prefix string) {
	organizationID := r.directories.rows.Parent(made.Parent)
	if organizationID == "" {
		return // The directory is gone.
	}
	shown := proto.Clone(lastOf(made))
	active := made.Next != nil
	switch object := shown.(type) {
	case *dirv1.DirectoryUser:
		r.directories.viewUsers([]*dirv1.DirectoryUser{object}, true)
	case *dirv1.DirectoryGroup:
		r.directories.viewGroups([]*dirv1.DirectoryGroup{object}, true)
	}
	data := messageMap(shown)
	data["directory_id"], data["organization_id"], data["active"] = made.Parent, organizationID, active
	r.lifecycle(made, prefix, organizationID, data)
}

// memberships adds the events of a user's memberships that have come, changed and gone. A user alone has no events but
// those of signing in.
func (r *eventRun) memberships(made store.Change) {
	before, _ := made.Old.(*usersv1.User)
	now, _ := made.Next.(*usersv1.User)
	const prefix = "user.organization_membership_"
	for _, membership := range now.GetMemberships() {
		organizationID := membership.GetOrganizationId()
		old := membershipOf(before, organizationID)
		switch {
		case old == nil:
			r.add(prefix+"created", organizationID, r.membershipData(now, membership))
			if membership.GetMembershipStatus() == commonsv1.MembershipStatus_PENDING_INVITE {
				r.add("user.organization_invitation", organizationID, r.membershipData(now, membership))
			}
		case !proto.Equal(old, membership):
			r.add(prefix+"updated", organizationID, r.membershipData(now, membership))
		}
	}
	for _, membership := range before.GetMemberships() {
		organizationID := membership.GetOrganizationId()
		if membershipOf(now, organizationID) == nil && !r.gone[organizationID] {
			r.add(prefix+"deleted", organizationID, r.membershipData(before, membership))
		}
	}
}

// membershipData is what the documentation shows for these events: the organization, and the user with the membership.
func (r *eventRun) membershipData(user *usersv1.User, membership *commonsv1.OrganizationMembership) any {
	shown := proto.CloneOf(membership)
	r.users.viewMembership(shown)
	alone := proto.CloneOf(user)
	alone.Memberships = nil
	userData := messageMap(alone)
	userData["membership"] = messageMap(shown)
	organization := map[string]any{"id": membership.GetOrganizationId()}
	if found := r.users.organizations.rows.Row(membership.GetOrganizationId()); found != nil {
		organization = messageMap(found.Value)
	}
	return map[string]any{"organization": organization, "user": userData}
}

// lastOf is an object as it is, or as it was before it went.
func lastOf(made store.Change) proto.Message {
	if made.Next != nil {
		return made.Next
	}
	return made.Old
}

func messageData(made store.Change) any { return messageMap(lastOf(made)) }

// messageMap is a message as the API's JSON has it.
func messageMap(message proto.Message) map[string]any {
	out := map[string]any{}
	if encoded, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(message); err == nil {
		_ = json.Unmarshal(encoded, &out) // It is JSON.
	}
	return out
}
