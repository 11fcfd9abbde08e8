// Package store keeps the objects of an environment: tables under one lock, their ids, pages and state file, and the feed
// of what a write has changed.
package store

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// Store holds all objects under one lock, so that every call sees and leaves a consistent environment: a handler
// validates and applies inside one write. What a failed write has changed is undone.
type Store struct {
	Now       func() time.Time
	IDs       *IDSource
	stateFile string
	notice    func(string)

	mu       sync.Mutex
	tables   []storedTable
	sequence uint64 // creation order, over all tables

	undo    []func()            // of the write that is running
	changed bool                // the write that is running must reach the state file
	changes []noted             // of the write that is running
	noted   map[objectKey]noted // the same, by object
	quiet   bool                // the write that is running is not reported

	unsaved bool // the last attempt to write the state file has failed
}

// storedTable is what the store needs of a table[T], whatever its T.
type storedTable interface {
	kind() string
	Count() int
	Clear()
	Encode(to *bytes.Buffer) error
	Decode([]storedRow) error
}

// New makes an empty store. stateFile is where it keeps its objects, "" for memory only; notice is told when the
// file cannot be written, and when it can again.
func New(now func() time.Time, stateFile string, notice func(string)) *Store {
	return &Store{Now: now, IDs: NewIDSource(now), stateFile: stateFile, notice: notice}
}

// MustSave makes the write that is running reach the state file, whether it changes an object or not.
func (s *Store) MustSave() { s.changed = true }

// Read runs a function on a store that does not change meanwhile.
func (s *Store) Read(look func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return look()
}

// Write runs a function that may change the store. When it fails, panics, or its result cannot be saved in the state
// file, nothing has changed.
func (s *Store) Write(change func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.undo, s.changed, s.changes, s.noted, s.quiet = nil, false, nil, nil, false
	done := false
	defer func() {
		if !done {
			for _, undo := range slices.Backward(s.undo) {
				undo()
			}
		}
		s.undo, s.changes, s.noted = nil, nil, nil
	}()
	if err := change(); err != nil {
		return err
	}
	if s.changed {
		if err := s.save(); err != nil {
			return apierr.New(connect.CodeInternal, "the change was not made: %v", err)
		}
	}
	done = true
	s.tell()
	return nil
}

// Clear removes all objects.
func (s *Store) Clear() {
	for _, table := range s.tables {
		table.Clear()
	}
	s.changed = true
}

// Counts returns how many objects each table has, by the table's name.
func (s *Store) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.tables))
	for _, table := range s.tables {
		counts[table.kind()] = table.Count()
	}
	return counts
}

// UpdateTime is the update_time of an object that changes now: never before its creation, which runs ahead of the clock
// when many objects are created at once. Whether the platform cuts it to milliseconds is unknown [U].
func (s *Store) UpdateTime(created time.Time) time.Time {
	now := s.Now().UTC().Truncate(time.Millisecond)
	if now.Before(created) {
		return created
	}
	return now
}

// Mutate is a handler that changes the store.
func Mutate[R any](s *Store, change func() (*R, error)) (*connect.Response[R], error) {
	var reply *R
	err := s.Write(func() (err error) {
		reply, err = change()
		return err
	})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(reply), nil
}

// Query is a handler that only reads the store.
func Query[R any](s *Store, look func() (*R, error)) (*connect.Response[R], error) {
	var reply *R
	err := s.Read(func() (err error) {
		reply, err = look()
		return err
	})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(reply), nil
}
