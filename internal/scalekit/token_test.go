package scalekit_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// inParallel makes that many calls at once and returns their errors.
func inParallel(count int, call func() error) error {
	errs := make([]error, count)
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() { errs[i] = call() })
	}
	group.Wait()
	return errors.Join(errs...)
}

func TestOneTokenForParallelCalls(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{Latency: 5 * time.Millisecond})
	client := newClient(t, e.URL())
	if err := inParallel(20, func() error { return listOrganizations(t.Context(), client) }); err != nil {
		t.Error(err)
	}
	wantRequests(t, e, tokenEndpoint, 1)
	wantRequests(t, e, "ListOrganization", 20)
}

// However short a token's life is, calls share it.
func TestShortLivedTokenIsShared(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{TokenLifetime: time.Minute})
	client := newClient(t, e.URL())
	for range 3 {
		if err := listOrganizations(t.Context(), client); err != nil {
			t.Error(err)
		}
	}
	wantRequests(t, e, tokenEndpoint, 1)
	wantRequests(t, e, "ListOrganization", 3)
}

// A token endpoint that never answers is waited for once, by all calls together, and for a moment not asked again.
func TestHangingTokenEndpointIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: tokenEndpoint, Kind: emulator.FaultHang, Count: -1})
	client := newClient(t, e.URL(), retries(1), timeout(50*time.Millisecond))
	for range 3 {
		err := inParallel(10, func() error {
			if unreachable := new(scalekit.HostError); !errors.As(listOrganizations(t.Context(), client), &unreachable) {
				return errors.New("a call is no HostError")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	wantRequests(t, e, tokenEndpoint, 2)
}

func TestTokenIsRenewedOnceWhenRefused(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL(), retries(0))
	if err := client.Authenticate(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.RevokeTokens()
	if _, err := createOrganization(t.Context(), client, "Acme", ""); err != nil {
		t.Error(err)
	}
	wantRequests(t, e, tokenEndpoint, 2)
	wantRequests(t, e, "CreateOrganization", 2)
}

func TestCallFailsWhenAFreshTokenIsRefusedToo(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "*", Kind: emulator.FaultErrorBefore, Code: "UNAUTHENTICATED", Count: -1})
	client := newClient(t, e.URL())
	err := listOrganizations(t.Context(), client)
	if connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("got %v, want UNAUTHENTICATED", err)
	}
	wantRequests(t, e, tokenEndpoint, 2)
	wantRequests(t, e, "ListOrganization", 2)
}

func TestParallelCallsShareTheRenewal(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{Latency: 5 * time.Millisecond})
	client := newClient(t, e.URL())
	if err := client.Authenticate(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.RevokeTokens()
	if err := inParallel(20, func() error { return listOrganizations(t.Context(), client) }); err != nil {
		t.Error(err)
	}
	wantRequests(t, e, tokenEndpoint, 2)
}

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	const secret = "not/the secret" // in a form: not%2Fthe+secret
	refusal := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			form, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, strings.ReplaceAll(body, "FORM", string(form)))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc // nil means the emulator
		detail  string
	}{
		"emulator":            {nil, "invalid_client"},
		"no description":      {refusal(http.StatusBadRequest, `{"error":"invalid_client"}`), "invalid_client"},
		"another form":        {refusal(http.StatusUnauthorized, `{"code":16,"message":"no"}`), "HTTP status 401"},
		"forbidden":           {refusal(http.StatusForbidden, `{}`), "HTTP status 403"},
		"repeats the secret":  {refusal(http.StatusUnauthorized, `{"error":"invalid_client","error_description":"bad: FORM"}`), "invalid_client"},
		"repeats it as error": {refusal(http.StatusUnauthorized, `{"error":"FORM"}`), "HTTP status 401"},
		"repeats it decoded":  {refusal(http.StatusUnauthorized, `{"error":"not/the secret","error_description":"not/the secret"}`), "HTTP status 401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			handler := test.handler
			if handler == nil {
				handler = start(t, emulator.Options{}).Handler().ServeHTTP
			}
			url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				handler(w, r)
			})
			client := newClient(t, url, func(c *scalekit.Config) { c.ClientSecret = secret })
			err := client.Authenticate(t.Context())
			var refused *scalekit.CredentialsError
			if !errors.As(err, &refused) || !strings.Contains(refused.Detail, test.detail) {
				t.Fatalf("got %v, want a CredentialsError with %q", err, test.detail)
			}
			if text := err.Error(); strings.Contains(text, "not/the") || strings.Contains(text, "not%2F") || strings.Contains(text, "the+secret") {
				t.Errorf("the error holds the secret: %v", err)
			}
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}

// The promised types are there to be found at the top, whatever the number of retries.
func TestAuthenticateReturnsItsErrorsBare(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	for _, count := range []int{0, 1} {
		client := newClient(t, e.URL(), retries(count), func(c *scalekit.Config) { c.ClientSecret = "wrong" })
		//nolint:errorlint // the type itself is what is tested
		if err, ok := client.Authenticate(t.Context()).(*scalekit.CredentialsError); !ok {
			t.Errorf("%d retries: got %T", count, err)
		}
		failure := new(scalekit.CallError)
		err := listOrganizations(t.Context(), client)
		if !errors.As(err, &failure) {
			t.Fatalf("%d retries: got %v", count, err)
		}
		//nolint:errorlint // the type itself is what is tested
		if _, ok := failure.Err.(*scalekit.CredentialsError); !ok {
			t.Errorf("%d retries: a call got %T", count, failure.Err)
		}
	}
}

