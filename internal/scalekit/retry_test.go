package scalekit_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type action struct {
	rpc        string
	repeatable bool
	do         func(ctx context.Context, c *scalekit.Client, id string) error
}

// actions are one call of each class.
var actions = map[string]action{
	"read": {"GetOrganization", true, func(ctx context.Context, c *scalekit.Client, id string) error {
		_, err := c.Organizations.GetOrganization(ctx, connect.NewRequest(&organizationsv1.GetOrganizationRequest{
			Identities: &organizationsv1.GetOrganizationRequest_Id{Id: id},
		}))
		return err
	}},
	"list": {"ListOrganization", true, func(ctx context.Context, c *scalekit.Client, _ string) error {
		return listOrganizations(ctx, c)
	}},
	"delete": {"DeleteOrganization", true, func(ctx context.Context, c *scalekit.Client, id string) error {
		_, err := c.Organizations.DeleteOrganization(ctx, connect.NewRequest(&organizationsv1.DeleteOrganizationRequest{
			Identities: &organizationsv1.DeleteOrganizationRequest_Id{Id: id},
		}))
		if scalekit.IsNotFound(err) { // The first attempt has deleted it.
			return nil
		}
		return err
	}},
	"update": {"UpdateOrganization", true, func(ctx context.Context, c *scalekit.Client, id string) error {
		name := "Acme Corp"
		_, err := c.Organizations.UpdateOrganization(ctx, connect.NewRequest(&organizationsv1.UpdateOrganizationRequest{
			Identities:   &organizationsv1.UpdateOrganizationRequest_Id{Id: id},
			Organization: &organizationsv1.UpdateOrganization{DisplayName: &name},
		}))
		return err
	}},
	"create": {"CreateOrganization", false, func(ctx context.Context, c *scalekit.Client, _ string) error {
		_, err := createOrganization(ctx, c, "Globex", "")
		return err
	}},
	"generate": {"GeneratePortalLink", false, func(ctx context.Context, c *scalekit.Client, id string) error {
		_, err := c.Organizations.GeneratePortalLink(ctx, connect.NewRequest(&organizationsv1.GeneratePortalLinkRequest{Id: id}))
		return err
	}},
}

// forEachAction runs a test for every class of calls, each in an environment with one organization.
func forEachAction(t *testing.T, test func(t *testing.T, e *emulator.Emulator, call action, id string)) {
	t.Helper()
	for name, call := range actions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t, emulator.Options{})
			org, err := createOrganization(t.Context(), newClient(t, e.URL()), "Acme", "")
			if err != nil {
				t.Fatal(err)
			}
			e.ResetRequests()
			test(t, e, call, org.GetId())
		})
	}
}

func TestUnknownOutcomeIsRetriedWhereItMayBe(t *testing.T) {
	t.Parallel()
	faults := map[string]emulator.Fault{
		"unavailable before": {Kind: emulator.FaultErrorBefore},
		"unavailable after":  {Kind: emulator.FaultErrorAfter},
		"deadline exceeded":  {Kind: emulator.FaultErrorBefore, Code: "DEADLINE_EXCEEDED"},
		"timeout":            {Kind: emulator.FaultHang},
		"dropped before":     {Kind: emulator.FaultDropBefore},
		"dropped after":      {Kind: emulator.FaultDropAfter},
		"garbage":            {Kind: emulator.FaultGarbage},
		"truncated":          {Kind: emulator.FaultTruncate},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAction(t, func(t *testing.T, e *emulator.Emulator, call action, id string) {
				fault := fault
				fault.RPC, fault.Count = call.rpc, 2
				setFaults(t, e, fault)
				limit := 10 * time.Second
				if fault.Kind == emulator.FaultHang {
					limit = 200 * time.Millisecond
				}
				err := call.do(t.Context(), newClient(t, e.URL(), timeout(limit)), id)
				if call.repeatable {
					if err != nil {
						t.Error(err)
					}
					wantRequests(t, e, call.rpc, 3)
					return
				}
				failure := new(scalekit.CallError)
				if !errors.As(err, &failure) || failure.Attempts != 1 {
					t.Errorf("got %v, want the failure of one attempt", err)
				}
				wantRequests(t, e, call.rpc, 1)
			})
		})
	}
}

