// Package retry is what clients share of waiting and repeating: attempts and the waits between them, values that one call
// fetches for all, and lists that are read page by page. It knows no API.
package retry

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Policy is how a client repeats its calls.
type Policy struct {
	// MaxRetries is how many times a call is repeated after its first attempt.
	MaxRetries int
	// Interval is the mean of the first wait. Waits double from there.
	Interval time.Duration
	// Gate holds back all calls that share a rate limit.
	Gate *Gate
}

// Next says what follows an attempt: Stop, Again or Limited.
type Next struct {
	again, limited bool
	after          time.Duration
}

var (
	// Stop says that the attempt's outcome stands.
	Stop = Next{}
	// Again says that the call may be repeated after a wait.
	Again = Next{again: true}
)

// Limited says that the attempt was refused as one too many and may be repeated: after a time that the host asked for, or
// zero if it named none.
func Limited(after time.Duration) Next { return Next{again: true, limited: true, after: after} }

// Do makes attempts, numbered from one, until the outcome of one stands or the retries are used up. The error is the
// context's if it ends before an attempt; what the one before came to is then still the last outcome.
func (p Policy) Do(ctx context.Context, attempt func(number int) Next) error {
	waits, limitWaits := NewWaits(p.Interval), newLimitWaits(p.Interval)
	for number := 1; ; number++ {
		if err := p.Gate.Wait(ctx); err != nil {
			return err
		}
		next := attempt(number)
		if next.limited {
			if next.after == 0 {
				next.after = limitWaits.Next()
			}
			p.Gate.CloseFor(min(next.after, MaxAfter))
		}
		if !next.again || number > p.MaxRetries || hasEnded(ctx) {
			return nil
		}
		if !next.limited { // otherwise the gate does the waiting
			Sleep(ctx, waits.Next())
		}
	}
}

// Waits are the waits between attempts. They grow.
type Waits struct {
	mean, most     time.Duration
	growth, spread float64
}

// NewWaits doubles its waits, each with full jitter: uniform between zero and twice the mean.
func NewWaits(interval time.Duration) *Waits {
	return &Waits{mean: interval, most: 15 * time.Second, growth: 2, spread: 1}
}

// newLimitWaits waits longer, and never close to nothing: a refused call costs the limit as much as another. Limits
// usually count a minute's calls, so the default five retries have to span a minute.
func newLimitWaits(interval time.Duration) *Waits {
	return &Waits{mean: 4 * interval, most: time.Minute, growth: 2.5, spread: 0.5}
}

// Next is the next wait.
func (w *Waits) Next() time.Duration {
	spread := time.Duration(w.spread * float64(w.mean))
	wait := w.mean - spread + rand.N(2*spread+1)
	w.mean = min(time.Duration(w.growth*float64(w.mean)), w.most)
	return wait
}

// Gate holds every call back once one of them was refused as too many, so that parallel calls do not spend their retries
// on learning the same. The zero value is open.
type Gate struct {
	mu     sync.Mutex
	opened time.Time
}

// CloseFor closes the gate, unless it is closed for longer already.
func (g *Gate) CloseFor(wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(wait); until.After(g.opened) {
		g.opened = until
	}
}

// Wait returns when calls may go out again, spread over a moment so that they do not all go at once: the first to go may
// find that it was too early, and then the others wait on. The error is the context's.
func (g *Gate) Wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		wait := time.Until(g.opened)
		g.mu.Unlock()
		if err := ctx.Err(); err != nil || wait <= 0 {
			return err
		}
		Sleep(ctx, wait+rand.N(wait/4+time.Millisecond))
	}
}

// MaxAfter bounds the wait that a host may ask for.
const MaxAfter = 5 * time.Minute

// After is how long a reply's Retry-After header asks for the host to be left alone, zero when it does not say. Both forms
// of the header are read, seconds and an HTTP date.
func After(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return min(time.Duration(min(max(0, seconds), math.MaxInt32))*time.Second, MaxAfter)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(0, time.Until(at)), MaxAfter)
	}
	return 0
}

// Grace is how long the reply to a change is waited for once the user has cancelled the run.
const Grace = 5 * time.Second

// WithGrace is a context with a timeout that is not cancelled with its parent, but some time later. A change that is on
// its way has an outcome, and what a reply says of it reaches the state: an id, or a secret that no other reply has.
func WithGrace(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	stop := context.AfterFunc(ctx, func() {
		Sleep(graceful, Grace)
		cancel()
	})
	return graceful, func() {
		stop()
		cancel()
	}
}

func hasEnded(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// Sleep waits, unless the context ends before.
func Sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
