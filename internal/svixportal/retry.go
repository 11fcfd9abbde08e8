package svixportal

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxRetryAfter bounds the wait that a host may ask for.
const maxRetryAfter = 5 * time.Minute

// newBackOff doubles its waits, each with full jitter: uniform between zero and twice the mean.
func newBackOff(interval time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     interval,
		RandomizationFactor: 1,
		Multiplier:          2,
		MaxInterval:         15 * time.Second,
	}
}

// gate holds every call back once one of them was refused as too many.
type gate struct {
	mu     sync.Mutex
	opened time.Time
}

func (g *gate) closeFor(wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(wait); until.After(g.opened) {
		g.opened = until
	}
}

// wait returns when calls may go out again, spread over a moment so that they do not all go at once.
func (g *gate) wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		wait := time.Until(g.opened)
		g.mu.Unlock()
		if wait <= 0 {
			return ctx.Err()
		}
		sleep(ctx, wait+rand.N(wait/4+time.Millisecond))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// cancelGrace is how long the reply to a change is waited for once the user has cancelled the run.
const cancelGrace = 5 * time.Second

// withGrace is a context with a timeout that is not cancelled with its parent, but some time later: a change that is on
// its way has an outcome, and what a reply says of it reaches the state.
func withGrace(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	stop := context.AfterFunc(ctx, func() {
		sleep(graceful, cancelGrace)
		cancel()
	})
	return graceful, func() {
		stop()
		cancel()
	}
}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// retryAfter is how long the host asks to be left alone, zero when it does not say.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(time.Duration(min(max(0, seconds), math.MaxInt32))*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, time.Until(at)), maxRetryAfter)
	}
	return 0
}

// isTransient reports a status that says nothing of the call itself.
func isTransient(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented || status == http.StatusRequestTimeout
}
