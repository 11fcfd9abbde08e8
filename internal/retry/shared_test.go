package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// source is a shared value, a number that counts the fetches. Each takes a second.
type source struct {
	retry.Shared[int]

	fetches int
	err     error
	usable  time.Duration
}

func newSource() *source {
	s := new(source)
	s.Fetch = func(ctx context.Context) (int, time.Duration, error) {
		s.fetches++
		fetched := s.fetches
		retry.Sleep(ctx, time.Second)
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		return fetched, s.usable, s.err
	}
	return s
}

// all asks for the value from many sides at once and returns the different answers.
func (s *source) all(t *testing.T) map[string]int {
	t.Helper()
	const callers = 10
	answers := make(chan string, callers)
	for range callers {
		go func() {
			value, err := s.Get(t.Context())
			if err != nil {
				answers <- err.Error()
				return
			}
			answers <- fmt.Sprint(*value)
		}()
	}
	different := map[string]int{}
	for range callers {
		different[<-answers]++
	}
	return different
}

func TestSharedIsFetchedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		if got := s.all(t); got["1"] != 10 || s.fetches != 1 {
			t.Errorf("answers %v of %d fetches", got, s.fetches)
		}
		time.Sleep(24 * time.Hour)
		if got := s.all(t); got["1"] != 10 {
			t.Errorf("a value without an end: %v", got)
		}
	})
}

func TestSharedExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		s.usable = time.Minute
		s.all(t)
		time.Sleep(time.Minute - time.Nanosecond)
		if got := s.all(t); got["1"] != 10 {
			t.Errorf("just before the end: %v", got)
		}
		time.Sleep(time.Nanosecond)
		if got := s.all(t); got["2"] != 10 {
			t.Errorf("at the end: %v", got)
		}
	})
}

// Everybody who waits for a fetch shares its failure, and so does who comes within ten seconds.
func TestSharedFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		s.err = errors.New("no")
		began := time.Now()
		for range 3 {
			if got := s.all(t); got["no"] != 10 || s.fetches != 1 {
				t.Errorf("answers %v of %d fetches", got, s.fetches)
			}
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("thirty calls took %s", took)
		}
		time.Sleep(10*time.Second - time.Nanosecond)
		if s.all(t); s.fetches != 1 {
			t.Errorf("%d fetches within ten seconds", s.fetches)
		}
		time.Sleep(time.Nanosecond)
		s.err = nil
		if got := s.all(t); got["2"] != 10 {
			t.Errorf("after ten seconds: %v", got)
		}
		// A failure of before is not remembered beyond a success.
		s.Reject(mustGet(t, s))
		if got := s.all(t); got["3"] != 10 {
			t.Errorf("after a rejection: %v", got)
		}
	})
}

func mustGet(t *testing.T, s *source) *int {
	t.Helper()
	value, err := s.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Who gives up waiting, or fetching, spoils nothing for the others.
func TestSharedCancellation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		fetching := make(chan error, 1)
		go func() {
			_, err := s.Get(ctx)
			fetching <- err
		}()
		synctest.Wait()
		if got := s.all(t); got["2"] != 10 {
			t.Errorf("after the fetching call was cancelled: %v", got)
		}
		if err := <-fetching; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the cancelled call: %v", err)
		}

		s.Reject(mustGet(t, s))
		go s.all(t)
		synctest.Wait()
		waiting, cancelWaiting := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancelWaiting()
		began := time.Now()
		if _, err := s.Get(waiting); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Millisecond {
			t.Errorf("a call that gave up waiting: %v after %s", err, time.Since(began))
		}
		time.Sleep(time.Minute)
	})
}

func TestSharedRejection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		first := mustGet(t, s)
		s.Reject(first)
		second := mustGet(t, s)
		if *second != 2 {
			t.Errorf("a rejected value is used again: %d", *second)
		}
		s.Reject(first) // somebody else learns it later
		if third := mustGet(t, s); third != second {
			t.Errorf("a rejection of the old value forgets the new one, %d", *third)
		}
	})
}

// A refused value is renewed once, and not for ever.
func TestWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			refused int // values up to this one are
			want    []int
		}{
			"accepted": {0, []int{1}}, "renewed": {1, []int{1, 2}}, "refused for good": {100, []int{1, 2}},
		} {
			s := newSource()
			var used []int
			err := s.With(t.Context(), func(value *int) bool {
				used = append(used, *value)
				return *value <= test.refused
			})
			if err != nil || fmt.Sprint(used) != fmt.Sprint(test.want) {
				t.Errorf("%s: used %v (%v), want %v", name, used, err, test.want)
			}
		}
		s := newSource()
		s.err = errors.New("no")
		if err := s.With(t.Context(), func(*int) bool { t.Error("used without a value"); return false }); !errors.Is(err, s.err) {
			t.Errorf("without a value: %v", err)
		}
		// A cancelled call is not repeated.
		s = newSource()
		ctx, cancel := context.WithCancel(t.Context())
		uses := 0
		if err := s.With(ctx, func(*int) bool { uses++; cancel(); return true }); err != nil || uses != 1 {
			t.Errorf("a cancelled call: %d uses, %v", uses, err)
		}
	})
}
