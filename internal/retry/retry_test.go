package retry_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// made are the times of the attempts of a call that each end in what the script says, and then in its last line.
func made(t *testing.T, ctx context.Context, policy retry.Policy, script ...retry.Next) (times []time.Time, err error) { //nolint:revive // t comes first in helpers
	t.Helper()
	err = policy.Do(ctx, func(number int) retry.Next {
		times = append(times, time.Now())
		if number != len(times) {
			t.Errorf("attempt %d has the number %d", len(times), number)
		}
		return script[min(number, len(script))-1]
	})
	return times, err
}

func policy(retries int) retry.Policy {
	return retry.Policy{MaxRetries: retries, Interval: time.Second, Gate: new(retry.Gate)}
}

func TestDoEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			retries int
			script  []retry.Next
			want    int
		}{
			"at once":                {3, []retry.Next{retry.Stop}, 1},
			"in the end":             {3, []retry.Next{retry.Again, retry.Again, retry.Stop}, 3},
			"after all retries":      {3, []retry.Next{retry.Again}, 4},
			"after all as too many":  {2, []retry.Next{retry.Limited(time.Second)}, 3},
			"without a retry":        {0, []retry.Next{retry.Again}, 1},
			"without one, as limits": {0, []retry.Next{retry.Limited(0)}, 1},
		} {
			times, err := made(t, t.Context(), policy(test.retries), test.script...)
			if len(times) != test.want || err != nil {
				t.Errorf("%s: %d attempts (%v), want %d", name, len(times), err, test.want)
			}
		}
	})
}

func TestDoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Means and bounds of the wait before each retry, over many calls.
		for name, test := range map[string]struct {
			next        retry.Next
			least, most []time.Duration
		}{
			"failures": {
				retry.Again,
				[]time.Duration{0, 0, 0, 0, 0, 0},
				[]time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second},
			},
			"a rate limit": { // a quarter and a millisecond more at the gate
				retry.Limited(0),
				[]time.Duration{2 * time.Second, 5 * time.Second, 12500 * time.Millisecond, 30 * time.Second, 30 * time.Second, 30 * time.Second},
				[]time.Duration{7501 * time.Millisecond, 18751 * time.Millisecond, 46876 * time.Millisecond, 113 * time.Second, 113 * time.Second, 113 * time.Second},
			},
			"a time that the host names": {
				retry.Limited(time.Minute), slices.Repeat([]time.Duration{time.Minute}, 6), slices.Repeat([]time.Duration{75001 * time.Millisecond}, 6),
			},
			"too long a time": {
				retry.Limited(time.Hour), slices.Repeat([]time.Duration{retry.MaxAfter}, 6), slices.Repeat([]time.Duration{376 * time.Second}, 6),
			},
		} {
			const calls = 200
			shortest, longest := slices.Repeat([]time.Duration{time.Hour}, 6), make([]time.Duration, 6)
			for range calls {
				times, _ := made(t, t.Context(), policy(6), test.next)
				for i := range 6 {
					wait := times[i+1].Sub(times[i])
					shortest[i], longest[i] = min(shortest[i], wait), max(longest[i], wait)
				}
			}
			for i := range 6 {
				spread := (test.most[i] - test.least[i]) / 5
				if shortest[i] < test.least[i] || shortest[i] > test.least[i]+spread || longest[i] > test.most[i] || longest[i] < test.most[i]-spread {
					t.Errorf("%s: wait %d is between %s and %s, and should fill %s to %s", name, i+1, shortest[i], longest[i], test.least[i], test.most[i])
				}
			}
		}
	})
}

func TestDoEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, next := range map[string]retry.Next{"failure": retry.Again, "rate limit": retry.Limited(time.Minute)} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			times, err := made(t, ctx, policy(3), next)
			if len(times) != 1 || !errors.Is(err, context.DeadlineExceeded) || time.Since(times[0]) != time.Millisecond {
				t.Errorf("%s: %d attempts, %v", name, len(times), err)
			}
			if times, err = made(t, ctx, policy(3), next); len(times) != 0 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %d attempts after the end, %v", name, len(times), err)
			}
			cancel()
		}
		// What came of an attempt stands when the context ended in it.
		ctx, cancel := context.WithCancel(t.Context())
		attempts := 0
		err := policy(3).Do(ctx, func(int) retry.Next {
			attempts++
			cancel()
			return retry.Again
		})
		if err != nil || attempts != 1 {
			t.Errorf("cancelled in the attempt: %d attempts, %v", attempts, err)
		}
	})
}

// A gate lets nobody through before its time, and not all at once.
func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var gate retry.Gate
		began := time.Now()
		if err := gate.Wait(t.Context()); err != nil || time.Since(began) != 0 {
			t.Errorf("an open gate: %v after %s", err, time.Since(began))
		}
		gate.CloseFor(time.Minute)
		gate.CloseFor(time.Second) // a shorter time changes nothing
		const calls = 50
		passed := make(chan time.Duration, calls)
		for range calls {
			go func() {
				if gate.Wait(t.Context()) == nil {
					passed <- time.Since(began)
				}
			}()
		}
		instants := map[time.Duration]bool{}
		for range calls {
			after := <-passed
			instants[after] = true
			if after < time.Minute || after > 75*time.Second+time.Millisecond {
				t.Errorf("a call went through after %s", after)
			}
		}
		if len(instants) < calls-5 {
			t.Errorf("%d calls went through at %d instants", calls, len(instants))
		}
	})
}

func TestAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		date := func(after time.Duration) string { return time.Now().Add(after).UTC().Format(http.TimeFormat) }
		for header, want := range map[string]time.Duration{
			"": 0, "soon": 0, "0": 0, "-7": 0, "7": 7 * time.Second, "300": 5 * time.Minute, "301": 5 * time.Minute,
			"9223372036854775807": 5 * time.Minute,
			date(7 * time.Second): 7 * time.Second, date(time.Hour): 5 * time.Minute, date(-time.Hour): 0,
		} {
			if got := retry.After(header); got != want {
				t.Errorf("%q is a wait of %s, want %s", header, got, want)
			}
		}
	})
}

func TestWithGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lasts := func(timeout, cancelAfter time.Duration) time.Duration {
			parent, cancelParent := context.WithCancel(t.Context())
			defer cancelParent()
			ctx, cancel := retry.WithGrace(parent, timeout)
			defer cancel()
			began := time.Now()
			time.AfterFunc(cancelAfter, cancelParent)
			<-ctx.Done()
			return time.Since(began)
		}
		if got := lasts(time.Minute, time.Hour); got != time.Minute {
			t.Errorf("the timeout ends it after %s", got)
		}
		if got := lasts(time.Minute, time.Second); got != 6*time.Second {
			t.Errorf("a cancellation ends it after %s", got)
		}
		if got := lasts(3*time.Second, time.Second); got != 3*time.Second {
			t.Errorf("the timeout ends it after a cancellation in %s", got)
		}
		ctx, cancel := retry.WithGrace(t.Context(), time.Hour)
		cancel()
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("its own end leaves it with %v", ctx.Err())
		}
	})
}
