package scalekit_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const portalURLPath = "/portal-url"

func TestPortalURL(t *testing.T) {
	t.Parallel()
	log := &recorder{}
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL(), logTo(log))
	first, err := client.PortalURL(t.Context())
	if err != nil || !strings.Contains(first, "#key=") {
		t.Fatalf("%q, %v", first, err)
	}
	e.RevokeTokens()
	second, err := client.PortalURL(t.Context())
	if err != nil || second == first {
		t.Errorf("after the token's end: %q, %v", second, err)
	}
	if text := log.text(t); strings.Contains(text, "#key=") || !strings.Contains(text, "GetPortalURL") {
		t.Errorf("the log is\n%s", text)
	}
}

func TestPortalURLRetries(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	for name, fail := range map[string]http.HandlerFunc{
		"unavailable": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"too many":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"broken":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		client := newClient(t, serveH2C(t, before(e, portalURLPath, 2, fail)))
		if _, err := client.PortalURL(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPortalURLErrors(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	for body, wanted := range map[string]scalekit.Explanation{
		`403 {"code":7,"message":"Not for you","details":[{"@type":"type.googleapis.com/scalekit.v1.errdetails.ErrorInfo","error_code":"NOPE","request_info":{"request_id":"req_1"},"new_field":1}]}`: {
			Code: "permission_denied", Message: "Not for you", ErrorCode: "NOPE", RequestID: "req_1",
		},
		`404 <html>secret</html>`: {Code: "unimplemented", Message: "HTTP status 404 Not Found"},
		`200 {"link":"secret"}`:   {Code: "internal", Message: "the reply holds no link to the webhook portal"},
	} {
		client := newClient(t, serveH2C(t, before(e, portalURLPath, 9, func(w http.ResponseWriter, _ *http.Request) {
			status, rest := 0, body[4:]
			if _, err := fmt.Sscan(body[:3], &status); err != nil {
				t.Error(err)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(rest))
		})))
		_, err := client.PortalURL(t.Context())
		failure := new(scalekit.CallError)
		if !errors.As(err, &failure) || failure.Attempts != 1 || fmt.Sprint(scalekit.Explain(err)) != fmt.Sprint(wanted) {
			t.Errorf("%s: %+v, %v", body, scalekit.Explain(err), err)
		}
	}
}

const testEventPath = "/test-event/role.created"

func TestSendTestEvent(t *testing.T) {
	t.Parallel()
	log := &recorder{}
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL(), logTo(log))
	e.RevokeTokens()
	id, err := client.SendTestEvent(t.Context(), "role.created")
	if err != nil || !strings.HasPrefix(id, "evt_") {
		t.Errorf("%q, %v", id, err)
	}
	if text := log.text(t); !strings.Contains(text, "SendTestEvent") || strings.Contains(text, id) {
		t.Errorf("the log is\n%s", text)
	}
	_, err = client.SendTestEvent(t.Context(), "role/exploded?")
	if explained := scalekit.Explain(err); explained.Code != "unimplemented" && explained.Code != "not_found" || scalekit.IsOutcomeUnknown(err) {
		t.Errorf("a type that is no part of a path: %v", err)
	}
}

// A test event is sent once more only where it surely was not sent.
func TestSendTestEventIsNotRepeatedBlindly(t *testing.T) {
	t.Parallel()
	for kind, expected := range map[emulator.FaultKind]struct {
		calls   int
		unknown bool
	}{
		emulator.FaultErrorBefore: {1, true},
		emulator.FaultErrorAfter:  {1, true},
		emulator.FaultDropBefore:  {1, true},
		emulator.FaultDropAfter:   {1, true},
		emulator.FaultGarbage:     {1, true},
		emulator.FaultTruncate:    {1, true},
		emulator.FaultHang:        {1, true},
		emulator.FaultRateLimit:   {2, false},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			e := start(t, emulator.Options{})
			setFaults(t, e, emulator.Fault{RPC: "SendTestEvent", Kind: kind})
			limit := 10 * time.Second
			if kind == emulator.FaultHang {
				limit = 100 * time.Millisecond
			}
			_, err := newClient(t, e.URL(), timeout(limit)).SendTestEvent(t.Context(), "role.created")
			if (err != nil) != expected.unknown || scalekit.IsOutcomeUnknown(err) != expected.unknown {
				t.Errorf("%v, of which the outcome is unknown: %t", err, scalekit.IsOutcomeUnknown(err))
			}
			wantRequests(t, e, "SendTestEvent", expected.calls)
		})
	}
}

// What a test event says is not documented, so nothing of it is taken for granted, or printed.
func TestSendTestEventReplies(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	for body, wanted := range map[string]string{
		`{"event_type": "role.created", "event_payload": {"id": "evt_1"}}`:        "evt_1",
		`{"event_type": "role.created", "event_payload": {"id": "two\nlines"}}`:   "",
		`{"event_type": "role.created", "event_payload": {"id": {"secret": 1}}}`:  "",
		`{"event_type": "role.created", "event_payload": null, "new": "unknown"}`: "",
	} {
		client := newClient(t, serveH2C(t, before(e, testEventPath, 1, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		})))
		if id, err := client.SendTestEvent(t.Context(), "role.created"); id != wanted || err != nil {
			t.Errorf("%s: %q, %v", body, id, err)
		}
	}
}
