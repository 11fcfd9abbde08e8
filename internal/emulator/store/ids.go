package store

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// Ids are a prefix and a decimal number of 10 ms ticks since 2024, a sequence number and a machine number [I].
const (
	tick         = 10 * time.Millisecond
	tickShift    = 24
	sequenceBits = 8
	sequenceMask = 1<<sequenceBits - 1
	machineBits  = tickShift - sequenceBits
	machine      = 0x0101

	// maxTick is far beyond any clock, and leaves room for the ids to rise.
	maxTick = 1 << (63 - tickShift - 1)
)

// Epoch is when the times in ids begin.
var Epoch = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// IDSource makes ids. They are unique and rise, even when the clock stands still or goes back: the ids run ahead of it.
type IDSource struct {
	now func() time.Time

	mu       sync.Mutex
	tick     int64
	sequence int64
}

// NewIDSource makes a source of ids that rise with a clock.
func NewIDSource(now func() time.Time) *IDSource { return &IDSource{now: now} }

// Next returns an id and the time that it holds, in UTC: the object's create_time.
func (s *IDSource) Next(prefix string) (string, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := int64(s.now().Sub(Epoch) / tick); now > s.tick {
		s.tick, s.sequence = now, 0
	} else if s.sequence++; s.sequence > sequenceMask {
		s.tick, s.sequence = s.tick+1, 0
	}
	number := s.tick<<tickShift | s.sequence<<machineBits | machine
	return prefix + strconv.FormatInt(number, 10), tickTime(s.tick)
}

// last and resume carry the source over a restart, so that no id is made twice.
func (s *IDSource) last() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tick
}

func (s *IDSource) resume(last int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick, s.sequence = max(s.tick, last), sequenceMask
}

// IDTime reads the time an id holds, and whether the id has the given prefix and the platform's form.
func IDTime(prefix, id string) (time.Time, bool) {
	digits, ok := strings.CutPrefix(id, prefix)
	if !ok || strings.HasPrefix(digits, "+") {
		return time.Time{}, false
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || number < 0 {
		return time.Time{}, false
	}
	return tickTime(number >> tickShift), true
}

func tickTime(ticks int64) time.Time { return Epoch.Add(time.Duration(ticks) * tick) }

// NewID makes the id of a new object, or takes the one that a seed gives; with it comes the time that it holds.
func NewID[T any](t *Table[T], prefix, id string) (string, time.Time, error) {
	if id == "" {
		id, created := t.store.IDs.Next(prefix)
		return id, created, nil
	}
	created, ok := IDTime(prefix, id)
	switch {
	case !ok:
		return "", created, fmt.Errorf("id: %q is not %q and digits", id, prefix)
	case t.Has(id):
		return "", created, apierr.Duplicate(t.noun, "id", id)
	}
	return id, created, nil
}
