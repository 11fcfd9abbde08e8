package scalekit

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"connectrpc.com/connect"
	"github.com/cenkalti/backoff/v5"
)

// Logger hears of every attempt at a call. Fields never hold a token or a secret.
type Logger interface {
	// Debug gets one line for each attempt: call, code, duration, attempt and request id.
	Debug(ctx context.Context, message string, fields map[string]any)
	// Trace gets the bodies, with secret fields masked. Their values format themselves only when printed.
	Trace(ctx context.Context, message string, fields map[string]any)
}

type silent struct{}

func (silent) Debug(context.Context, string, map[string]any) {}
func (silent) Trace(context.Context, string, map[string]any) {}

// CallError is a call that failed for good.
type CallError struct {
	// Method is the RPC's name, such as "CreateOrganization".
	Method string
	// Attempts is how many attempts were made.
	Attempts int
	// Err is the last attempt's failure: a *connect.Error, or one of the errors of Client.Authenticate. Where the caller
	// gave up waiting for the next attempt, the context's error comes before it.
	Err error

	seen *exchange
}

func (e *CallError) Error() string { return e.Method + ": " + e.Err.Error() }
func (e *CallError) Unwrap() error { return e.Err }

// caller is the interceptor through which every call goes.
type caller struct {
	config Config
	tokens *tokenSource
	gate   gate
}

// WrapUnary repeats a call as the package's rules allow.
func (c *caller) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		var reply connect.AnyResponse
		err := c.repeat(ctx, path.Base(request.Spec().Procedure), func(number int) (seen *exchange, err error) {
			reply, seen, err = c.attempt(ctx, next, request, number)
			return seen, err
		})
		if err != nil {
			return nil, err
		}
		return reply, nil
	}
}

// repeat makes attempts at a call until one has an outcome that stands. An attempt returns no exchange if none was made.
// The error is a *CallError.
func (c *caller) repeat(ctx context.Context, method string, attempt func(number int) (*exchange, error)) error {
	limited := newRateLimitBackOff(c.config.RetryInterval)
	failure := &CallError{Method: method}
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if err := c.gate.wait(ctx); err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		failure.Attempts++
		seen, err := attempt(failure.Attempts)
		failure.seen, last = seen, err
		switch {
		case err == nil:
			return struct{}{}, nil
		case seen == nil || ctx.Err() != nil || !shouldRetry(method, err, seen):
			return struct{}{}, backoff.Permanent(err)
		case isRateLimit(err, seen):
			wait := seen.retryAfter()
			if wait == 0 {
				wait = limited.NextBackOff()
			}
			c.gate.closeFor(min(wait, maxRetryAfter))
			return struct{}{}, &waitError{err: err, wait: time.Millisecond} // the gate does the waiting
		default:
			return struct{}{}, err
		}
	}, backoff.WithBackOff(newBackOff(c.config.RetryInterval)), backoff.WithMaxTries(uint(c.config.MaxRetries)+1),
		backoff.WithMaxElapsedTime(0))
	if err == nil {
		return nil
	}
	failure.Err = cause(err)
	if last != nil && !errors.Is(failure.Err, last) {
		// The context ended between two attempts. What the last one came to still decides on its outcome.
		failure.Err = fmt.Errorf("%w, while waiting to repeat the call after: %w", failure.Err, last)
	}
	return failure
}

// attempt makes one attempt, and a second one at once if the token was refused. The exchange is nil if none was made.
func (c *caller) attempt(ctx context.Context, next connect.UnaryFunc, request connect.AnyRequest, number int) (connect.AnyResponse, *exchange, error) {
	for renewed := false; ; renewed = true {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		token, err := c.tokens.token(ctx)
		if err != nil {
			return nil, nil, err
		}
		reply, seen, err := c.exchange(ctx, next, request, token, number)
		if connect.CodeOf(err) != connect.CodeUnauthenticated || err == nil || renewed {
			return reply, seen, err
		}
		c.tokens.reject(token)
	}
}

// exchange sends the request once and logs what came of it.
func (c *caller) exchange(ctx context.Context, next connect.UnaryFunc, request connect.AnyRequest, token string, number int) (connect.AnyResponse, *exchange, error) {
	method := path.Base(request.Spec().Procedure)
	request.Header().Set("Authorization", "Bearer "+token)
	request.Header().Set("User-Agent", c.config.UserAgent)
	request.Header().Set("X-Api-Version", apiVersion)

	limited := context.WithTimeout
	if !isRead(method) {
		limited = withGrace
	}
	attemptCtx, cancel := limited(ctx, c.config.RequestTimeout)
	defer cancel()
	attemptCtx, seen := observe(attemptCtx)
	c.config.Logger.Trace(ctx, "Scalekit request", map[string]any{"call": method, "body": body{request.Any()}})
	started := time.Now()
	reply, err := next(attemptCtx, request)
	fields := map[string]any{
		"call": method, "attempt": number, "duration_ms": time.Since(started).Milliseconds(), "code": "ok",
	}
	if err != nil {
		fields["code"] = connect.CodeOf(err).String()
		if id := Explain(err).RequestID; id != "" {
			fields["request_id"] = id
		}
		c.config.Logger.Debug(ctx, "Scalekit call failed", fields)
		return nil, seen, err
	}
	if id := seen.header("X-Request-Id"); id != "" {
		fields["request_id"] = id
	}
	c.config.Logger.Debug(ctx, "Scalekit call", fields)
	c.config.Logger.Trace(ctx, "Scalekit reply", map[string]any{"call": method, "body": body{reply.Any()}})
	return reply, seen, nil
}

// cancelGrace is how long the reply to a change is waited for once the user has cancelled the run.
const cancelGrace = 5 * time.Second

// withGrace is a context with a timeout that is not cancelled with its parent, but some time later. A change that is on
// its way has an outcome, and what a reply says of it reaches the state: an id, or a secret that no other reply has.
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

// WrapStreamingClient refuses streams: the API has none.
func (c *caller) WrapStreamingClient(connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(context.Context, connect.Spec) connect.StreamingClientConn {
		panic(errors.New("scalekit: the API has no streaming calls"))
	}
}

// WrapStreamingHandler is for servers.
func (c *caller) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
