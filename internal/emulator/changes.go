package emulator

import "google.golang.org/protobuf/proto"

// change is what one write has made of one object.
type change struct {
	table     string
	id        string
	parent    string
	old, next proto.Message // nil for none; not to be changed
}

// noteChange adds the change of a row to those of the write that is running.
func noteChange[T proto.Message](t *table[T], id string, old, next *row[T]) {
	s := t.store
	if s.quiet {
		return
	}
	made := change{table: t.name, id: id}
	if old != nil {
		made.parent, made.old = old.parent, old.value
	}
	if next != nil {
		made.parent, made.next = next.parent, next.value
	}
	key := t.name + "/" + id
	if at, again := s.changeAt[key]; again {
		s.changes[at].next = made.next // What the write has begun with stays.
		return
	}
	if s.changeAt == nil {
		s.changeAt = map[string]int{}
	}
	s.changeAt[key] = len(s.changes)
	s.changes = append(s.changes, made)
}

// quietly keeps the write that is running from those who watch changes: nothing has happened in the environment, it has
// been set up.
func (s *store) quietly() { s.quiet = true }

// tell reports what the write that ends has changed.
func (s *store) tell() {
	if s.quiet || s.watch == nil {
		return
	}
	var lasting []change
	for _, made := range s.changes {
		if made.old == nil && made.next == nil || made.old != nil && made.next != nil && proto.Equal(made.old, made.next) {
			continue
		}
		lasting = append(lasting, made)
	}
	if len(lasting) > 0 {
		s.watch(lasting)
	}
}
