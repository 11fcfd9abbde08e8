package emulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// Every kind of fault, over both protocols: whether the call fails, how, and whether it has taken effect.
func TestFaults(t *testing.T) {
	t.Parallel()
	const unchecked = connect.Code(0)
	for _, test := range []struct {
		fault    emulator.Fault
		code     connect.Code // 0: any error; answered: none
		answered bool
		effect   bool
		logged   string
	}{
		{fault: emulator.Fault{Kind: "error_before"}, code: connect.CodeUnavailable, logged: "UNAVAILABLE"},
		{fault: emulator.Fault{Kind: "error_before", Code: "INTERNAL"}, code: connect.CodeInternal, logged: "INTERNAL"},
		{fault: emulator.Fault{Kind: "error_after", Code: "CANCELLED"}, code: connect.CodeCanceled, effect: true, logged: "CANCELLED"},
		{fault: emulator.Fault{Kind: "drop_before"}, code: unchecked, logged: "DROPPED"},
		{fault: emulator.Fault{Kind: "drop_after"}, code: unchecked, effect: true, logged: "DROPPED"},
		{fault: emulator.Fault{Kind: "delay_before", Delay: 20 * time.Millisecond}, answered: true, effect: true, logged: "OK"},
		{fault: emulator.Fault{Kind: "delay_after", Delay: 20 * time.Millisecond}, answered: true, effect: true, logged: "OK"},
		{fault: emulator.Fault{Kind: "garbage"}, code: unchecked, effect: true, logged: "200"},
		{fault: emulator.Fault{Kind: "truncate"}, code: unchecked, effect: true, logged: "DROPPED"},
		{fault: emulator.Fault{Kind: "rate_limit"}, code: connect.CodeResourceExhausted, logged: "RESOURCE_EXHAUSTED"},
		{fault: emulator.Fault{Kind: "hang"}, code: unchecked, logged: "DROPPED"},
		{fault: emulator.Fault{Kind: "token_expired"}, code: connect.CodeUnauthenticated, logged: "UNAUTHENTICATED"},
	} {
		for _, h2c := range []bool{true, false} {
			name := string(test.fault.Kind) + " " + test.fault.Code + map[bool]string{true: " HTTP/2", false: " HTTP/1.1"}[h2c]
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				fault := test.fault
				fault.RPC = "CreateOrganization"
				env := start(t, emulator.Options{Faults: []emulator.Fault{fault}})
				client := env.organizations(httpClient(t, h2c), env.token)
				create := func() error {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := client.CreateOrganization(ctx, connect.NewRequest(&orgv1.CreateOrganizationRequest{
						Organization: &orgv1.CreateOrganization{DisplayName: "Acme"},
					}))
					return err
				}

				started := time.Now()
				err := create()
				switch {
				case test.answered:
					if err != nil || time.Since(started) < fault.Delay {
						t.Errorf("got %v after %s, want success after %s", err, time.Since(started), fault.Delay)
					}
				case err == nil:
					t.Error("the call has succeeded")
				case test.code == connect.CodeResourceExhausted:
					wantError(t, err, test.code, "RATE_LIMITED")
				case test.code != unchecked:
					wantError(t, err, test.code, test.logged)
				}
				if got := env.Counts()["organizations"] == 1; got != test.effect {
					t.Errorf("took effect: %t, want %t", got, test.effect)
				}
				waitFor(t, func() bool { return len(env.Requests()) == 2 }) // A hang ends when the server notices.
				last := env.Requests()[1]
				if last.Code != test.logged || last.Fault != fault.Kind || last.RPC != fault.RPC {
					t.Errorf("logged %+v, want %s", last, test.logged)
				}
				if err := create(); err != nil {
					t.Errorf("a fault happens once unless told otherwise: %v", err)
				}
				if got := env.InjectedFaults(); got != 1 {
					t.Errorf("%d injected faults, want 1", got)
				}
			})
		}
	}
}

// waitFor gives the emulator time to notice something.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 200 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it does not come")
}

// One call finds all tokens and sessions revoked, and they stay so; what is issued afterwards is good.
func TestTokensRevokedFault(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Faults: []emulator.Fault{{RPC: "CreateOrganization", Kind: emulator.FaultTokensRevoked}}})
	session := env.PortalSession()
	listEndpoints := func(token string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			session.ServerURL+"/api/v1/app/"+session.ApplicationID+"/endpoint", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		resp, err := env.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if status := listEndpoints(session.Token); status != http.StatusOK {
		t.Fatalf("before: the webhook server answers %d", status)
	}
	for range 2 {
		_, err := env.tryCreate(t, "Acme")
		wantError(t, err, connect.CodeUnauthenticated, "UNAUTHENTICATED")
	}
	if status := listEndpoints(session.Token); status != http.StatusUnauthorized {
		t.Errorf("the webhook server answers %d to a session that has ended", status)
	}
	if injected, created := env.InjectedFaults(), env.Counts()["organizations"]; injected != 1 || created != 0 {
		t.Errorf("%d faults were injected, want 1; %d organizations were created, want none", injected, created)
	}
	_, body := env.postToken(t, credentials())
	var fresh struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &fresh); err != nil {
		t.Fatal(err)
	}
	_, err := env.organizations(httpClient(t, true), fresh.AccessToken).CreateOrganization(t.Context(),
		connect.NewRequest(&orgv1.CreateOrganizationRequest{Organization: &orgv1.CreateOrganization{DisplayName: "Acme"}}))
	if err != nil {
		t.Errorf("a token that was issued afterwards: %v", err)
	}
	if status := listEndpoints(env.PortalSession().Token); status != http.StatusOK {
		t.Errorf("the webhook server answers %d to a session that was opened afterwards", status)
	}
}

