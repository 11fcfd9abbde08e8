// Package web has what the emulator's rooms share that answer HTTP requests: the call that is being answered, the routes
// and control paths that a room has, and how JSON is written.
package web

import "net/http"

// Route is something that faults can be set on: an RPC, the token endpoint or a call of the webhook server.
type Route struct {
	Name   string   // in the request log
	Faults []string // the names of it that a fault may have

	// Admit refuses a call before anything else happens to it; nil admits all.
	Admit func(*http.Request) error
	// Serve answers a call. The reply waits until it has returned.
	Serve func(http.ResponseWriter, *http.Request)
	// Fail answers a call with an error, which may be an injected one.
	Fail func(http.ResponseWriter, *http.Request, error)
}
