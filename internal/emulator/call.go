package emulator

import (
	"context"
	"net/http"
)

// call is what a handler knows of the request beside its message.
type call struct {
	requestID string // req_ and digits: at most 32 characters, as the platform's are; the form is assumed [U]
	base      string // the environment URL as the client has it, for links
}

type callKey struct{}

func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callFrom(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

func (e *Emulator) newCall(r *http.Request) call {
	id, _ := e.requests.next("req_")
	return call{requestID: id, base: baseURL(r)}
}

func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
