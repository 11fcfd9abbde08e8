package retry

import (
	"context"
	"sync"
	"time"
)

// failureStands is how long a failure to fetch a shared value is the answer to all who ask for it: otherwise everybody who
// has waited for one fetch in vain would make the next one, one after another.
const failureStands = 10 * time.Second

// Shared is a value that all calls use and one of them fetches, such as an access token.
type Shared[T any] struct {
	// Fetch gets a new value and says for how long it may be used; zero is until it is rejected.
	Fetch func(context.Context) (value T, usable time.Duration, err error)

	mu       sync.Mutex
	current  *T
	expires  time.Time
	failure  error
	failed   time.Time
	fetching chan struct{} // closed when the fetch ends; nil without one
}

// Get returns the value, fetching one if need be. Calls that need it at the same time wait for one fetch and share what it
// comes to, even a failure, unless it is the fetching call that was cancelled.
func (s *Shared[T]) Get(ctx context.Context) (*T, error) {
	for {
		value, running, err := s.look()
		switch {
		case value != nil || err != nil:
			return value, err
		case running == nil:
			return s.fetch(ctx)
		}
		select {
		case <-running:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look returns the value or the failure that stands, or else the running fetch. Without one, the caller has to fetch.
func (s *Shared[T]) look() (value *T, running <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.current != nil && (s.expires.IsZero() || time.Now().Before(s.expires)):
		return s.current, nil, nil
	case s.failure != nil && time.Since(s.failed) < failureStands:
		return nil, nil, s.failure
	case s.fetching != nil:
		return nil, s.fetching, nil
	default:
		s.fetching = make(chan struct{})
		return nil, nil, nil
	}
}

func (s *Shared[T]) fetch(ctx context.Context) (*T, error) {
	value, usable, err := s.Fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.fetching)
	s.fetching, s.failure = nil, nil
	if err != nil {
		if ctx.Err() == nil {
			s.failure, s.failed = err, time.Now()
		}
		return nil, err
	}
	s.current, s.expires = &value, time.Time{}
	if usable > 0 {
		s.expires = time.Now().Add(usable)
	}
	return s.current, nil
}

// Reject forgets a value that the host refused, unless another call has replaced it already.
func (s *Shared[T]) Reject(refused *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == refused {
		s.current = nil
	}
}

// With does something with the value, and once more with a new one if the value was refused. The error is that of Get.
func (s *Shared[T]) With(ctx context.Context, do func(value *T) (refused bool)) error {
	for renewed := false; ; renewed = true {
		value, err := s.Get(ctx)
		if err != nil {
			return err
		}
		if !do(value) || renewed || hasEnded(ctx) {
			return nil
		}
		s.Reject(value)
	}
}
