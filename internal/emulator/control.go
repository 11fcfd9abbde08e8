package emulator

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
)

// controlAction answers one control request. Its error is the client's doing: 400.
type controlAction func(body []byte) (reply any, err error)

// control is the paths under /_emulator/, their methods, and what they do.
type control map[string]map[string]struct {
	does string
	run  controlAction
}

// control returns all control paths, among them those of the services for a path that has parameters.
func (e *Emulator) control(path string) control {
	faults := func() any {
		return map[string]any{"faults": nonNil(e.faults.list()), "injected": e.faults.injectedCount()}
	}
	actions := control{
		"reset": {"POST": {"removes all objects, faults and logged requests", func([]byte) (any, error) {
			return nil, e.Reset()
		}}},
		"seed": {"POST": {"creates the objects of a seed: all or none", func(body []byte) (any, error) {
			seed, err := ParseSeed(bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			return nil, e.ApplySeed(seed)
		}}},
		"requests": {
			"GET": {"lists the calls answered so far, oldest first", func([]byte) (any, error) {
				return map[string]any{"requests": nonNil(e.Requests())}, nil
			}},
			"DELETE": {"empties the list of calls, and begins to count them anew", func([]byte) (any, error) {
				e.ResetRequests()
				return nil, nil
			}},
		},
		"requests/counts": {"GET": {"counts the calls answered so far, by name and by what they were told", func([]byte) (any, error) {
			return e.RequestCounts(), nil
		}}},
		"counts": {"GET": {"counts the objects of each kind", func([]byte) (any, error) {
			return e.Counts(), nil
		}}},
		"faults": {
			"GET": {"lists the faults that wait, and counts those injected", func([]byte) (any, error) {
				return faults(), nil
			}},
			"PUT": {"replaces the faults that wait by a JSON array of faults", func(body []byte) (any, error) {
				parsed, err := ParseFaults(body)
				if err != nil {
					return nil, err
				}
				if err := e.SetFaults(parsed); err != nil {
					return nil, err
				}
				return faults(), nil
			}},
			"DELETE": {"removes the faults that wait", func([]byte) (any, error) {
				return nil, e.SetFaults(nil)
			}},
		},
		"tokens/revoke": {"POST": {"makes every access token issued so far invalid", func([]byte) (any, error) {
			e.RevokeTokens()
			return nil, nil
		}}},
	}
	for _, service := range e.services {
		if service.control != nil {
			maps.Copy(actions, service.control(path))
		}
	}
	return actions
}

// nonNil makes an empty list [] in JSON, not null.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (e *Emulator) serveControl(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, text string) { writeJSON(w, status, map[string]string{"error": text}) }
	if err := e.refuseForeign(r); err != nil {
		fail(http.StatusForbidden, err.Error())
		return
	}
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/_emulator"), "/")
	actions := e.control(path)
	methods, ok := actions[path]
	switch {
	case path == "" && r.Method == http.MethodGet:
		writeJSON(w, http.StatusOK, actions.index())
		return
	case path == "":
		w.Header().Set("Allow", http.MethodGet)
		fail(http.StatusMethodNotAllowed, "/_emulator/ has GET only")
		return
	case !ok:
		fail(http.StatusNotFound, "no such control path; GET /_emulator/ lists them")
		return
	}
	action, ok := methods[r.Method]
	if !ok {
		allowed := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
		w.Header().Set("Allow", allowed)
		fail(http.StatusMethodNotAllowed, r.URL.Path+" has "+allowed+" only")
		return
	}
	body, err := readBody(w, r)
	switch {
	case err != nil:
		fail(http.StatusRequestTimeout, "the request's body did not come: "+err.Error())
		return
	case len(body) > maxRequestBytes:
		fail(http.StatusRequestEntityTooLarge, tooLarge().Error())
		return
	}
	reply, err := action.run(body)
	switch {
	case isInternal(err):
		fail(http.StatusInternalServerError, err.Error())
	case errors.As(err, &noTargetError{}):
		fail(http.StatusNotFound, err.Error())
	case err != nil:
		fail(http.StatusBadRequest, err.Error())
	case reply == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, reply)
	}
}

// isInternal picks out the one error that is not the client's doing: a state file that cannot be written.
func isInternal(err error) bool {
	var known *apierr.Error
	return errors.As(err, &known) && known.Code == connect.CodeInternal
}

// noTargetError says that what a control path names does not exist: 404.
type noTargetError struct{ error }

func (c control) index() any {
	paths := map[string]string{}
	for path, methods := range c {
		for method, action := range methods {
			paths[method+" /_emulator/"+path] = action.does
		}
	}
	return map[string]any{"about": "control of this Scalekit emulator", "paths": paths}
}
