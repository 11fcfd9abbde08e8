package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// Table keeps the objects of one kind, in the order of their creation. Its methods need the store's lock; those that
// change something, its write lock.
type Table[T any] struct {
	store *Store
	name  string // the plural, for the state file and the counts: "organizations"
	noun  string // for error messages: "organization"
	form  form[T]
	watch Watcher[T]
	rows  map[string]*Row[T]
	order []*Row[T]

	Children  *Grouping[T] // by parent
	indexes   []*Index[T]
	followers []follower[T] // the groupings and indexes
}

// follower is told of every change of a table's rows.
type follower[T any] interface {
	// swap takes the old row out and puts the next one in; either may be nil.
	swap(old, next *Row[T])
}

// Row is one object. It is never changed, only replaced, so that a write can be undone by putting the old row back.
type Row[T any] struct {
	ID       string
	Parent   string // the id of what it belongs to, or "" for the environment
	Sequence uint64
	Value    T

	encoded []byte // as it stands in the state file; nil until it has to
}

// NewTable makes a table of the platform's messages, puts it into the store's state file, counts and reset, and says who
// watches its changes; [Unwatched] is nobody.
func NewTable[T proto.Message](s *Store, name, noun string, watch Watcher[T]) *Table[T] {
	return addTable(s, name, noun, messages[T](), watch)
}

// NewObjectTable is [NewTable] for what is no message of the platform's.
func NewObjectTable[S any, T Object[S]](s *Store, name, noun string, watch Watcher[T]) *Table[T] {
	return addTable(s, name, noun, objects[S, T](), watch)
}

func addTable[T any](s *Store, name, noun string, form form[T], watch Watcher[T]) *Table[T] {
	t := &Table[T]{store: s, name: name, noun: noun, form: form, watch: watch, rows: map[string]*Row[T]{}}
	t.Children = t.GroupBy(func(row *Row[T]) []string { return []string{row.Parent} })
	s.tables = append(s.tables, t)
	return t
}

// Get returns a clone: no caller holds the store's own memory.
func (t *Table[T]) Get(id string) (T, error) {
	found, ok := t.rows[id]
	if !ok {
		var none T
		return none, apierr.NotFound(t.noun, id)
	}
	return t.form.clone(found.Value), nil
}

// Row returns the row of an id, nil where there is none. It is the table's own: not to be changed.
func (t *Table[T]) Row(id string) *Row[T] { return t.rows[id] }

// All returns the rows, oldest first. They are the table's own: not to be changed, nor kept over a write.
func (t *Table[T]) All() []*Row[T] { return t.order }

// Has says whether there is such an object.
func (t *Table[T]) Has(id string) bool {
	_, ok := t.rows[id]
	return ok
}

// Parent returns what the object belongs to, "" for a missing object.
func (t *Table[T]) Parent(id string) string {
	if found, ok := t.rows[id]; ok {
		return found.Parent
	}
	return ""
}

// ChildrenOf returns the rows that belong to a parent, oldest first.
func (t *Table[T]) ChildrenOf(parent string) []*Row[T] {
	return slices.Clone(t.Children.Of(parent))
}

// Find returns the id of the oldest object that matches, and whether there is one.
func (t *Table[T]) Find(match func(T) bool) (string, bool) {
	for _, row := range t.order {
		if match(row.Value) {
			return row.ID, true
		}
	}
	return "", false
}

// Put stores a clone under an id: in its old place where the id is taken, otherwise as the newest.
func (t *Table[T]) Put(id, parent string, value T) {
	next := &Row[T]{ID: id, Parent: parent, Value: t.form.clone(value)}
	if old, ok := t.rows[id]; ok {
		next.Sequence = old.Sequence
	} else {
		t.store.sequence++
		next.Sequence = t.store.sequence
	}
	t.set(id, next)
}

// Delete removes an object where it exists.
func (t *Table[T]) Delete(id string) {
	if t.Has(id) {
		t.set(id, nil)
	}
}

// DeleteWhere removes the objects that match.
func (t *Table[T]) DeleteWhere(match func(*Row[T]) bool) {
	for _, row := range slices.Clone(t.order) {
		if match(row) {
			t.set(row.ID, nil)
		}
	}
}

