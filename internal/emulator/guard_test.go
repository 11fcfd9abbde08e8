package emulator_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// Only a literal loopback address, or localhost, is listened on: no other name is even looked up.
func TestListenKnowsLoopback(t *testing.T) {
	t.Parallel()
	for addr, allowed := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, "LOCALHOST:0": true, "127.9.8.7:0": true, "[::1]:0": true, "[::ffff:127.0.0.1]:0": true,
		":0": false, "0.0.0.0:0": false, "[::]:0": false, "0:0": false, "127.1:0": false, "2130706433:0": false, "192.0.2.1:0": false,
		"[::ffff:192.0.2.1]:0": false, "[::ffff:0.0.0.0]:0": false, "[fe80::1]:0": false, "example.com:0": false,
		"localhost.example.com:0": false, "127.0.0.1.example.com:0": false,
	} {
		e, err := emulator.New(emulator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		// That a machine has no IPv6, or one loopback address alone, is no refusal.
		if _, err = e.Listen(addr); errors.Is(err, emulator.ErrNotLoopback) == allowed {
			t.Errorf("%q: %v", addr, err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// browserRequests are what a web page can make a browser send to the emulator: from its own origin, and, once the page's
// host name means this machine, as if to its own server.
var browserRequests = map[string]func(*http.Request){
	"a page of another origin":     func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
	"a page of no origin":          func(r *http.Request) { r.Header.Set("Origin", "null") },
	"a link on another site":       func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	"a picture on a sister site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
	"a page on this machine":       func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:3000") },
	"a host name that was rebound": func(r *http.Request) { r.Host = "evil.example:8787" },
	"a host that looks like this":  func(r *http.Request) { r.Host = "localhost.evil.example" },
	"all addresses":                func(r *http.Request) { r.Host = "0.0.0.0:8787" },
	"a mapped address":             func(r *http.Request) { r.Host = "[::ffff:192.0.2.1]:8787" },
}

func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	org := env.create(t, "Acme")
	endpoints := []struct{ method, path, contentType, body, want string }{
		{"POST", "/_emulator/reset", "", "", `"error":"this emulator serves`},
		{"GET", "/_emulator/", "", "", `"error":"this emulator serves`},
		{"POST", "/oauth/token", "application/x-www-form-urlencoded", credentials().Encode(), `"error":"permission_denied"`},
		{"GET", "/keys", "", "", `"code":7`},
		{"GET", "/api/v1/webhooks/portal-url", "", "", `"code":7`},
		{"GET", "/_svix/api/v1/event-type", "", "", `"code":"permission_denied"`},
		{"GET", "/nothing", "", "", `"code":7`},
	}
	for name, disguise := range browserRequests {
		for _, endpoint := range endpoints {
			req := env.request(t, endpoint.method, endpoint.path, endpoint.body)
			req.Header.Set("Content-Type", endpoint.contentType)
			disguise(req)
			status, header, body := env.answer(t, req)
			if status != http.StatusForbidden || !strings.Contains(body, endpoint.want) {
				t.Errorf("%s: %s %s: %d %s", name, endpoint.method, endpoint.path, status, body)
			}
			for field := range header {
				if strings.HasPrefix(field, "Access-Control-") {
					t.Errorf("%s: %s lets pages read it: %s", name, endpoint.path, field)
				}
			}
		}
		disguised := &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			disguise(req)
			return env.http.Transport.RoundTrip(req)
		})}
		_, err := env.organizations(disguised, env.token).GetOrganization(t.Context(), connect.NewRequest(byID(org.GetId())))
		wantError(t, err, connect.CodePermissionDenied, "PERMISSION_DENIED")
	}
	if got := env.read(t, org.GetId()); got.GetDisplayName() != "Acme" {
		t.Errorf("the organization is %v", got)
	}
	for _, host := range []string{"localhost:1", "LOCALHOST", "127.0.0.1", "127.0.0.2:80", "[::1]:8787"} {
		req := env.request(t, "GET", "/_emulator/counts", "")
		req.Host = host
		if status, _, body := env.answer(t, req); status != http.StatusOK {
			t.Errorf("host %s: %d %s", host, status, body)
		}
	}
}

// Where other machines may reach it, any name of this one is good, but pages still are not.
func TestWebPagesAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{AllowNonLoopback: true})
	req := env.request(t, "GET", "/_emulator/counts", "")
	req.Host = "emulator.internal:8787"
	if status, _, body := env.answer(t, req); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	req = env.request(t, "POST", "/_emulator/reset", "")
	req.Header.Set("Origin", "http://emulator.internal:8787")
	if status, _, body := env.answer(t, req); status != http.StatusForbidden {
		t.Errorf("%d %s", status, body)
	}
}

// Whatever reads a body reads so much of it and no more, and says so.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	large := strings.Repeat("x", 5<<20)
	session := env.PortalSession()
	for _, test := range []struct{ method, path, token string }{
		{"PUT", "/_emulator/faults", ""},
		{"POST", "/_emulator/seed", ""},
		{"POST", "/oauth/token", ""},
		{"POST", "/_svix/api/v1/app/" + session.ApplicationID + "/endpoint", session.Token},
		{"POST", "/api/v1/webhooks/test-event/user.login", env.token},
	} {
		req := env.request(t, test.method, test.path, large)
		req.Header.Set("Authorization", "Bearer "+test.token)
		req.Header.Set("Content-Type", "application/json")
		if status, _, body := env.answer(t, req); status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "large") {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, body)
		}
	}
	if status, body := env.do(t, "GET", "/_emulator/counts", "", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

// A message that is small on the wire and large when it is unpacked is refused as well.
func TestCompressedRequest(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	create := env.URL() + "/scalekit.v1.organizations.OrganizationService/CreateOrganization"
	client := connect.NewClient[orgv1.CreateOrganizationRequest, orgv1.CreateOrganizationResponse](env.http, create,
		connect.WithGRPC(), bearer(env.token), connect.WithSendGzip())
	_, err := client.CallUnary(t.Context(), connect.NewRequest(&orgv1.CreateOrganizationRequest{
		Organization: &orgv1.CreateOrganization{DisplayName: strings.Repeat("x", 64<<20)},
	}))
	wantError(t, err, connect.CodeResourceExhausted, "RESOURCE_EXHAUSTED")

	// What claims to be compressed and is not is the client's error, too.
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte("not a message"))
	_ = writer.Close()
	for _, body := range []string{"\x01\x00\x00\x00\x04junk", "\x01\x00\x00\x00" + string(rune(packed.Len())) + packed.String()} {
		req := env.request(t, "POST", strings.TrimPrefix(create, env.URL()), body)
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Grpc-Encoding", "gzip")
		req.Header.Set("Authorization", "Bearer "+env.token)
		resp, err := env.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if code := resp.Trailer.Get("Grpc-Status"); code != "3" {
			t.Errorf("code %q, want INVALID_ARGUMENT", code)
		}
	}
}

func TestLargeHeader(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	req := env.request(t, "GET", "/keys", "")
	req.Header.Set("X-Large", strings.Repeat("x", 128<<10))
	resp, err := httpClient(t, false).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
