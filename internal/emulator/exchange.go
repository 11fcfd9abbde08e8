package emulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

const maxHang = 60 * time.Second

// endpoint is something that faults can be set on: an RPC, the token endpoint or a call of the webhook server.
type endpoint struct {
	name   string   // in the request log
	faults []string // the names of it that a fault may have

	// admit refuses a call before anything else happens to it; nil admits all.
	admit func(*http.Request) error
	serve func(*reply, *http.Request)
	fail  func(*reply, *http.Request, error)
}

// exchange takes one call through latency, admission, faults and the request log.
//
// The call is served apart from its client: once the request has been read, it takes effect even if the client is gone.
// That is what servers do, and what a client that gives up must reckon with.
func (e *Emulator) exchange(w http.ResponseWriter, r *http.Request, target endpoint) {
	entry := e.newEntry(r, target.name)
	started := time.Now()
	finish := func(code string, kind FaultKind) {
		entry.Code, entry.Fault, entry.Duration = code, kind, time.Since(started)
		e.log.add(entry.Request)
	}
	abort := func(kind FaultKind) {
		finish(codeDropped, kind)
		drop()
	}
	answer := newReply()

	client := r.Context()
	body, err := readBody(w, r)
	if err != nil {
		abort("")
	}
	r = r.WithContext(withCall(context.WithoutCancel(client), entry.call))
	r.Body = io.NopCloser(bytes.NewReader(body))

	if !e.wait(e.options.Latency) {
		abort("")
	}
	if err := e.admit(target, r, len(body)); err != nil {
		target.fail(answer, r, err)
		finish(answer.code(), "")
		answer.send(w)
		return
	}

	fault := e.faults.next(target.faults...)
	if fault.Kind == FaultTokensRevoked {
		e.RevokeTokens()
	}
	switch fault.Kind {
	case FaultErrorBefore, FaultRateLimit, FaultTokenExpired, FaultTokensRevoked:
		target.fail(answer, r, fault.failure())
		finish(answer.code(), fault.Kind)
		answer.send(w)
		return
	case FaultDropBefore:
		abort(fault.Kind)
	case FaultHang:
		e.hang(client)
		abort(fault.Kind)
	case FaultDelayBefore:
		if !e.wait(fault.Delay) {
			abort(fault.Kind)
		}
	}

	target.serve(answer, r)

	switch fault.Kind {
	case FaultErrorAfter:
		answer = newReply()
		target.fail(answer, r, fault.failure())
	case FaultDropAfter:
		abort(fault.Kind)
	case FaultDelayAfter:
		if !e.wait(fault.Delay) {
			abort(fault.Kind)
		}
	case FaultGarbage:
		answer = newReply()
		answer.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(answer, "<!DOCTYPE html><html><body><h1>Not the service you expected</h1></body></html>\n")
	case FaultTruncate:
		finish(codeDropped, fault.Kind)
		answer.sendTruncated(w)
	}
	finish(answer.code(), fault.Kind)
	answer.send(w)
}

// admit refuses what never reaches a service.
func (e *Emulator) admit(target endpoint, r *http.Request, size int) error {
	if err := e.refuseForeign(r); err != nil {
		return err
	}
	if target.admit != nil {
		if err := target.admit(r); err != nil {
			return err
		}
	}
	if size > maxRequestBytes {
		return tooLarge()
	}
	return nil
}

// tooLarge is the refusal of a request by its size. The gRPC code alone would be "too many requests" of HTTP.
func tooLarge() error {
	err := apierr.New(connect.CodeResourceExhausted, "the request is larger than %d bytes", maxRequestBytes)
	err.Status = http.StatusRequestEntityTooLarge
	return err
}

// wait returns false when the emulator closes meanwhile.
func (e *Emulator) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-e.closing:
		return false
	}
}

// hang waits for the client to go.
func (e *Emulator) hang(client context.Context) {
	select {
	case <-client.Done():
	case <-time.After(maxHang):
	case <-e.closing:
	}
}

// entry is a request log entry in the making.
type entry struct {
	Request
	call call
}

const maxLoggedText = 512 // longer paths and user agents are cut

func (e *Emulator) newEntry(r *http.Request, name string) *entry {
	c := e.newCall(r)
	return &entry{call: c, Request: Request{
		Time:      e.now().UTC(),
		RPC:       cut(name),
		Method:    r.Method,
		Path:      cut(r.URL.Path),
		Protocol:  r.Proto,
		RequestID: c.requestID,
		UserAgent: cut(r.UserAgent()),
	}}
}

func cut(text string) string { return text[:min(len(text), maxLoggedText)] }

// plain answers and logs a request that faults cannot be set on.
func (e *Emulator) plain(w http.ResponseWriter, r *http.Request, serve func(w http.ResponseWriter, c call)) {
	entry := e.newEntry(r, "")
	started := time.Now()
	answer := newReply()
	if err := e.refuseForeign(r); err != nil {
		writeREST(answer, entry.call.requestID, apierr.From(err))
	} else {
		serve(answer, entry.call)
	}
	entry.Code, entry.Duration = answer.code(), time.Since(started)
	e.log.add(entry.Request)
	answer.send(w)
}