// DeleteOf removes everything that belongs to the parent.
func (t *Table[T]) DeleteOf(parent string) {
	for _, row := range t.ChildrenOf(parent) {
		t.set(row.ID, nil)
	}
}

// set replaces, inserts or, with nil, removes a row, and notes how to undo that.
func (t *Table[T]) set(id string, next *Row[T]) {
	old := t.rows[id]
	t.swap(old, next)
	t.store.changed = true
	t.note(id, old, next)
	t.store.undo = append(t.store.undo, func() { t.swap(next, old) })
}

func (t *Table[T]) swap(old, next *Row[T]) {
	if old != nil {
		at, _ := position(t.order, old.Sequence)
		t.order = slices.Delete(t.order, at, at+1)
		delete(t.rows, old.ID)
	}
	if next != nil {
		at, _ := position(t.order, next.Sequence)
		t.order = slices.Insert(t.order, at, next)
		t.rows[next.ID] = next
	}
	for _, follower := range t.followers {
		follower.swap(old, next)
	}
}

// position finds where a sequence is, or belongs, among rows in rising order, and whether it is there.
func position[T any](rows []*Row[T], sequence uint64) (int, bool) {
	return slices.BinarySearchFunc(rows, sequence, func(row *Row[T], sequence uint64) int {
		return cmp.Compare(row.Sequence, sequence)
	})
}

func (t *Table[T]) kind() string { return t.name }

// Count is how many objects there are.
func (t *Table[T]) Count() int { return len(t.order) }

// Clear deletes all rows.
func (t *Table[T]) Clear() { t.DeleteWhere(func(*Row[T]) bool { return true }) }

// storedRow is a row in the state file; value is protojson.
type storedRow struct {
	ID       string          `json:"id"`
	Parent   string          `json:"parent,omitempty"`
	Sequence uint64          `json:"sequence"`
	Value    json.RawMessage `json:"value"`
}

// Encode adds the rows, as a JSON array has them between its brackets. A row is encoded once: otherwise every change
// would cost time for everything that there is.
func (t *Table[T]) Encode(to *bytes.Buffer) error {
	for i, row := range t.order {
		if row.encoded == nil {
			value, err := t.form.encode(row.Value)
			if err == nil {
				row.encoded, err = json.Marshal(storedRow{ID: row.ID, Parent: row.Parent, Sequence: row.Sequence, Value: value})
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", t.noun, row.ID, err)
			}
		}
		if i > 0 {
			to.WriteByte(',')
		}
		to.WriteByte('\n')
		to.Write(row.encoded)
	}
	return nil
}

// Decode fills the empty table.
func (t *Table[T]) Decode(stored []storedRow) error {
	for i, from := range stored {
		read, err := t.Read(from)
		if err != nil {
			return fmt.Errorf("%s[%d] (%s): %w", t.name, i, from.ID, err)
		}
		t.swap(nil, read)
		t.store.sequence = max(t.store.sequence, from.Sequence)
	}
	return nil
}

// Read makes a row of a stored one, unless it would not go with those that are there.
func (t *Table[T]) Read(from storedRow) (*Row[T], error) {
	if from.ID == "" || t.Has(from.ID) {
		return nil, errors.New("the id is empty or there twice")
	}
	if at, taken := position(t.order, from.Sequence); taken || at < len(t.order) || from.Sequence > maxSequence {
		return nil, errors.New("the sequence does not rise, or is too high")
	}
	value, err := t.form.decode(from.Value)
	if err != nil {
		return nil, err
	}
	if !t.form.hasID(value, from.ID) {
		return nil, errors.New("the object has another id")
	}
	read := &Row[T]{ID: from.ID, Parent: from.Parent, Sequence: from.Sequence, Value: value}
	for _, index := range t.indexes {
		if other, taken := index.Get(index.key(read)); taken {
			return nil, fmt.Errorf("%s is the same in what must be unique", other)
		}
	}
	return read, nil
}

// maxSequence leaves room for as many objects again as there can be.
const maxSequence = 1 << 62
