package platform

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
)

// Event is an event of the platform, in its documented envelope.
type Event struct {
	Kind           EventType
	id             string
	Time           time.Time
	OrganizationID string // "" for the events of roles and permissions
	data           json.RawMessage
}

// events is the feed of what happens in the environment. Every table says in its constructor which events its changes
// are, or that they are none.
//
// What goes with an organization or a directory that is deleted has no events of its own: whether it has on the platform
// is unknown [U].
type events struct {
	now      func() time.Time
	ids      *store.IDSource // of events, which are not in the state file
	listener Listener
}

// newEvent makes an event that happens now.
func (e *events) newEvent(kind EventType, organizationID string, data json.RawMessage) *Event {
	id, _ := e.ids.Next("evt_")
	return &Event{Kind: kind, id: id, Time: e.now().UTC(), OrganizationID: organizationID, data: data}
}

// Payload is the body that endpoints get.
func (e *Event) Payload() []byte {
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
		"1", e.id, e.Kind.Name, e.Time.Format(time.RFC3339Nano), environmentID, e.OrganizationID, e.Kind.Object, e.data,
		e.Kind.title(),
	}
	content, err := json.Marshal(envelope)
	if err != nil {
		return nil // Strings and JSON alone.
	}
	return content
}

// Listener is told of events, while the store is locked.
type Listener interface {
	// Listening says whether there is anybody for whom to make events.
	Listening() bool
	// Publish takes an event.
	Publish(*Event)
}

// wanted says whether anybody listens.
func (e *events) wanted() bool { return e.listener != nil && e.listener.Listening() }

// add publishes an event, unless the platform has no events of that name.
func (e *events) add(name, organizationID string, data any) {
	kind, ok := EventTypeNamed(name)
	if !ok {
		return
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return // The data are maps and JSON.
	}
	e.listener.Publish(e.newEvent(kind, organizationID, encoded))
}

// lifecycle watches a table whose objects have events for being created, updated and deleted. owner is the id of the
// organization that they belong to, in the events, and data is what they say.
func lifecycle[T proto.Message](
	e *events, prefix string, owner func(store.Change[T]) string, data func(*events, store.Change[T]) map[string]any,
) store.Watcher[T] {
	return func(written *store.Written, made store.Change[T]) {
		if e.wanted() && !written.Deleted(made.Parent) {
			addLifecycle(e, made, prefix, owner(made), data(e, made))
		}
	}
}

// plainData is an object as the API has it.
func plainData[T proto.Message](_ *events, made store.Change[T]) map[string]any {
	return messageMap(made.Last())
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
