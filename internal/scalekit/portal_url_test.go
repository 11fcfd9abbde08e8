package scalekit_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

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