func TestUnreachableHost(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	log := &recorder{}
	client := newClient(t, url, retries(2), logTo(log))
	err = client.Authenticate(t.Context())
	host := new(scalekit.HostError)
	if !errors.As(err, &host) || host.URL != url || strings.Contains(host.Err.Error(), "/oauth/token") {
		t.Errorf("got %v, want a HostError of %s", err, url)
	}
	if lines := len(log.lines); lines != 3 {
		t.Errorf("%d attempts, want 3", lines)
	}
}

func TestNotScalekit(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!DOCTYPE html><html><body>Welcome to hush-hush</body></html>")
		},
		"no such page": http.NotFound,
		"no such page in JSON": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":"hush-hush"}`)
		},
		"a proxy's login page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				handler(w, r)
			})
			// Waits of an hour: a retry would time out.
			client := newClient(t, url, interval(time.Hour))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := client.Authenticate(ctx)
			wrong := new(scalekit.TokenError)
			if !errors.As(err, &wrong) || wrong.URL != url {
				t.Fatalf("got %v, want a TokenError of %s", err, url)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error repeats the body: %v", err)
			}
			if asked.Load() != 1 {
				t.Errorf("asked %d times, want no retry", asked.Load())
			}
		})
	}
}

func TestTokenRequestIsRetried(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"503":       {Kind: emulator.FaultErrorBefore, Code: "UNAVAILABLE"},
		"500":       {Kind: emulator.FaultErrorBefore, Code: "INTERNAL"},
		"504":       {Kind: emulator.FaultErrorAfter, Code: "DEADLINE_EXCEEDED"},
		"dropped":   {Kind: emulator.FaultDropBefore},
		"lost":      {Kind: emulator.FaultDropAfter},
		"truncated": {Kind: emulator.FaultTruncate},
		"hangs":     {Kind: emulator.FaultHang},
		"429":       {Kind: emulator.FaultRateLimit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t, emulator.Options{})
			fault.RPC, fault.Count = tokenEndpoint, 2
			setFaults(t, e, fault)
			limit := 10 * time.Second
			if fault.Kind == emulator.FaultHang {
				limit = 200 * time.Millisecond
			}
			client := newClient(t, e.URL(), retries(2), timeout(limit))
			if err := client.Authenticate(t.Context()); err != nil {
				t.Error(err)
			}
			wantRequests(t, e, tokenEndpoint, 3)

			e.ResetRequests()
			fault.Count = -1
			setFaults(t, e, fault)
			client = newClient(t, e.URL(), retries(1), timeout(limit))
			err := client.Authenticate(t.Context())
			host, wrong := new(scalekit.HostError), new(scalekit.TokenError)
			if !errors.As(err, &host) && !errors.As(err, &wrong) {
				t.Errorf("got %v", err)
			}
			wantRequests(t, e, tokenEndpoint, 2)
		})
	}
}

func TestTokenRequestWaitsAsLongAsAsked(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: tokenEndpoint, Kind: emulator.FaultRateLimit, RetryAfter: time.Second})
	client := newClient(t, e.URL())
	started := time.Now()
	if err := client.Authenticate(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took < time.Second {
		t.Errorf("asked again after %s, want a second", took)
	}
	wantRequests(t, e, tokenEndpoint, 2)
}

// A redirect would take the secret, and later the token, to another host.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := serveH2C(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other+r.URL.Path, http.StatusTemporaryRedirect)
	}

	e := start(t, emulator.Options{})
	client := newClient(t, serveH2C(t, before(e, "/oauth/token", 1, redirect)))
	wrong := new(scalekit.TokenError)
	if err := client.Authenticate(t.Context()); !errors.As(err, &wrong) {
		t.Errorf("token request: got %v, want a TokenError", err)
	}
	client = newClient(t, serveH2C(t, before(e, "/ListOrganization", 1, redirect)), retries(0))
	if err := listOrganizations(t.Context(), client); err == nil {
		t.Error("call: a redirect is taken for a reply")
	}
	if elsewhere.Load() != 0 {
		t.Errorf("%d requests were redirected", elsewhere.Load())
	}
}

// A call that waits for the token of another call can be cancelled like any other.
func TestWaitingForATokenCanBeCancelled(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: tokenEndpoint, Kind: emulator.FaultHang, Count: -1})
	asking := make(chan struct{}, 1)
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		asking <- struct{}{}
		e.Handler().ServeHTTP(w, r)
	})
	client := newClient(t, url)

	first, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- listOrganizations(first, client) }()
	<-asking

	second, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	within(t, 5*time.Second, func() {
		if err := listOrganizations(second, client); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("second call: got %v", err)
		}
	})
	stop()
	within(t, 5*time.Second, func() {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("first call: got %v", err)
		}
	})
}
