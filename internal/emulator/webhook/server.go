package webhook

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// The webhook server: Svix, as far as an application portal session reaches. It has a base URL of its own under the
// environment's. What is not documented in Svix's API reference has been read in its published server [S]; that the
// platform's server is of that version is inferred [I].
const (
	// Base begins the paths of the server.
	Base = "/_svix"

	// applicationID is the only application there is: the environment's.
	applicationID = "app_2srOrVMHzXkNzAbJQmHcXxyyNzE"

	// svixFaults names every call of the endpoint API in faults.
	svixFaults = "svix.*"
)

// svixOperation is one call of the endpoint API.
type svixOperation struct {
	name   string // in faults and in the request log
	method string
	path   string // {app} and {id} stand for one segment each
	run    func(*Server, *svixCall) (status int, body any, err error)
}

// svixOperations is the whole endpoint API. The names are Svix's own for these calls.
var svixOperations = []svixOperation{
	{"svix.endpoint.list", http.MethodGet, "app/{app}/endpoint", (*Server).listEndpoints},
	{"svix.endpoint.create", http.MethodPost, "app/{app}/endpoint", (*Server).createEndpoint},
	{"svix.endpoint.get", http.MethodGet, "app/{app}/endpoint/{id}", (*Server).getEndpoint},
	{"svix.endpoint.update", http.MethodPut, "app/{app}/endpoint/{id}", (*Server).replaceEndpoint},
	{"svix.endpoint.patch", http.MethodPatch, "app/{app}/endpoint/{id}", (*Server).patchEndpoint},
	{"svix.endpoint.delete", http.MethodDelete, "app/{app}/endpoint/{id}", (*Server).deleteEndpoint},
	{"svix.endpoint.get-secret", http.MethodGet, "app/{app}/endpoint/{id}/secret", (*Server).getSecret},
	{"svix.endpoint.rotate-secret", http.MethodPost, "app/{app}/endpoint/{id}/secret/rotate", (*Server).rotateSecret},
	{"svix.endpoint.get-headers", http.MethodGet, "app/{app}/endpoint/{id}/headers", (*Server).getHeaders},
	{"svix.endpoint.update-headers", http.MethodPut, "app/{app}/endpoint/{id}/headers", (*Server).setHeaders},
	{"svix.endpoint.patch-headers", http.MethodPatch, "app/{app}/endpoint/{id}/headers", (*Server).patchHeaders},
	{"svix.endpoint.send-example", http.MethodPost, "app/{app}/endpoint/{id}/send-example", (*Server).sendExample},
	{"svix.event-type.list", http.MethodGet, "event-type", (*Server).listEventTypes},
}

// svixCall is a call of the endpoint API on its way.
type svixCall struct {
	app, id string
	query   url.Values
	body    []byte
}

// Route returns the route of a call of the webhook server, and false for one that it does not have.
func (s *Server) Route(r *http.Request) (route web.Route, ok bool) {
	path, inAPI := apiPath(r)
	if inAPI && path == PortalTokenEndpoint {
		return web.Route{
			Name:   PortalTokenEndpoint,
			Faults: []string{PortalTokenEndpoint},
			Serve:  svixServe(s.exchangeOneTimeToken),
			Fail:   failSvix,
		}, true
	}
	for _, operation := range svixOperations {
		call, matches := operation.match(path)
		if !inAPI || !matches || operation.method != r.Method {
			continue
		}
		return web.Route{
			Name:   operation.name,
			Faults: []string{svixFaults, operation.name},
			Admit:  s.portal.authorize,
			Serve: svixServe(func(r *http.Request, body []byte) (int, any, error) {
				call.query, call.body = r.URL.Query(), body
				return s.run(operation, call, r)
			}),
			Fail: failSvix,
		}, true
	}
	return web.Route{}, false
}

// apiPath is the path of a request under the API's, and false for one that is not under it.
func apiPath(r *http.Request) (path string, inAPI bool) {
	return strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), Base+"/api/v1/")
}

