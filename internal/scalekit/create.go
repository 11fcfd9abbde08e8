package scalekit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// lookTimeout bounds the search for an object after its create was cut short by the user's own cancellation.
const lookTimeout = 20 * time.Second

// UnknownOutcomeError says that an object may or may not have been created.
type UnknownOutcomeError struct {
	// Err is what happened to the create.
	Err error
	// Look is why the object could not be looked for; nil if it was, and was not found.
	Look error
}

func (e *UnknownOutcomeError) Error() string {
	if e.Look != nil {
		return fmt.Sprintf("%v; looking for it failed too: %v", e.Err, e.Look)
	}
	return fmt.Sprintf("%v; looking for it afterwards found nothing", e.Err)
}

func (e *UnknownOutcomeError) Unwrap() []error { return []error{e.Err, e.Look} }

// Creation is how to create one object without ever creating it twice.
type Creation[T any] struct {
	// Create makes the object.
	Create func(context.Context) (T, error)
	// Find looks for the object that Create would have made, and reports whether it found it. It must not return an
	// object of somebody else's: see RecentEnough.
	Find func(context.Context) (T, bool, error)
	// Unique says that the platform refuses a second object of the same natural key, so that the create may be
	// repeated once the first was not found.
	Unique bool
}

// Create makes an object. When the outcome of an attempt is unknown it looks for the object, adopts it if it is
// there, and repeats the create only where the platform would refuse a second one. A *UnknownOutcomeError says that
// it stays undecided.
func Create[T any](ctx context.Context, c *Client, creation Creation[T]) (T, error) {
	waits := retry.NewWaits(c.config.RetryInterval)
	var undecided error // why the outcome of an earlier attempt is unknown
	for try := 0; ; try++ {
		object, err := creation.Create(ctx)
		if err == nil {
			return object, nil
		}
		unknown := IsOutcomeUnknown(err)
		if !unknown && try == 0 && !wasRepeated(err) {
			return object, err
		}
		// A refusal on a later attempt is looked into as well: what stands in the way may be the first attempt's object.
		found, ok, lookErr := look(ctx, creation)
		switch {
		case ok:
			return found, nil
		case !unknown && undecided != nil && !isRefusal(err):
			// This attempt never reached the environment, which says nothing of the one before.
			return object, &UnknownOutcomeError{Err: undecided, Look: lookErr}
		case !unknown:
			return object, err
		case lookErr != nil || ctx.Err() != nil || creation.Unique && try >= c.config.MaxRetries:
			return object, &UnknownOutcomeError{Err: err, Look: lookErr}
		case !creation.Unique:
			return lookLate(ctx, c, creation, err)
		}
		undecided = err
		retry.Sleep(ctx, waits.Next())
	}
}

// look searches for the object even when the user cancels the run, before the search or in the middle of it: an object
// that exists must reach the state.
func look[T any](ctx context.Context, creation Creation[T]) (T, bool, error) {
	if ctx.Err() == nil {
		found, ok, err := creation.Find(ctx)
		if err == nil || ctx.Err() == nil {
			return found, ok, err
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	return creation.Find(ctx)
}

// lookLate keeps looking for as long as an attempt may take: the platform may still be at work on a create whose
// caller has given up.
func lookLate[T any](ctx context.Context, c *Client, creation Creation[T], cause error) (T, error) {
	waits := retry.NewWaits(c.config.RetryInterval)
	for deadline := time.Now().Add(c.config.RequestTimeout); ; {
		retry.Sleep(ctx, waits.Next())
		late := time.Now().After(deadline)
		found, ok, err := look(ctx, creation)
		switch {
		case ok:
			return found, nil
		case err != nil || late || ctx.Err() != nil:
			return found, &UnknownOutcomeError{Err: cause, Look: err}
		}
	}
}

// IsOutcomeUnknown reports whether a failed call may have taken effect all the same.
func IsOutcomeUnknown(err error) bool {
	failure := new(CallError)
	if !errors.As(err, &failure) || failure.seen == nil || !failure.seen.sent() {
		return false
	}
	return !isRefusal(err)
}

// isRefusal reports whether the environment, or a proxy before it, said that the call took no effect. The RPC library
// gives the same codes to replies that it could not read, which say no such thing.
func isRefusal(err error) bool {
	failure := new(CallError)
	if !errors.As(err, &failure) || failure.seen == nil {
		return false
	}
	status := failure.seen.status()
	if isRateLimit(err, failure.seen) {
		return true
	}
	if !connect.IsWireError(err) && (status == 0 || status == http.StatusOK) {
		return false
	}
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeUnauthenticated, connect.CodePermissionDenied, connect.CodeNotFound,
		connect.CodeAlreadyExists, connect.CodeFailedPrecondition, connect.CodeOutOfRange, connect.CodeUnimplemented:
		return true
	default:
		return false
	}
}

func wasRepeated(err error) bool {
	failure := new(CallError)
	return errors.As(err, &failure) && failure.Attempts > 1
}

// clockSkew is how far the platform's clock may run behind this machine's.
const clockSkew = 5 * time.Minute

// RecentEnough reports whether an object of that creation time may stem from a create that began at started.
func RecentEnough(created, started time.Time) bool {
	return !created.Before(started.Add(-clockSkew))
}
