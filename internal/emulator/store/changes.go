package store

// Watcher is told what a write has made of an object of a table, once the write has succeeded and while the store is
// still locked: it must not write. A write that has made several changes tells of them in their order.
type Watcher[T any] func(*Written, Change[T])

// Unwatched is the [Watcher] of a table whose changes are nobody's business.
func Unwatched[T any](*Written, Change[T]) {}

// Written is a write that has succeeded, as a whole.
type Written struct{ gone map[string]bool }

// Deleted says whether the write has deleted the object with an id, of whatever table.
func (w *Written) Deleted(id string) bool { return w.gone[id] }

// Change is what one write has made of one object. Its objects are the store's own: not to be changed.
type Change[T any] struct {
	ID     string
	Parent string

	// Created and Deleted say that there is no Old and no Next object.
	Created, Deleted bool
	Old, Next        T
}

// Last is the object as it is, or as it was before it went.
func (c Change[T]) Last() T {
	if c.Deleted {
		return c.Old
	}
	return c.Next
}

// noted is a change of the write that is running, whatever the type of its objects.
type noted interface {
	object() (id string, gone bool)
	// lasts says whether there is anything of it in the end.
	lasts() bool
	tell(*Written)
}

// rowChange is a change of a table's row; nil is none.
type rowChange[T any] struct {
	table     *Table[T]
	old, next *Row[T]
}

func (c *rowChange[T]) object() (id string, gone bool) {
	if c.next == nil {
		return c.old.ID, true
	}
	return c.next.ID, false
}

func (c *rowChange[T]) lasts() bool {
	if c.old == nil || c.next == nil {
		return c.old != c.next
	}
	return !c.table.form.equal(c.old.Value, c.next.Value)
}

func (c *rowChange[T]) tell(written *Written) {
	made := Change[T]{Created: c.old == nil, Deleted: c.next == nil}
	for _, row := range []*Row[T]{c.old, c.next} {
		if row != nil {
			made.ID, made.Parent = row.ID, row.Parent
		}
	}
	if c.old != nil {
		made.Old = c.old.Value
	}
	if c.next != nil {
		made.Next = c.next.Value
	}
	c.table.watch(written, made)
}

// objectKey is an object of a table.
type objectKey struct {
	table storedTable
	id    string
}

// note adds the change of a row to those of the write that is running.
func (t *Table[T]) note(id string, old, next *Row[T]) {
	s := t.store
	if s.quiet {
		return
	}
	if again, ok := s.noted[objectKey{t, id}].(*rowChange[T]); ok {
		again.next = next // What the write has begun with stays.
		return
	}
	if s.noted == nil {
		s.noted = map[objectKey]noted{}
	}
	made := &rowChange[T]{table: t, old: old, next: next}
	s.noted[objectKey{t, id}] = made
	s.changes = append(s.changes, made)
}

// Quietly keeps the write that is running from those who watch changes: nothing has happened in the environment, it has
// been set up.
func (s *Store) Quietly() { s.quiet = true }

// tell reports what the write that ends has changed.
func (s *Store) tell() {
	if s.quiet {
		return
	}
	written := &Written{gone: map[string]bool{}}
	var lasting []noted
	for _, made := range s.changes {
		if !made.lasts() {
			continue
		}
		lasting = append(lasting, made)
		if id, gone := made.object(); gone {
			written.gone[id] = true
		}
	}
	for _, made := range lasting {
		made.tell(written)
	}
}
