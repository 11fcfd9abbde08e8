package svixportal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// maxReplyBytes bounds one reply.
const maxReplyBytes = 16 << 20

// outcome is what came of a call, below Svix's client.
type outcome struct {
	call string
	// kind names the objects of the reply, for trim.
	kind string
	// secrets are texts of the request that no log and no error may repeat.
	secrets []string
	// changes says that the call changes something.
	changes bool

	attempts  int
	status    int
	body      []byte
	err       error // why there is no reply
	uncertain bool
	posted    bool
}

type outcomeKey struct{}

func withOutcome(ctx context.Context, seen *outcome) context.Context {
	return context.WithValue(ctx, outcomeKey{}, seen)
}

// failure is the call's error, nil if it succeeded. The client's own error matters only where a reply came that it could
// not read.
func (o *outcome) failure(clientErr error) *Error {
	failure := &Error{Call: o.call, Status: o.status, Attempts: o.attempts, Uncertain: o.uncertain}
	switch {
	case o.err != nil:
		failure.Status, failure.Err = 0, withoutURL(o.err)
	case o.attempts == 0 && clientErr != nil:
		failure.Err = clientErr
	case o.status < http.StatusOK || o.status >= http.StatusMultipleChoices:
		failure.refuse(o.body)
		failure.mask(o.secrets)
	case clientErr != nil:
		failure.Uncertain = true
		failure.Err = errors.New("the webhook server's reply could not be read")
	default:
		return nil
	}
	return failure
}

// withoutURL drops the method and URL that net/http puts before the cause of a failed request.
func withoutURL(err error) error {
	if request := new(url.Error); errors.As(err, &request) {
		return request.Err
	}
	return err
}

// transport is what Svix's client is given in place of a connection. It makes up for what that client does not do:
//   - it drops a server URL's path;
//   - it repeats failures three times by itself, without a fresh body and with no regard to whether the call may be
//     repeated, so a failure is handed to it as a status that it does not repeat, and kept in the outcome;
//   - it refuses replies with a field that it does not know.
type transport struct {
	client *Client
	base   *url.URL
	token  string
}

// statusFailed stands in for every failure that Svix's client would repeat.
const statusFailed = 499

// RoundTrip repeats a call as the package's rules allow.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	seen, ok := ctx.Value(outcomeKey{}).(*outcome)
	if !ok {
		return nil, errors.New("svixportal: a request without an outcome")
	}
	var body []byte
	if request.Body != nil {
		var err error
		body, err = io.ReadAll(request.Body)
		_ = request.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	seen.posted = request.Method == http.MethodPost
	seen.changes = request.Method != http.MethodGet
	repeatable := !seen.posted
	for name := range request.Header { // Svix's client writes the name in lower case, where Get does not find it
		repeatable = repeatable || strings.EqualFold(name, "Idempotency-Key")
	}
	header := t.client.repeat(ctx, seen, repeatable, func(ctx context.Context) (*http.Request, error) {
		attempt := request.Clone(ctx)
		attempt.URL = t.base.JoinPath(request.URL.EscapedPath())
		attempt.URL.RawQuery = request.URL.RawQuery
		attempt.Host = ""
		attempt.Header.Set("Authorization", "Bearer "+t.token)
		attempt.Header.Set("User-Agent", t.client.config.UserAgent)
		if request.Body != nil {
			attempt.Body = io.NopCloser(bytes.NewReader(body))
		}
		return attempt, nil
	})
	status, content := seen.status, seen.body
	if seen.err != nil || status >= http.StatusInternalServerError {
		status, content, header = statusFailed, nil, http.Header{}
	} else if status < http.StatusMultipleChoices {
		content = trim(seen.kind, content)
	}
	return &http.Response{
		StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(content)), ContentLength: int64(len(content)), Request: request,
	}, nil
}

// repeat makes attempts until one has an outcome that stands. It returns the last reply's header.
func (c *Client) repeat(ctx context.Context, seen *outcome, repeatable bool, build func(context.Context) (*http.Request, error)) http.Header {
	header := http.Header{}
	policy := retry.Policy{MaxRetries: c.config.MaxRetries, Interval: c.config.RetryInterval, Gate: &c.gate}
	err := policy.Do(ctx, func(number int) retry.Next {
		seen.attempts = number
		var sent bool
		header, sent = c.attempt(ctx, seen, build)
		switch {
		case seen.err == nil && seen.status == http.StatusTooManyRequests:
			return retry.Limited(retry.After(header.Get("Retry-After")))
		case seen.err == nil && !isTransient(seen.status):
			return retry.Stop
		case !sent:
			return retry.Again
		}
		seen.uncertain = true
		if !repeatable {
			return retry.Stop
		}
		return retry.Again
	})
	if err != nil {
		seen.status, seen.body, seen.err = 0, nil, err
		return http.Header{}
	}
	return header
}

// isTransient reports a status that says nothing of the call itself.
func isTransient(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented || status == http.StatusRequestTimeout
}

// attempt makes one attempt and reports whether it may have reached the host.
func (c *Client) attempt(ctx context.Context, seen *outcome, build func(context.Context) (*http.Request, error)) (http.Header, bool) {
	limited := context.WithTimeout
	if seen.changes {
		limited = retry.WithGrace
	}
	attemptCtx, cancel := limited(ctx, c.config.RequestTimeout)
	defer cancel()
	var sent atomic.Bool
	attemptCtx = httptrace.WithClientTrace(attemptCtx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	seen.status, seen.body, seen.err = 0, nil, nil
	request, err := build(attemptCtx)
	if err != nil {
		seen.err = err
		return http.Header{}, false
	}
	started := time.Now()
	header := http.Header{}
	response, err := c.config.Transport.RoundTrip(request)
	if err == nil {
		header, seen.status = response.Header, response.StatusCode
		seen.body, err = io.ReadAll(io.LimitReader(response.Body, maxReplyBytes))
		_ = response.Body.Close()
	}
	fields := map[string]any{
		"call": seen.call, "attempt": seen.attempts, "duration_ms": time.Since(started).Milliseconds(), "http_status": seen.status,
	}
	if id := header.Get("X-Request-Id"); id != "" {
		fields["request_id"] = id
	}
	if err != nil {
		seen.err = err
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			seen.err = fmt.Errorf("no reply within %s", c.config.RequestTimeout)
		}
		fields["error"] = withoutURL(seen.err).Error()
	}
	c.config.Logger.Debug(ctx, "Webhook server call", fields)
	c.config.Logger.Trace(ctx, "Webhook server reply", map[string]any{"call": seen.call, "body": maskedBody(seen.body)})
	return header, sent.Load()
}
