package store

import "google.golang.org/protobuf/proto"

// Change is what one write has made of one object.
type Change struct {
	Table     string
	ID        string
	Parent    string
	Old, Next proto.Message // nil for none; not to be changed
}

// noteChange adds the change of a row to those of the write that is running.
func noteChange[T proto.Message](t *Table[T], id string, old, next *Row[T]) {
	s := t.store
	if s.quiet {
		return
	}
	made := Change{Table: t.name, ID: id}
	if old != nil {
		made.Parent, made.Old = old.Parent, old.Value
	}
	if next != nil {
		made.Parent, made.Next = next.Parent, next.Value
	}
	key := t.name + "/" + id
	if at, again := s.changeAt[key]; again {
		s.changes[at].Next = made.Next // What the write has begun with stays.
		return
	}
	if s.changeAt == nil {
		s.changeAt = map[string]int{}
	}
	s.changeAt[key] = len(s.changes)
	s.changes = append(s.changes, made)
}

// Quietly keeps the write that is running from those who watch changes: nothing has happened in the environment, it has
// been set up.
func (s *Store) Quietly() { s.quiet = true }

// tell reports what the write that ends has changed.
func (s *Store) tell() {
	if s.quiet || s.Watch == nil {
		return
	}
	var lasting []Change
	for _, made := range s.changes {
		if made.Old == nil && made.Next == nil || made.Old != nil && made.Next != nil && proto.Equal(made.Old, made.Next) {
			continue
		}
		lasting = append(lasting, made)
	}
	if len(lasting) > 0 {
		s.Watch(lasting)
	}
}