// A client that gives up does not stop what it has begun.
func TestDelayedCallOutlivesItsClient(t *testing.T) {
	t.Parallel()
	for name, h2c := range map[string]bool{"HTTP/2": true, "HTTP/1.1": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{Faults: []emulator.Fault{
				{RPC: "CreateOrganization", Kind: emulator.FaultDelayBefore, Delay: 200 * time.Millisecond},
			}})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := env.organizations(httpClient(t, h2c), env.token).CreateOrganization(ctx,
				connect.NewRequest(&orgv1.CreateOrganizationRequest{
					Organization: &orgv1.CreateOrganization{DisplayName: "Acme"},
				}))
			if connect.CodeOf(err) != connect.CodeDeadlineExceeded {
				t.Errorf("got %v, want the deadline", err)
			}
			if got := env.Counts()["organizations"]; got != 0 {
				t.Error("the change came before the delay")
			}
			waitFor(t, func() bool { return env.Counts()["organizations"] == 1 })
		})
	}
}

func TestFaultSelection(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	id := env.create(t, "Acme").GetId()
	get := func() string {
		_, err := env.GetOrganization(t.Context(), connect.NewRequest(byID(id)))
		if err == nil {
			return "OK"
		}
		return strings.ToUpper(connect.CodeOf(err).String())
	}
	for name, test := range map[string]struct {
		faults []emulator.Fault
		want   string
	}{
		"skip and count": {
			[]emulator.Fault{{RPC: "GetOrganization", Kind: "error_before", Skip: 1, Count: 2}},
			"OK UNAVAILABLE UNAVAILABLE OK",
		},
		"all": {[]emulator.Fault{{RPC: "*", Kind: "error_before", Count: -1}}, "UNAVAILABLE UNAVAILABLE UNAVAILABLE UNAVAILABLE"},
		"procedure": {
			[]emulator.Fault{{RPC: "/scalekit.v1.organizations.OrganizationService/GetOrganization", Kind: "error_before"}},
			"UNAVAILABLE OK OK OK",
		},
		"one after the other": {
			[]emulator.Fault{
				{RPC: "GetOrganization", Kind: "error_before", Code: "ABORTED"},
				{RPC: "*", Kind: "error_before", Code: "INTERNAL"},
			},
			"ABORTED INTERNAL OK OK",
		},
		"others": {[]emulator.Fault{{RPC: "CreateRole", Kind: "error_before"}, {RPC: "oauth/token", Kind: "hang"}}, "OK OK OK OK"},
	} {
		// One after another: they share an environment.
		if err := env.SetFaults(test.faults); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join([]string{get(), get(), get(), get()}, " "); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestFaultsRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	kept := []emulator.Fault{{RPC: "*", Kind: "error_before"}}
	if err := env.SetFaults(kept); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		fault emulator.Fault
		want  string
	}{
		{emulator.Fault{RPC: "*"}, "faults[0].kind"},
		{emulator.Fault{RPC: "*", Kind: "explode"}, "faults[0].kind"},
		{emulator.Fault{Kind: "hang"}, "faults[0].rpc"},
		{emulator.Fault{RPC: "CreateOrganisation", Kind: "hang"}, "faults[0].rpc"},
		{emulator.Fault{RPC: "*", Kind: "hang", Code: "INTERNAL"}, "faults[0].code"},
		{emulator.Fault{RPC: "*", Kind: "error_before", Code: "internal"}, "faults[0].code"},
		{emulator.Fault{RPC: "*", Kind: "error_before", Code: "OK"}, "faults[0].code"},
		{emulator.Fault{RPC: "*", Kind: "hang", RetryAfter: 1}, "faults[0].retry_after"},
		{emulator.Fault{RPC: "*", Kind: "rate_limit", RetryAfter: -1}, "faults[0].retry_after"},
		{emulator.Fault{RPC: "*", Kind: "delay_after"}, "faults[0].delay"},
		{emulator.Fault{RPC: "*", Kind: "hang", Delay: 1}, "faults[0].delay"},
		{emulator.Fault{RPC: "oauth/token", Kind: "token_expired"}, "faults[0].kind"},
		{emulator.Fault{RPC: "auth/one-time-token", Kind: "tokens_revoked"}, "faults[0].kind"},
		{emulator.Fault{RPC: "*", Kind: "hang", Skip: -1}, "faults[0].skip"},
		{emulator.Fault{RPC: "*", Kind: "hang", Count: -2}, "faults[0].count"},
	} {
		if err := env.SetFaults([]emulator.Fault{test.fault}); err == nil || !strings.HasPrefix(err.Error(), test.want+":") {
			t.Errorf("%+v: %v, want %s", test.fault, err, test.want)
		}
	}
	if _, err := env.tryCreate(t, "Acme"); err == nil {
		t.Error("refused faults have replaced those that were there")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for _, test := range []struct {
		fault emulator.Fault
		want  string
	}{
		{emulator.Fault{Kind: "rate_limit"}, ""},
		{emulator.Fault{Kind: "rate_limit", RetryAfter: 1500 * time.Millisecond}, "2"},
		{emulator.Fault{Kind: "error_before", RetryAfter: time.Minute}, "60"},
	} {
		test.fault.RPC = "*"
		if err := env.SetFaults([]emulator.Fault{test.fault}); err != nil {
			t.Fatal(err)
		}
		_, err := env.tryCreate(t, "Acme")
		var failed *connect.Error
		if !asError(err, &failed) || failed.Meta().Get("Retry-After") != test.want {
			t.Errorf("%+v: %v with retry-after %q, want %q", test.fault, err, failed.Meta().Get("Retry-After"), test.want)
		}
	}
}

func TestTokenEndpointFaults(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	inject := func(fault emulator.Fault) {
		t.Helper()
		fault.RPC = "oauth/token"
		if err := env.SetFaults([]emulator.Fault{fault}); err != nil {
			t.Fatal(err)
		}
	}
	inject(emulator.Fault{Kind: "error_before"})
	status, body := env.postToken(t, credentials())
	var reply map[string]string
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != http.StatusServiceUnavailable ||
		reply["error"] != "unavailable" {
		t.Errorf("error: %d %s (%v)", status, body, err)
	}
	inject(emulator.Fault{Kind: "rate_limit", RetryAfter: time.Second})
	resp, err := env.http.PostForm(env.URL()+"/oauth/token", credentials())
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("rate limit: %d, retry-after %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	inject(emulator.Fault{Kind: "garbage"})
	if status, body := env.postToken(t, credentials()); status != http.StatusOK || !strings.Contains(body, "<html>") {
		t.Errorf("garbage: %d %s", status, body)
	}
	for _, kind := range []emulator.FaultKind{"drop_before", "drop_after"} {
		inject(emulator.Fault{Kind: kind})
		if resp, err := env.http.PostForm(env.URL()+"/oauth/token", credentials()); err == nil {
			_ = resp.Body.Close()
			t.Errorf("%s: got %s", kind, resp.Status)
		}
	}
	inject(emulator.Fault{Kind: "truncate"})
	resp, err = env.http.PostForm(env.URL()+"/oauth/token", credentials())
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err == nil || len(content) == 0 {
		t.Errorf("truncate: %q (%v), want a part and an error", content, err)
	}
	if status, _ := env.postToken(t, credentials()); status != http.StatusOK {
		t.Errorf("afterwards: status %d", status)
	}
}

// Close does not wait for delays and hangs.
func TestCloseEndsDelays(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Faults: []emulator.Fault{
		{RPC: "*", Kind: emulator.FaultDelayBefore, Delay: time.Minute},
		{RPC: "*", Kind: emulator.FaultHang},
	}})
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := env.CreateOrganization(context.WithoutCancel(t.Context()),
				connect.NewRequest(&orgv1.CreateOrganizationRequest{Organization: &orgv1.CreateOrganization{DisplayName: "Acme"}}))
			ended <- err
		}()
	}
	waitFor(t, func() bool { return env.InjectedFaults() == 2 })
	if err := env.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-ended; err == nil {
			t.Error("the call has succeeded")
		}
	}
	if got := env.Counts()["organizations"]; got != 0 {
		t.Errorf("%d organizations, want none", got)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Latency: 30 * time.Millisecond})
	started := time.Now()
	env.create(t, "Acme")
	if got := time.Since(started); got < 30*time.Millisecond {
		t.Errorf("answered after %s", got)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := start(t, emulator.Options{RateLimit: 3, Now: clock.Now})
	for range 3 {
		env.create(t, "Acme")
	}
	_, err := env.tryCreate(t, "Acme")
	wantError(t, err, connect.CodeResourceExhausted, "RATE_LIMITED")
	var failed *connect.Error
	if !asError(err, &failed) || failed.Meta().Get("Retry-After") != "1" {
		t.Errorf("retry-after %q, want 1", failed.Meta().Get("Retry-After"))
	}
	clock.advance(400 * time.Millisecond)
	env.create(t, "Acme")
	if _, err := env.tryCreate(t, "Acme"); err == nil {
		t.Error("a second call within 400 ms was let through")
	}
	clock.advance(time.Hour)
	for range 3 {
		env.create(t, "Acme")
	}
	if _, err := env.tryCreate(t, "Acme"); err == nil {
		t.Error("a burst of more than one second's worth was let through")
	}
}