// ServeUnknown answers a request for which there is no route.
func (s *Server) ServeUnknown(w http.ResponseWriter, r *http.Request) {
	path, inAPI := apiPath(r)
	var allowed []string
	for _, operation := range svixOperations {
		if _, matches := operation.match(path); inAPI && matches {
			allowed = append(allowed, operation.method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeSvix(w, http.StatusMethodNotAllowed, &svixError{Code: "method_not_allowed", Detail: "Method not allowed"})
		return
	}
	writeSvix(w, http.StatusNotFound, svixNotFound())
}

// KnownOperation says whether the webhook server has a call of that name, which may be one that stands for several.
func KnownOperation(name string) bool {
	return name == svixFaults || name == PortalTokenEndpoint ||
		slices.ContainsFunc(svixOperations, func(operation svixOperation) bool { return operation.name == name })
}

// match reads a path of the API; ok is whether it is this operation's.
func (o svixOperation) match(path string) (call *svixCall, ok bool) {
	wanted, got := strings.Split(o.path, "/"), strings.Split(path, "/")
	if len(wanted) != len(got) {
		return nil, false
	}
	call = &svixCall{}
	for i, segment := range wanted {
		switch {
		case segment == "{app}":
			call.app = got[i]
		case segment == "{id}":
			call.id = got[i]
		case segment != got[i]:
			return nil, false
		}
	}
	return call, true
}

// svixServe makes a handler of a function that returns a status and the reply.
func svixServe(run func(r *http.Request, body []byte) (int, any, error)) func(http.ResponseWriter, *http.Request) {
	return func(answer http.ResponseWriter, r *http.Request) {
		body, err := readJSONBody(r)
		if err == nil {
			var status int
			var out any
			if status, out, err = run(r, body); err == nil {
				writeSvix(answer, status, out)
				return
			}
		}
		failSvix(answer, r, err)
	}
}

// readJSONBody refuses a body that is not sent as JSON. The published server does not look at the content type, but an
// error in it should not go unnoticed.
func readJSONBody(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodDelete {
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &svixError{
			status: http.StatusUnsupportedMediaType,
			Code:   "unsupported_media_type", Detail: "Expected request with `Content-Type: application/json`",
		}
	}
	return io.ReadAll(r.Body)
}

// run makes one call of the endpoint API, under one lock.
//
// A POST with an idempotency-key is made once: for twelve hours another one with the same key, path and token gets the
// first one's reply, whatever its body is [S]; see [Quirks.IdempotencyChecksBody]. Only calls that succeed count.
func (s *Server) run(operation svixOperation, call *svixCall, r *http.Request) (status int, body any, err error) {
	if call.app != "" && call.app != applicationID {
		// A portal token is for one application.
		return 0, nil, &svixError{
			status: http.StatusForbidden,
			Code:   "insufficient access", Detail: "Insufficient access for the given operation.",
		}
	}
	key := ""
	if value := r.Header.Get("Idempotency-Key"); value != "" && r.Method == http.MethodPost {
		key = r.Header.Get("Authorization") + "\n" + value + "\n" + r.URL.Path
	}
	err = s.store.Write(func() (err error) {
		if done, ok := s.done[key]; ok && s.store.Now().Before(done.until) {
			if s.quirks.IdempotencyChecksBody && done.request != string(call.body) {
				return &svixError{
					status: http.StatusConflict,
					Code:   "idempotency_key_conflict", Detail: "The idempotency key was used for another request",
				}
			}
			status, body = done.status, done.reply
			return nil
		}
		status, body, err = operation.run(s, call)
		return err
	})
	if err == nil && key != "" {
		s.remember(key, idempotent{
			until: s.store.Now().Add(idempotencyLifetime), request: string(call.body), status: status, reply: body,
		})
	}
	return status, body, err
}

const idempotencyLifetime = 12 * time.Hour

// idempotent is a POST that has been made.
type idempotent struct {
	until   time.Time
	request string
	status  int
	reply   any
}

// svixError is an error as the webhook server reports it.
type svixError struct {
	status int
	Code   string `json:"code"`
	Detail string `json:"detail"`

	problems []svixProblem // of a request that does not pass validation; then there is no code
}

// svixProblem is one thing that is wrong with a request.
type svixProblem struct {
	Location []string `json:"loc"`
	Message  string   `json:"msg"`
	Type     string   `json:"type"`
}

// The kinds of problems.
const (
	valueProblem = "value_error"
	jsonProblem  = "value_error.jsondecode"
)

func (e *svixError) Error() string {
	if len(e.problems) > 0 {
		return strings.Join(e.problems[0].Location, ".") + ": " + e.problems[0].Message
	}
	return e.Code + ": " + e.Detail
}

func (e *svixError) MarshalJSON() ([]byte, error) {
	if len(e.problems) > 0 {
		return json.Marshal(map[string]any{"detail": e.problems})
	}
	return json.Marshal(map[string]string{"code": e.Code, "detail": e.Detail})
}

func svixInvalid(problems ...svixProblem) *svixError {
	return &svixError{status: http.StatusUnprocessableEntity, problems: problems}
}

func svixNotFound() *svixError {
	return &svixError{status: http.StatusNotFound, Code: "not_found", Detail: "Entity not found"}
}

func svixUnauthorized(detail string) *svixError {
	return &svixError{status: http.StatusUnauthorized, Code: "authentication_failed", Detail: detail}
}

// failSvix answers with an error, which may be an injected one of the RPCs' form.
func failSvix(answer http.ResponseWriter, _ *http.Request, err error) {
	var known *svixError
	if !errors.As(err, &known) {
		other := apierr.From(err)
		if other.RetryAfter > 0 {
			answer.Header().Set("Retry-After", apierr.WholeSeconds(other.RetryAfter))
		}
		known = &svixError{
			status: other.HTTPStatus(), Code: strings.ToLower(other.ErrorCode), Detail: other.Message,
		}
		if known.status == http.StatusRequestEntityTooLarge {
			known.Code, known.Detail = "payload_too_large", "Request payload is too large."
		}
	}
	writeSvix(answer, known.status, known)
}

// writeSvix writes a reply of the webhook server; nil has no body.
func writeSvix(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	web.WriteJSON(w, status, body)
}
