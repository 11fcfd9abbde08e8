package scalekit

import (
	"context"
	"mime"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// exchange is what was seen of one HTTP exchange below the RPC library, which keeps neither the HTTP status nor
// whether the request left this machine.
type exchange struct {
	mu       sync.Mutex
	wrote    bool
	response *http.Response
}

type exchangeKey struct{}

// observe returns a context whose HTTP exchange is recorded.
func observe(ctx context.Context) (context.Context, *exchange) {
	seen := new(exchange)
	ctx = context.WithValue(ctx, exchangeKey{}, seen)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() {
			seen.mu.Lock()
			defer seen.mu.Unlock()
			seen.wrote = true
		},
	}), seen
}

// clock is how far the platform's clock is ahead of this machine's, as its latest reply has it.
type clock struct{ nanoseconds atomic.Int64 }

func (c *clock) ahead() time.Duration { return time.Duration(c.nanoseconds.Load()) }

// set learns from the header Date of a reply that has just arrived. Without one the clocks are taken for equal.
func (c *clock) set(header http.Header) {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.nanoseconds.Store(int64(time.Until(date)))
	}
}

// observer records the reply of an exchange that is being observed.
type observer struct {
	next  http.RoundTripper
	clock *clock
}

func (o observer) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := o.next.RoundTrip(request)
	if response != nil {
		o.clock.set(response.Header)
	}
	if seen, ok := request.Context().Value(exchangeKey{}).(*exchange); ok && response != nil {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.response = response
	}
	return response, err
}

// sent reports whether the request, or a part of it, may have reached the host.
func (e *exchange) sent() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.wrote
}

// status is the HTTP status of the reply, zero without one.
func (e *exchange) status() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.response == nil {
		return 0
	}
	return e.response.StatusCode
}

func (e *exchange) header(name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.response == nil {
		return ""
	}
	if value := e.response.Header.Get(name); value != "" {
		return value
	}
	return e.response.Trailer.Get(name)
}

// contentType is the media type of the reply, without parameters.
func (e *exchange) contentType() string {
	mediaType, _, err := mime.ParseMediaType(e.header("Content-Type"))
	if err != nil {
		return ""
	}
	return mediaType
}

// retryAfter is how long the host asks to be left alone, zero when it does not say. That Scalekit does is not documented.
func (e *exchange) retryAfter() time.Duration { return retry.After(e.header("Retry-After")) }
