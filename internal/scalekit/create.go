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

// adoptWithin is how soon after its create began an object must be found to be taken for that create's. What is found
// later may just as well be what somebody else has made in the meantime.
const adoptWithin = 2500 * time.Millisecond

// errNoObject says that a create was answered without the object.
var errNoObject = errors.New("the reply has no object")

// Object is what a create makes.
type Object interface{ GetId() string }

// Creation is how to create one object without ever creating it twice.
type Creation[T Object] struct {
	// Create makes the object.
	Create func(context.Context) (T, error)
	// Find looks for the object that Create would have made, and reports whether it found it. It must not return an
	// object that differs from what was sent, that is older than the create (see Client.RecentEnough), or that another
	// resource of this run has made.
	Find func(context.Context) (T, bool, error)
	// Adopted is told of an object that was found after its reply was lost, and is taken for this create's. It may be nil.
	Adopted func(T)
	// Unique says that the platform refuses a second object of the same natural key, so that the create may be
	// repeated once the first was not found.
	Unique bool
}

// Create makes an object. When the outcome of an attempt is unknown it looks for the object, adopts it if it is
// there soon enough to be nobody else's, and repeats the create only where the platform would refuse a second one. A
// *UnknownOutcomeError says that it stays undecided.
func Create[T Object](ctx context.Context, c *Client, creation Creation[T]) (T, error) {
	waits := retry.NewWaits(c.config.RetryInterval)
	find, began, cancelled := creation.Find, time.Now(), func() bool { return ctx.Err() != nil }
	creation.Find = func(ctx context.Context) (T, bool, error) {
		object, ok, err := find(ctx)
		within := adoptWithin
		if cancelled() {
			within += retry.Grace // for so long the reply was waited for
		}
		switch {
		case !ok:
		case time.Since(began) > within:
			return object, false, errors.New("an equal object is there, and somebody else may have made it")
		case creation.Adopted != nil:
			creation.Adopted(object)
		}
		return object, ok, err
	}
	var undecided error // why the outcome of an earlier attempt is unknown
	for try := 0; ; try++ {
		object, err := creation.Create(ctx)
		if err == nil && object.GetId() != "" {
			return object, nil
		}
		unknown := err == nil || IsOutcomeUnknown(err)
		if err == nil {
			err = errNoObject
		}
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
func look[T Object](ctx context.Context, creation Creation[T]) (T, bool, error) {
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
func lookLate[T Object](ctx context.Context, c *Client, creation Creation[T], cause error) (T, error) {
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

// clockPrecision is how exactly the platform's clock is known: its replies tell it in whole seconds, some time after.
const clockPrecision = 2 * time.Second

// RecentEnough reports whether an object of that creation time, by the platform's clock, may stem from a create that began
// at started, by this machine's.
func (c *Client) RecentEnough(created, started time.Time) bool {
	return !created.Before(started.Add(c.clock.ahead()).Add(-clockPrecision))
}