func TestRateLimitIsRetriedForAllCalls(t *testing.T) {
	t.Parallel()
	forEachAction(t, func(t *testing.T, e *emulator.Emulator, call action, id string) {
		setFaults(t, e, emulator.Fault{RPC: call.rpc, Kind: emulator.FaultRateLimit, Count: 2})
		if err := call.do(t.Context(), newClient(t, e.URL()), id); err != nil {
			t.Error(err)
		}
		wantRequests(t, e, call.rpc, 3)

		e.ResetRequests()
		setFaults(t, e, emulator.Fault{RPC: call.rpc, Kind: emulator.FaultRateLimit, Count: -1})
		err := call.do(t.Context(), newClient(t, e.URL(), retries(1)), id)
		if connect.CodeOf(err) != connect.CodeResourceExhausted || scalekit.Explain(err).ErrorCode != "RATE_LIMITED" {
			t.Errorf("got %v, want the rate limit's error", err)
		}
		wantRequests(t, e, call.rpc, 2)
	})
}

func TestRateLimitWithoutGRPCStatus(t *testing.T) {
	t.Parallel()
	tooMany := func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "slow down", http.StatusTooManyRequests)
	}
	e := start(t, emulator.Options{})
	client := newClient(t, serveH2C(t, before(e, "/CreateOrganization", 2, tooMany)))
	if _, err := createOrganization(t.Context(), client, "Acme", ""); err != nil {
		t.Error(err)
	}
	wantRequests(t, e, "CreateOrganization", 1)
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	client := newClient(t, e.URL())
	if err := client.Authenticate(t.Context()); err != nil {
		t.Fatal(err)
	}
	setFaults(t, e, emulator.Fault{RPC: "CreateOrganization", Kind: emulator.FaultRateLimit, RetryAfter: time.Second})
	if _, err := createOrganization(t.Context(), client, "Acme", ""); err != nil {
		t.Error(err)
	}
	made := requests(e, "CreateOrganization")
	if len(made) != 2 {
		t.Fatalf("%d attempts, want 2", len(made))
	}
	if waited := made[1].Time.Sub(made[0].Time); waited < time.Second || waited > 3*time.Second {
		t.Errorf("waited %s, want a second", waited)
	}
}

// Calls of an environment that lets few through all succeed in the end.
func TestParallelCallsUnderARateLimit(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{RateLimit: 10})
	client := newClient(t, e.URL(), retries(5))
	if err := inParallel(20, func() error { return listOrganizations(t.Context(), client) }); err != nil {
		t.Error(err)
	}
}

func TestDefiniteErrorsAreNotRetried(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
		"FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "DATA_LOSS",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			e := start(t, emulator.Options{})
			client := newClient(t, e.URL(), interval(time.Hour))
			setFaults(t, e, emulator.Fault{RPC: "*", Kind: emulator.FaultErrorBefore, Code: code, Count: -1})
			if err := listOrganizations(t.Context(), client); err == nil {
				t.Error("no error")
			}
			wantRequests(t, e, "ListOrganization", 1)
		})
	}
}

func TestStatusesOfProxies(t *testing.T) {
	t.Parallel()
	for status, attempts := range map[int]int{
		http.StatusBadGateway:         4,
		http.StatusServiceUnavailable: 4,
		http.StatusGatewayTimeout:     4,
		http.StatusForbidden:          1,
		http.StatusNotFound:           1,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			page := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "a proxy's page", status) }
			e := start(t, emulator.Options{})
			client := newClient(t, serveH2C(t, before(e, "/ListOrganization", 4, page)))
			failure := new(scalekit.CallError)
			if err := listOrganizations(t.Context(), client); !errors.As(err, &failure) || failure.Attempts != attempts {
				t.Errorf("got %v after %d attempts, want %d", err, failure.Attempts, attempts)
			}
			wantRequests(t, e, "ListOrganization", 0)
		})
	}
}

