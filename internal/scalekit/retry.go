package scalekit

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"github.com/cenkalti/backoff/v5"
)

const (
	// maxRetryAfter bounds the wait that a host may ask for.
	maxRetryAfter = 5 * time.Minute
	// rateLimitFactor times the retry interval is the first wait after a refusal for too many calls that says not how long to wait. The
	// documented limit counts a minute's calls, so the default five retries have to span a minute.
	rateLimitFactor = 4
)

// newBackOff doubles its waits, each with full jitter: uniform between zero and twice the mean.
func newBackOff(interval time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     interval,
		RandomizationFactor: 1,
		Multiplier:          2,
		MaxInterval:         15 * time.Second,
	}
}

// newRateLimitBackOff waits longer, and never close to nothing: a refused call costs the limit as much as another.
func newRateLimitBackOff(interval time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     rateLimitFactor * interval,
		RandomizationFactor: 0.5,
		Multiplier:          2.5,
		MaxInterval:         time.Minute,
	}
}

// waitError is a failure to repeat after a wait of its own choosing.
type waitError struct {
	err  error
	wait time.Duration
}

func (e *waitError) Error() string { return e.err.Error() }

// Unwrap offers the wait to the backoff library, which uses it in place of its own; without one the library goes on.
func (e *waitError) Unwrap() []error {
	if e.wait <= 0 {
		return []error{e.err}
	}
	return []error{e.err, &backoff.RetryAfterError{Duration: min(e.wait, maxRetryAfter)}}
}

// cause returns the failure behind what was said of it to the backoff library, which returns the last one as it got it.
func cause(err error) error {
	if permanent := new(backoff.PermanentError); errors.As(err, &permanent) {
		return permanent.Err
	}
	if waiting := new(waitError); errors.As(err, &waiting) {
		return waiting.err
	}
	return err
}

// gate holds every call back once one of them was refused as too many, so that parallel calls do not spend their
// retries on learning the same.
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

// wait returns when calls may go out again, spread over a moment so that they do not all go at once: the first to go
// may find that it was too early, and then the others wait on.
func (g *gate) wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		wait := time.Until(g.opened)
		g.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		sleep(ctx, wait+rand.N(wait/4+time.Millisecond))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// repeatableWrites are the writes that say what the outcome shall be, so that doing them twice is doing them once.
// Reads and deletes are recognised by their names; any other call is done at most once. A directory's secret is
// regenerated once more for a reply that was lost: the one that nobody received becomes inactive with that. A sync brings
// a directory to what its provider has, so that another brings nothing else; in REST the call is even a GET.
var repeatableWrites = map[string]bool{
	"AssignRoles":                     true,
	"DisableDirectory":                true,
	"EnableDirectory":                 true,
	"RegenerateDirectorySecret":       true,
	"RemovePermissionFromRole":        true,
	"TriggerDirectorySync":            true,
	"UpdateAttributes":                true,
	"UpdateDefaultOrganizationRoles":  true,
	"UpdateDefaultRoles":              true,
	"UpdateOrganization":              true,
	"UpdateOrganizationRole":          true,
	"UpdateOrganizationSessionPolicy": true,
	"UpdateOrganizationSettings":      true,
	"UpdatePermission":                true,
	"UpdateRole":                      true,
	"UpsertUserManagementSettings":    true,
}

// repeatable reports whether a call may be repeated when its outcome is unknown.
func repeatable(method string) bool {
	return isRead(method) || strings.HasPrefix(method, "Delete") || repeatableWrites[method]
}

// isRead reports whether a call changes nothing.
func isRead(method string) bool {
	for _, prefix := range []string{"Get", "List", "Search"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// shouldRetry decides on a failed attempt at a call.
func shouldRetry(method string, err error, seen *exchange) bool {
	switch {
	case isRateLimit(err, seen):
		return true
	case isNeverSent(err, seen):
		return true
	case !repeatable(method):
		return false
	default:
		return isTransient(err)
	}
}

// isRateLimit reports a refusal for too many calls, which took no effect. The RPC library uses the same code for a
// reply that is too large and for some broken connections, after which nothing is known of the effect.
func isRateLimit(err error, seen *exchange) bool {
	return seen.status() == http.StatusTooManyRequests ||
		connect.CodeOf(err) == connect.CodeResourceExhausted && connect.IsWireError(err)
}

// isNeverSent reports a failure to connect: nothing left this machine, so even a create may be repeated.
func isNeverSent(err error, seen *exchange) bool {
	return !seen.sent() && !connect.IsWireError(err) && connect.CodeOf(err) == connect.CodeUnavailable
}

// isTransient reports a failure that says nothing of the call itself: the environment was not available, the attempt
// timed out, or the connection broke or carried something that is no reply.
func isTransient(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeUnavailable, connect.CodeDeadlineExceeded:
		return true
	case connect.CodeUnauthenticated, connect.CodePermissionDenied, connect.CodeUnimplemented:
		// HTTP statuses that a proxy gives; asking again does not change them.
		return false
	default:
		return !connect.IsWireError(err)
	}
}
