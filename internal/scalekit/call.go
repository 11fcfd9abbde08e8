package scalekit

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
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
	gate   retry.Gate
}

func (c *caller) policy() retry.Policy {
	return retry.Policy{MaxRetries: c.config.MaxRetries, Interval: c.config.RetryInterval, Gate: &c.gate}
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
	failure := &CallError{Method: method}
	waitErr := c.policy().Do(ctx, func(number int) retry.Next {
		failure.Attempts = number
		failure.seen, failure.Err = attempt(number)
		switch {
		case failure.Err == nil || failure.seen == nil || !shouldRetry(method, failure.Err, failure.seen):
			return retry.Stop
		case isRateLimit(failure.Err, failure.seen):
			return retry.Limited(failure.seen.retryAfter())
		default:
			return retry.Again
		}
	})
	switch {
	case waitErr == nil && failure.Err == nil:
		return nil
	case waitErr != nil && failure.Err != nil:
		// The context ended between two attempts. What the last one came to still decides on its outcome.
		failure.Err = fmt.Errorf("%w, while waiting to repeat the call after: %w", waitErr, failure.Err)
	case waitErr != nil:
		failure.Err = waitErr
	}
	return failure
}

// attempt makes one attempt, and a second one at once if the token was refused. The exchange is nil if none was made.
func (c *caller) attempt(ctx context.Context, next connect.UnaryFunc, request connect.AnyRequest, number int) (reply connect.AnyResponse, seen *exchange, err error) {
	tokenErr := c.tokens.With(ctx, func(token *string) (refused bool) {
		reply, seen, err = c.exchange(ctx, next, request, *token, number)
		return isUnauthenticated(err)
	})
	if tokenErr != nil {
		return nil, nil, tokenErr
	}
	return reply, seen, err
}

func isUnauthenticated(err error) bool {
	return err != nil && connect.CodeOf(err) == connect.CodeUnauthenticated
}

// exchange sends the request once and logs what came of it.
func (c *caller) exchange(ctx context.Context, next connect.UnaryFunc, request connect.AnyRequest, token string, number int) (connect.AnyResponse, *exchange, error) {
	method := path.Base(request.Spec().Procedure)
	request.Header().Set("Authorization", "Bearer "+token)
	request.Header().Set("User-Agent", c.config.UserAgent)
	request.Header().Set("X-Api-Version", apiVersion)

	limited := context.WithTimeout
	if !isRead(method) {
		limited = retry.WithGrace
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
