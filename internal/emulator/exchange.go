package emulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

const maxHang = 60 * time.Second

// exchange takes one call through latency, admission, faults and the request log.
//
// The call is served apart from its client: once the request has been read, it takes effect even if the client is gone.
// That is what servers do, and what a client that gives up must reckon with.
func (e *Emulator) exchange(w http.ResponseWriter, r *http.Request, target web.Route) {
	entry := e.newEntry(r, target.Name)
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
	r = r.WithContext(web.WithCall(context.WithoutCancel(client), entry.call))
	r.Body = io.NopCloser(bytes.NewReader(body))

	if !e.wait(e.options.Latency) {
		abort("")
	}
	if err := e.admit(target, r, len(body)); err != nil {
		target.Fail(answer, r, err)
		finish(answer.code(), "")
		answer.send(w)
		return
	}

	fault := e.faults.next(target.Faults...)
	if fault.Kind == FaultTokensRevoked {
		e.RevokeTokens()
	}
	switch fault.Kind {
	case FaultErrorBefore, FaultRateLimit, FaultTokenExpired, FaultTokensRevoked:
		target.Fail(answer, r, fault.failure())
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

	target.Serve(answer, r)
	if err := answer.bareError(); err != nil {
		answer = newReply()
		target.Fail(answer, r, err)
	}

	switch fault.Kind {
	case FaultErrorAfter:
		answer = newReply()
		target.Fail(answer, r, fault.failure())
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
func (e *Emulator) admit(target web.Route, r *http.Request, size int) error {
	if err := e.refuseForeign(r); err != nil {
		return err
	}
	if target.Admit != nil {
		if err := target.Admit(r); err != nil {
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
	call web.Call
}

const maxLoggedText = 512 // longer paths and user agents are cut

func (e *Emulator) newEntry(r *http.Request, name string) *entry {
	c := e.newCall(r)
	return &entry{call: c, Request: Request{
		Time:      e.now().UTC(),
		RPC:       cut(name),
		Method:    cut(r.Method),
		Path:      cut(r.URL.Path),
		Protocol:  r.Proto,
		RequestID: c.RequestID,
		UserAgent: cut(r.UserAgent()),
	}}
}

// cut is the beginning of a text, without keeping the rest in memory.
func cut(text string) string { return strings.Clone(text[:min(len(text), maxLoggedText)]) }

// plain answers and logs a request that faults cannot be set on.
func (e *Emulator) plain(w http.ResponseWriter, r *http.Request, serve func(w http.ResponseWriter, c web.Call)) {
	entry := e.newEntry(r, "")
	started := time.Now()
	answer := newReply()
	if err := e.refuseForeign(r); err != nil {
		writeREST(answer, entry.call.RequestID, apierr.From(err))
	} else {
		serve(answer, entry.call)
	}
	entry.Code, entry.Duration = answer.code(), time.Since(started)
	e.log.add(entry.Request)
	answer.send(w)
}

func (e *Emulator) newCall(r *http.Request) web.Call {
	id, _ := e.requests.Next("req_")
	return web.Call{RequestID: id, Base: baseURL(r)}
}

func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
