package emulator_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"
)

func TestProtocols(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	org := env.create(t, "Acme")
	for protocol, h2c := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
		client := env.organizations(httpClient(t, h2c), env.token)
		env.ResetRequests()
		reply, err := client.GetOrganization(t.Context(), connect.NewRequest(byID(org.GetId())))
		if err != nil || !proto.Equal(reply.Msg.GetOrganization(), org) {
			t.Errorf("%s: %v (%v), want %v", protocol, reply, err, org)
		}
		_, err = client.GetOrganization(t.Context(), connect.NewRequest(byID("org_1")))
		wantError(t, err, connect.CodeNotFound, "NOT_FOUND")
		for i, request := range env.Requests() {
			if want := []string{"OK", "NOT_FOUND"}[i]; request.Protocol != protocol || request.Code != want {
				t.Errorf("request %d is %+v, want %s over %s", i, request, want, protocol)
			}
		}
		if got := len(env.Requests()); got != 2 {
			t.Errorf("%d requests logged, want 2", got)
		}
	}
}

func TestOnlyGRPCIsAnswered(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	const path = organizationsconnect.OrganizationServiceListOrganizationProcedure
	for _, contentType := range []string{
		"application/json", "application/proto", "application/connect+proto", "application/grpc-web",
		"application/grpc-web+proto", "application/grpc-web-text", "",
	} {
		if status, _ := env.do(t, http.MethodPost, path, contentType, "{}"); status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: status %d, want 415", contentType, status)
		}
	}
	if status, _ := env.do(t, http.MethodGet, path, "", ""); status != http.StatusUnsupportedMediaType {
		t.Errorf("GET: status %d, want 415", status)
	}
}

func TestUnknownPath(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for _, path := range []string{"/", "/api/v1/nothing", "//oauth/token", "/oauth/token/"} {
		status, body := env.do(t, http.MethodGet, path, "", "")
		var reply struct {
			Code    int
			Message string
			Details []map[string]any
		}
		if err := json.Unmarshal([]byte(body), &reply); err != nil || status != http.StatusNotFound || reply.Code != 5 ||
			reply.Message == "" || reply.Details[0]["@type"] != "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo" ||
			reply.Details[0]["error_code"] != "NOT_FOUND" {
			t.Errorf("%s: %d %s (%v)", path, status, body, err)
		}
	}
}

func TestLargeRequest(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	_, err := env.tryCreate(t, strings.Repeat("x", 5<<20))
	wantError(t, err, connect.CodeResourceExhausted, "RESOURCE_EXHAUSTED")
}

// A message that cannot be decoded is refused before any handler, and has its ErrorInfo all the same.
func TestDamagedRequest(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	client := connect.NewClient[wrapperspb.StringValue, emptypb.Empty](env.http,
		env.URL()+organizationsconnect.OrganizationServiceCreateOrganizationProcedure, connect.WithGRPC(), bearer(env.token))
	_, err := client.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("zzz")))
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if !strings.Contains(err.Error(), "unmarshal") {
		t.Errorf("got %v, want what is wrong", err)
	}
}

func TestMethodsThatAreNotServed(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for _, procedure := range []string{
		"/scalekit.v1.organizations.OrganizationService/Nothing",
		"/scalekit.v1.nothing.NothingService/Nothing",
		"/nothing",
	} {
		wantError(t, call(t, env, procedure, ""), connect.CodeUnauthenticated, "UNAUTHENTICATED")
		wantError(t, call(t, env, procedure, env.token), connect.CodeUnimplemented, "UNIMPLEMENTED")
	}
}

func TestListenRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", ""} {
		if url, err := e.Listen(addr); err == nil {
			t.Errorf("%q: serving %s", addr, url)
		}
	}
	if e.URL() != "" {
		t.Errorf("URL %q, want none", e.URL())
	}
	url, err := e.Listen("localhost:0")
	if err != nil || url != e.URL() {
		t.Errorf("localhost: %q (%v)", url, err)
	}
	if _, err := e.Listen("127.0.0.1:0"); err == nil {
		t.Error("a second Listen was let through")
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if _, err := e.Listen("127.0.0.1:0"); err == nil {
		t.Error("Listen after Close was let through")
	}
}

// It runs alone: after Close, a test beside it may be given the same port.
//
//nolint:paralleltest // See above.
func TestListenAnywhere(t *testing.T) {
	e, err := emulator.New(emulator.Options{AllowNonLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	url, err := e.Listen("0.0.0.0:0")
	if err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Errorf("got %q (%v), want a URL that this machine can use", url, err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://")); err == nil {
		t.Error("still listening after Close")
		_ = conn.Close()
	}
}

func TestNewRefusesOptions(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]emulator.Options{
		"rate limit":     {RateLimit: -1},
		"latency":        {Latency: -1},
		"token lifetime": {TokenLifetime: time.Millisecond},
		"fault":          {Faults: []emulator.Fault{{RPC: "*", Kind: "explode"}}},
	} {
		if _, err := emulator.New(options); err == nil {
			t.Errorf("%s: %+v was let through", name, options)
		}
	}
}