func TestNoRetries(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	setFaults(t, e, emulator.Fault{RPC: "*", Kind: emulator.FaultErrorBefore, Count: -1})
	failure := new(scalekit.CallError)
	err := listOrganizations(t.Context(), newClient(t, e.URL(), retries(0)))
	if !errors.As(err, &failure) || failure.Attempts != 1 || connect.CodeOf(err) != connect.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	wantRequests(t, e, "ListOrganization", 1)
}

// A call that never left this machine may be repeated whatever it does.
func TestRefusedConnectionIsRetriedForACreate(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	listen := func(address string) (net.Listener, *http.Server) {
		t.Helper()
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		server := &http.Server{Handler: e.Handler(), Protocols: protocols}
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(func() { _ = server.Close() })
		return listener, server
	}
	listener, server := listen("127.0.0.1:0")
	address := listener.Addr().String()

	log := &recorder{}
	log.hook = func(l line) {
		if l.level == "debug" && l.fields["call"] == "CreateOrganization" && l.fields["attempt"] == 2 {
			listen(address)
		}
	}
	client := newClient(t, "http://"+address, retries(5), logTo(log))
	if err := client.Authenticate(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = server.Close()
	eventually(t, "the connection's end", func() bool {
		err := listOrganizations(t.Context(), client)
		return err != nil && strings.Contains(err.Error(), "connection refused")
	})

	if _, err := createOrganization(t.Context(), client, "Acme", ""); err != nil {
		t.Error(err)
	}
	if got := len(log.calls("debug", "CreateOrganization")); got != 3 {
		t.Errorf("%d attempts, want 3", got)
	}
	wantRequests(t, e, "CreateOrganization", 1)
}

func TestCancellationEndsWaiting(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"retry":         {RPC: "ListOrganization", Kind: emulator.FaultErrorBefore, Count: -1},
		"rate limit":    {RPC: "ListOrganization", Kind: emulator.FaultRateLimit, Count: -1},
		"retry-after":   {RPC: "ListOrganization", Kind: emulator.FaultRateLimit, RetryAfter: time.Minute, Count: -1},
		"token":         {RPC: tokenEndpoint, Kind: emulator.FaultErrorBefore, Count: -1},
		"token limit":   {RPC: tokenEndpoint, Kind: emulator.FaultRateLimit, RetryAfter: time.Minute, Count: -1},
		"no reply":      {RPC: "ListOrganization", Kind: emulator.FaultHang, Count: -1},
		"no token":      {RPC: tokenEndpoint, Kind: emulator.FaultHang, Count: -1},
		"no connection": {RPC: "ListOrganization", Kind: emulator.FaultDropBefore, Count: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t, emulator.Options{})
			setFaults(t, e, fault)
			client := newClient(t, e.URL(), interval(time.Hour), timeout(time.Hour))
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- listOrganizations(ctx, client) }()
			eventually(t, "the fault", func() bool { return e.InjectedFaults() == 1 })
			time.Sleep(300 * time.Millisecond) // The wait begins once the reply is there.
			cancel()
			within(t, 3*time.Second, func() {
				err := <-done
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				if fault.RPC != tokenEndpoint && fault.Kind != emulator.FaultHang && scalekit.Explain(err).Code == "" {
					t.Errorf("%v does not say what the call was waiting for", err)
				}
			})
			wantRequests(t, e, fault.RPC, 1)
		})
	}
}

// A reply that cannot be decoded is no refusal, although the RPC library gives it INVALID_ARGUMENT.
func unreadable(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status")
	_, _ = w.Write([]byte{0, 0, 0, 0, 3, 0xff, 0xff, 0xff})
	w.Header().Set("Grpc-Status", "0")
}

func TestUnreadableReplyIsRetriedForReads(t *testing.T) {
	t.Parallel()
	e := start(t, emulator.Options{})
	client := newClient(t, serveH2C(t, before(e, "/ListOrganization", 2, unreadable)))
	if err := listOrganizations(t.Context(), client); err != nil {
		t.Error(err)
	}
	client = newClient(t, serveH2C(t, before(e, "/CreateOrganization", 1, unreadable)))
	failure := new(scalekit.CallError)
	if _, err := createOrganization(t.Context(), client, "Acme", ""); !errors.As(err, &failure) || failure.Attempts != 1 {
		t.Errorf("got %v", err)
	}
}
