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
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// control returns all control paths, among them those of the services for a path that has parameters.
func (e *Emulator) control(path string) web.Control {
	faults := func() any {
		return map[string]any{"faults": web.NonNil(e.faults.list()), "injected": e.faults.injectedCount()}
	}
	actions := web.Control{
		"reset": {"POST": {Does: "removes all objects, faults and logged requests", Run: func([]byte) (any, error) {
			return nil, e.Reset()
		}}},
		"seed": {"POST": {Does: "creates the objects of a seed: all or none", Run: func(body []byte) (any, error) {
			seed, err := ParseSeed(bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			return nil, e.ApplySeed(seed)
		}}},
		"requests": {
			"GET": {Does: "lists the calls answered so far, oldest first", Run: func([]byte) (any, error) {
				return map[string]any{"requests": web.NonNil(e.Requests())}, nil
			}},
			"DELETE": {Does: "empties the list of calls, and begins to count them anew", Run: func([]byte) (any, error) {
				e.ResetRequests()
				return nil, nil
			}},
		},
		"requests/counts": {"GET": {Does: "counts the calls answered so far, by name and by what they were told", Run: func([]byte) (any, error) {
			return e.RequestCounts(), nil
		}}},
		"counts": {"GET": {Does: "counts the objects of each kind", Run: func([]byte) (any, error) {
			return e.Counts(), nil
		}}},
		"faults": {
			"GET": {Does: "lists the faults that wait, and counts those injected", Run: func([]byte) (any, error) {
				return faults(), nil
			}},
			"PUT": {Does: "replaces the faults that wait by a JSON array of faults", Run: func(body []byte) (any, error) {
				parsed, err := ParseFaults(body)
				if err != nil {
					return nil, err
				}
				if err := e.SetFaults(parsed); err != nil {
					return nil, err
				}
				return faults(), nil
			}},
			"DELETE": {Does: "removes the faults that wait", Run: func([]byte) (any, error) {
				return nil, e.SetFaults(nil)
			}},
		},
		"tokens/revoke": {"POST": {Does: "makes every access token issued so far invalid", Run: func([]byte) (any, error) {
			e.RevokeTokens()
			return nil, nil
		}}},
	}
	maps.Copy(actions, e.platform.Control(path))
	maps.Copy(actions, e.webhooks.Control())
	return actions
}

func (e *Emulator) serveControl(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, text string) { web.WriteJSON(w, status, map[string]string{"error": text}) }
	if err := e.refuseForeign(r); err != nil {
		fail(http.StatusForbidden, err.Error())
		return
	}
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/_emulator"), "/")
	actions := e.control(path)
	methods, ok := actions[path]
	switch {
	case path == "" && r.Method == http.MethodGet:
		web.WriteJSON(w, http.StatusOK, actions.Index())
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
	reply, err := action.Run(body)
	switch {
	case isInternal(err):
		fail(http.StatusInternalServerError, err.Error())
	case errors.As(err, &web.NoTargetError{}):
		fail(http.StatusNotFound, err.Error())
	case err != nil:
		fail(http.StatusBadRequest, err.Error())
	case reply == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		web.WriteJSON(w, http.StatusOK, reply)
	}
}

// isInternal picks out the one error that is not the client's doing: a state file that cannot be written.
func isInternal(err error) bool {
	var known *apierr.Error
	return errors.As(err, &known) && known.Code == connect.CodeInternal
}
