package emulator

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
)

// event is an event of the platform, in its documented envelope.
type event struct {
	kind           eventType
	id             string
	time           time.Time
	organizationID string // "" for the events of roles and permissions
	data           json.RawMessage
}

// newEvent makes an event that happens now.
func (e *events) newEvent(kind eventType, organizationID string, data json.RawMessage) *event {
	id, _ := e.ids.Next("evt_")
	return &event{kind: kind, id: id, time: e.now().UTC(), organizationID: organizationID, data: data}
}

// payload is the body that endpoints get.
func (e *event) payload() []byte {
	envelope := struct {
		SpecVersion    string          `json:"spec_version"`
		ID             string          `json:"id"`
		Type           string          `json:"type"`
		OccurredAt     string          `json:"occurred_at"`
		EnvironmentID  string          `json:"environment_id"`
		OrganizationID string          `json:"organization_id,omitempty"`
		Object         string          `json:"object"`
		Data           json.RawMessage `json:"data"`
		DisplayName    string          `json:"display_name"`
	}{
		"1", e.id, e.kind.name, e.time.Format(time.RFC3339Nano), environmentID, e.organizationID, e.kind.object, e.data,
		e.kind.title(),
	}
	content, err := json.Marshal(envelope)
	if err != nil {
		return nil // Strings and JSON alone.
	}
	return content
}

// listener is told of events, while the store is locked.
type listener interface {
	// listening says whether there is anybody for whom to make events.
	listening() bool
	publish(*event)
}

// events is the feed of what happens in the environment. Every table says in its constructor which events its changes
// are, or that they are none.
//
// What goes with an organization or a directory that is deleted has no events of its own: whether it has on the platform
// is unknown [U].
type events struct {
	now      func() time.Time
	ids      *store.IDSource // of events, which are not in the state file
	listener listener
}

// wanted says whether anybody listens.
func (e *events) wanted() bool { return e.listener != nil && e.listener.listening() }

// add publishes an event, unless the platform has no events of that name.
func (e *events) add(name, organizationID string, data any) {
	kind, ok := eventTypeNamed(name)
	if !ok {
		return
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return // The data are maps and JSON.
	}
	e.listener.publish(e.newEvent(kind, organizationID, encoded))
}

// lifecycle watches a table whose objects have events for being created, updated and deleted. owner is the id of the
// organization that they belong to, in the events.
func lifecycle[T proto.Message](e *events, prefix string, owner func(store.Change[T]) string) store.Watcher[T] {
	return func(written *store.Written, made store.Change[T]) {
		if e.wanted() && !written.Deleted(made.Parent) {
			addLifecycle(e, made, prefix, owner(made), messageMap(made.Last()))
		}
	}
}

// addLifecycle publishes that something has been created, updated or deleted.
func addLifecycle[T any](e *events, made store.Change[T], prefix, organizationID string, data map[string]any) {
	switch {
	case made.Created:
		e.add(prefix+"created", organizationID, data)
	case made.Deleted:
		e.add(prefix+"deleted", organizationID, data)
	default:
		e.add(prefix+"updated", organizationID, data)
	}
}

// Whose the events of an object are: its own, its parent's, or the environment's.
func itsOwn[T any](made store.Change[T]) string     { return made.ID }
func itsParents[T any](made store.Change[T]) string { return made.Parent }
func nobodys[T any](store.Change[T]) string         { return "" }

// messageMap is a message as the API's JSON has it.
func messageMap(message proto.Message) map[string]any {
	out := map[string]any{}
	if encoded, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(message); err == nil {
		_ = json.Unmarshal(encoded, &out) // It is JSON.
	}
	return out
}
