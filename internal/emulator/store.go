package emulator

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// store holds all objects under one lock, so that every call sees and leaves a consistent environment: a handler
// validates and applies inside one write. What a failed write has changed is undone.
type store struct {
	now       func() time.Time
	ids       *idSource
	stateFile string
	notice    func(string)

	mu       sync.Mutex
	tables   []storedTable
	sequence uint64 // creation order, over all tables
	cascades []func(organizationID string)

	undo     []func()       // of the write that is running
	changed  bool           // the write that is running must reach the state file
	changes  []change       // of the write that is running
	changeAt map[string]int // where in changes that of an object is
	quiet    bool           // the write that is running is not reported

	unsaved bool // the last attempt to write the state file has failed

	watch func([]change) // told of every write that succeeds, while the store is still locked; it must not write
}

// storedTable is what the store needs of a table[T], whatever its T.
type storedTable interface {
	kind() string
	count() int
	clear()
	encode(to *bytes.Buffer) error
	decode([]storedRow) error
}

func newStore(options Options) *store {
	return &store{now: options.Now, ids: newIDSource(options.Now), stateFile: options.StateFile, notice: options.Notice}
}

// read runs a function on a store that does not change meanwhile.
func (s *store) read(look func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return look()
}

// write runs a function that may change the store. When it fails, panics, or its result cannot be saved in the state
// file, nothing has changed.
func (s *store) write(change func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.undo, s.changed, s.changes, s.changeAt, s.quiet = nil, false, nil, nil, false
	done := false
	defer func() {
		if !done {
			for _, undo := range slices.Backward(s.undo) {
				undo()
			}
		}
		s.undo, s.changes, s.changeAt = nil, nil, nil
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

// onOrganizationDeleted registers what a service deletes with an organization. The store is locked for writing.
func (s *store) onOrganizationDeleted(cascade func(organizationID string)) {
	s.cascades = append(s.cascades, cascade)
}

// organizationDeleted removes what belonged to an organization.
func (s *store) organizationDeleted(organizationID string) {
	for _, cascade := range s.cascades {
		cascade(organizationID)
	}
}

// clear removes all objects.
func (s *store) clear() {
	for _, table := range s.tables {
		table.clear()
	}
	s.changed = true
}

func (s *store) counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.tables))
	for _, table := range s.tables {
		counts[table.kind()] = table.count()
	}
	return counts
}

// updateTime is the update_time of an object that changes now: never before its creation, which runs ahead of the clock
// when many objects are created at once. Whether the platform cuts it to milliseconds is unknown [U].
func (s *store) updateTime(created time.Time) time.Time {
	now := s.now().UTC().Truncate(time.Millisecond)
	if now.Before(created) {
		return created
	}
	return now
}

// mutate is a handler that changes the store.
func mutate[R any](s *store, change func() (*R, error)) (*connect.Response[R], error) {
	var reply *R
	err := s.write(func() (err error) {
		reply, err = change()
		return err
	})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(reply), nil
}

// query is a handler that only reads the store.
func query[R any](s *store, look func() (*R, error)) (*connect.Response[R], error) {
	var reply *R
	err := s.read(func() (err error) {
		reply, err = look()
		return err
	})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(reply), nil
}
