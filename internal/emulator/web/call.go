package web

import "context"

// Call is what a handler knows of the request beside its message.
type Call struct {
	RequestID string // req_ and digits: at most 32 characters, as the platform's are; the form is assumed [U]
	Base      string // the environment URL as the client has it, for links
}

type callKey struct{}

// WithCall hands a call to the handlers below.
func WithCall(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallFrom returns the call that a handler answers.
func CallFrom(ctx context.Context) Call {
	c, _ := ctx.Value(callKey{}).(Call)
	return c
}
