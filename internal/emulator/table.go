package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// table keeps the objects of one kind, in the order of their creation. Its methods need the store's lock; those that
// change something, its write lock.
type table[T proto.Message] struct {
	store *store
	name  string // the plural, for the state file and the counts: "organizations"
	noun  string // for error messages: "organization"
	rows  map[string]*row[T]
	order []*row[T]

	children  *grouping[T] // by parent
	indexes   []*index[T]
	followers []follower[T] // the groupings and indexes

	// check says what is wrong with a row of a state file, apart from what is said of all kinds; nil for nothing.
	check func(*row[T]) error
}

// follower is told of every change of a table's rows.
type follower[T proto.Message] interface {
	// swap takes the old row out and puts the next one in; either may be nil.
	swap(old, next *row[T])
}

// row is one object. It is never changed, only replaced, so that a write can be undone by putting the old row back.
type row[T proto.Message] struct {
	id       string
	parent   string // the id of what it belongs to, or "" for the environment
	sequence uint64
	value    T

	encoded []byte // as it stands in the state file; nil until it has to
}

// newTable makes a table and puts it into the store's state file, counts and reset.
func newTable[T proto.Message](s *store, name, noun string) *table[T] {
	t := &table[T]{store: s, name: name, noun: noun, rows: map[string]*row[T]{}}
	t.children = t.groupBy(func(row *row[T]) []string { return []string{row.parent} })
	s.tables = append(s.tables, t)
	return t
}

// get returns a clone: no caller holds the store's own memory.
func (t *table[T]) get(id string) (T, error) {
	found, ok := t.rows[id]
	if !ok {
		var none T
		return none, apierr.NotFound(t.noun, id)
	}
	return proto.CloneOf(found.value), nil
}

func (t *table[T]) has(id string) bool {
	_, ok := t.rows[id]
	return ok
}

// parent returns what the object belongs to, "" for a missing object.
func (t *table[T]) parent(id string) string {
	if found, ok := t.rows[id]; ok {
		return found.parent
	}
	return ""
}

// childrenOf returns the rows that belong to a parent, oldest first.
func (t *table[T]) childrenOf(parent string) []*row[T] {
	return slices.Clone(t.children.of(parent))
}

// find returns the id of the oldest object that matches, and whether there is one.
func (t *table[T]) find(match func(T) bool) (string, bool) {
	for _, row := range t.order {
		if match(row.value) {
			return row.id, true
		}
	}
	return "", false
}

// put stores a clone under an id: in its old place where the id is taken, otherwise as the newest.
func (t *table[T]) put(id, parent string, value T) {
	next := &row[T]{id: id, parent: parent, value: proto.CloneOf(value)}
	if old, ok := t.rows[id]; ok {
		next.sequence = old.sequence
	} else {
		t.store.sequence++
		next.sequence = t.store.sequence
	}
	t.set(id, next)
}

// delete removes an object where it exists.
func (t *table[T]) delete(id string) {
	if t.has(id) {
		t.set(id, nil)
	}
}

// deleteWhere removes the objects that match.
func (t *table[T]) deleteWhere(match func(*row[T]) bool) {
	for _, row := range slices.Clone(t.order) {
		if match(row) {
			t.set(row.id, nil)
		}
	}
}

// deleteOf removes everything that belongs to the parent.
func (t *table[T]) deleteOf(parent string) {
	for _, row := range t.childrenOf(parent) {
		t.set(row.id, nil)
	}
}

// set replaces, inserts or, with nil, removes a row, and notes how to undo that.
func (t *table[T]) set(id string, next *row[T]) {
	old := t.rows[id]
	t.swap(old, next)
	t.store.changed = true
	noteChange(t, id, old, next)
	t.store.undo = append(t.store.undo, func() { t.swap(next, old) })
}

func (t *table[T]) swap(old, next *row[T]) {
	if old != nil {
		at, _ := position(t.order, old.sequence)
		t.order = slices.Delete(t.order, at, at+1)
		delete(t.rows, old.id)
	}
	if next != nil {
		at, _ := position(t.order, next.sequence)
		t.order = slices.Insert(t.order, at, next)
		t.rows[next.id] = next
	}
	for _, follower := range t.followers {
		follower.swap(old, next)
	}
}

// position finds where a sequence is, or belongs, among rows in rising order, and whether it is there.
func position[T proto.Message](rows []*row[T], sequence uint64) (int, bool) {
	return slices.BinarySearchFunc(rows, sequence, func(row *row[T], sequence uint64) int {
		return cmp.Compare(row.sequence, sequence)
	})
}

func (t *table[T]) kind() string { return t.name }
func (t *table[T]) count() int   { return len(t.order) }
func (t *table[T]) clear()       { t.deleteWhere(func(*row[T]) bool { return true }) }

// storedRow is a row in the state file; value is protojson.
type storedRow struct {
	ID       string          `json:"id"`
	Parent   string          `json:"parent,omitempty"`
	Sequence uint64          `json:"sequence"`
	Value    json.RawMessage `json:"value"`
}

// encode adds the rows, as a JSON array has them between its brackets. A row is encoded once: otherwise every change
// would cost time for everything that there is.
func (t *table[T]) encode(to *bytes.Buffer) error {
	for i, row := range t.order {
		if row.encoded == nil {
			value, err := protojson.Marshal(row.value)
			if err == nil {
				row.encoded, err = json.Marshal(storedRow{ID: row.id, Parent: row.parent, Sequence: row.sequence, Value: value})
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", t.noun, row.id, err)
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

func (t *table[T]) decode(stored []storedRow) error {
	for i, from := range stored {
		read, err := t.read(from)
		if err != nil {
			return fmt.Errorf("%s[%d] (%s): %w", t.name, i, from.ID, err)
		}
		t.swap(nil, read)
		t.store.sequence = max(t.store.sequence, from.Sequence)
	}
	return nil
}

// read makes a row of a stored one, unless it would not go with those that are there.
func (t *table[T]) read(from storedRow) (*row[T], error) {
	if from.ID == "" || t.has(from.ID) {
		return nil, errors.New("the id is empty or there twice")
	}
	if at, taken := position(t.order, from.Sequence); taken || at < len(t.order) || from.Sequence > maxSequence {
		return nil, errors.New("the sequence does not rise, or is too high")
	}
	var kind T
	value, ok := kind.ProtoReflect().Type().New().Interface().(T)
	if !ok {
		return nil, errors.New("a message type that does not make its own messages")
	}
	if err := protojson.Unmarshal(from.Value, value); err != nil {
		return nil, err
	}
	field := value.ProtoReflect().Descriptor().Fields().ByName("id")
	if field != nil && value.ProtoReflect().Get(field).String() != from.ID {
		return nil, errors.New("the object has another id")
	}
	read := &row[T]{id: from.ID, parent: from.Parent, sequence: from.Sequence, value: value}
	for _, index := range t.indexes {
		if other, taken := index.get(index.key(read)); taken {
			return nil, fmt.Errorf("%s is the same in what must be unique", other)
		}
	}
	if t.check != nil {
		return read, t.check(read)
	}
	return read, nil
}

// maxSequence leaves room for as many objects again as there can be.
const maxSequence = 1 << 62
