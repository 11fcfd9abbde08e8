package scalekit_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

func TestEveryAttemptIsLogged(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "ListOrganization", Kind: emulator.FaultErrorBefore, Count: 2})
	lines := &recorder{}
	if err := listOrganizations(t.Context(), newClient(t, e.URL(), logTo(lines))); err != nil {
		t.Error(err)
	}
	attempts := lines.calls("debug", "ListOrganization")
	if len(attempts) != 3 {
		t.Fatalf("%d lines, want one for each attempt", len(attempts))
	}
	made := requests(e, "ListOrganization")
	for i, l := range attempts {
		if l.fields["code"] != []string{"unavailable", "unavailable", "ok"}[i] || l.fields["attempt"] != i+1 {
			t.Errorf("line %d: %v", i, l.fields)
		}
		if _, ok := l.fields["duration_ms"].(int64); !ok {
			t.Errorf("line %d has no duration: %v", i, l.fields)
		}
		if l.fields["code"] != "ok" && l.fields["request_id"] != made[i].RequestID {
			t.Errorf("line %d: request id %v, want %s", i, l.fields["request_id"], made[i].RequestID)
		}
	}
	if bodies := len(lines.calls("trace", "ListOrganization")); bodies != 4 {
		t.Errorf("%d bodies, want three requests and a reply", bodies)
	}
}

// The request id of a reply that is no error comes from its header, where a proxy before the platform may put it.
func TestRequestIDOfAReply(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req_from_proxy")
		e.Handler().ServeHTTP(w, r)
	})
	lines := &recorder{}
	if err := listOrganizations(t.Context(), newClient(t, url, logTo(lines))); err != nil {
		t.Error(err)
	}
	if id := lines.calls("debug", "ListOrganization")[0].fields["request_id"]; id != "req_from_proxy" {
		t.Errorf("request id %v", id)
	}
}

func TestNoCredentialIsLogged(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	var mu sync.Mutex
	var tokens []string
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			mu.Lock()
			tokens = append(tokens, token)
			mu.Unlock()
		}
		e.Handler().ServeHTTP(w, r)
	})
	lines := &recorder{}
	client := newClient(t, url, logTo(lines))
	org, err := createOrganization(t.Context(), client, "Acme", "acme")
	if err != nil {
		t.Fatal(err)
	}
	setFaults(t, e, emulator.Fault{RPC: "ListOrganization", Kind: emulator.FaultDropBefore})
	if err := listOrganizations(t.Context(), client); err != nil {
		t.Error(err)
	}
	link, err := client.Organizations.GeneratePortalLink(t.Context(),
		connect.NewRequest(&organizationsv1.GeneratePortalLinkRequest{Id: org.GetId()}))
	if err != nil {
		t.Fatal(err)
	}
	e.RevokeTokens()
	if err := listOrganizations(t.Context(), client); err != nil {
		t.Error(err)
	}
	wrong := newClient(t, url, logTo(lines), func(c *scalekit.Config) { c.ClientSecret = "wrong-secret" })
	if err := wrong.Authenticate(t.Context()); err == nil {
		t.Error("wrong credentials are accepted")
	}

	logged := lines.text(t)
	if !strings.Contains(logged, `display_name`) || !strings.Contains(logged, "Acme") {
		t.Errorf("bodies are missing: %s", logged)
	}
	slices.Sort(tokens)
	if tokens = slices.Compact(tokens); len(tokens) != 2 {
		t.Fatalf("%d tokens, want 2", len(tokens))
	}
	location, linkID := link.Msg.GetLink().GetLocation(), link.Msg.GetLink().GetId()
	if location == "" || linkID == "" {
		t.Fatal("no portal link")
	}
	for _, secret := range slices.Concat(tokens, []string{emulator.DefaultClientSecret, "wrong-secret", location, linkID, "Bearer", "Authorization"}) {
		if strings.Contains(logged, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestHeadersOfACall(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	var mu sync.Mutex
	var sent http.Header
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/ListOrganization") {
			mu.Lock()
			sent = r.Header.Clone()
			mu.Unlock()
		}
		e.Handler().ServeHTTP(w, r)
	})
	if err := listOrganizations(t.Context(), newClient(t, url)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"User-Agent":    "terraform-provider-scalekit/test",
		"X-Api-Version": "20260312",
	} {
		if got := sent.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestPlainHTTPSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	if err := listOrganizations(t.Context(), newClient(t, e.URL())); err != nil {
		t.Fatal(err)
	}
	for _, request := range e.Requests() {
		if request.Protocol != "HTTP/2.0" {
			t.Errorf("%s came over %s", request.RPC, request.Protocol)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(e.Handler())
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that a client refuses
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	client := scalekit.NewWithRoots(settings(server.URL), roots)
	t.Cleanup(client.CloseIdleConnections)
	if err := listOrganizations(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for _, request := range e.Requests() {
		if request.Protocol != "HTTP/2.0" {
			t.Errorf("%s came over %s", request.RPC, request.Protocol)
		}
	}

	// Without that authority the certificate is not trusted, which is a host that cannot be reached safely.
	stranger := newClient(t, server.URL, retries(0))
	if err := stranger.Authenticate(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want an error about the certificate", err)
	}
}
