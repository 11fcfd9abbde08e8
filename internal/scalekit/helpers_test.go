package scalekit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const tokenEndpoint = "oauth/token"

// start serves an emulator with faults until the test ends.
func start(t *testing.T, options emulator.Options) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if _, err := e.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return e
}

func setFaults(t *testing.T, e *emulator.Emulator, faults ...emulator.Fault) {
	t.Helper()
	if err := e.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
}

// serveH2C serves a handler over HTTP/2 without TLS and returns its URL.
func serveH2C(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// before answers the first calls of a path with a handler and hands all others to the emulator.
func before(e *emulator.Emulator, path string, count int32, handler http.HandlerFunc) http.HandlerFunc {
	var met atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, path) && met.Add(1) <= count {
			handler(w, r)
			return
		}
		e.Handler().ServeHTTP(w, r)
	}
}

// settings are those of an impatient client of the emulator.
func settings(url string, edit ...func(*scalekit.Config)) scalekit.Config {
	config := scalekit.Config{
		EnvironmentURL: url,
		ClientID:       emulator.DefaultClientID,
		ClientSecret:   emulator.DefaultClientSecret,
		MaxRetries:     3,
		RequestTimeout: 10 * time.Second,
		UserAgent:      "terraform-provider-scalekit/test",
		RetryInterval:  time.Millisecond,
	}
	for _, edit := range edit {
		edit(&config)
	}
	return config
}

// newClient makes a client whose connections end with the test: a server that shuts down waits for idle ones.
func newClient(t *testing.T, url string, edit ...func(*scalekit.Config)) *scalekit.Client {
	t.Helper()
	client := scalekit.New(settings(url, edit...))
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func retries(count int) func(*scalekit.Config) {
	return func(c *scalekit.Config) { c.MaxRetries = count }
}

func timeout(d time.Duration) func(*scalekit.Config) {
	return func(c *scalekit.Config) { c.RequestTimeout = d }
}

func interval(d time.Duration) func(*scalekit.Config) {
	return func(c *scalekit.Config) { c.RetryInterval = d }
}

func logTo(l scalekit.Logger) func(*scalekit.Config) {
	return func(c *scalekit.Config) { c.Logger = l }
}

func listOrganizations(ctx context.Context, c *scalekit.Client) error {
	_, err := c.Organizations.ListOrganization(ctx, connect.NewRequest(&organizationsv1.ListOrganizationsRequest{PageSize: 10}))
	return err
}

func createOrganization(ctx context.Context, c *scalekit.Client, name, externalID string) (*organizationsv1.Organization, error) {
	wanted := &organizationsv1.CreateOrganization{DisplayName: name}
	if externalID != "" {
		wanted.ExternalId = &externalID
	}
	reply, err := c.Organizations.CreateOrganization(ctx, connect.NewRequest(&organizationsv1.CreateOrganizationRequest{Organization: wanted}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}

func requests(e *emulator.Emulator, rpc string) []emulator.Request {
	var found []emulator.Request
	for _, request := range e.Requests() {
		if request.RPC == rpc {
			found = append(found, request)
		}
	}
	return found
}

// wantRequests waits for a number of calls, because those whose client has gone are logged later, and expects no more.
func wantRequests(t *testing.T, e *emulator.Emulator, rpc string, want int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d calls of %s", want, rpc), func() bool { return len(requests(e, rpc)) >= want })
	if got := len(requests(e, rpc)); got != want {
		t.Errorf("%d calls of %s, want %d", got, rpc, want)
	}
}

func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// within fails a test that takes longer, for waits that must be cut short.
func within(t *testing.T, limit time.Duration, do func()) {
	t.Helper()
	started := time.Now()
	do()
	if took := time.Since(started); took > limit {
		t.Errorf("took %s, want at most %s", took, limit)
	}
}

type line struct {
	level, message string
	fields         map[string]any
}

// recorder is a logger that formats at once, as a real one does. Its hook hears of every line.
type recorder struct {
	hook func(line)

	mu    sync.Mutex
	lines []line
}

func (r *recorder) Debug(_ context.Context, message string, fields map[string]any) {
	r.add("debug", message, fields)
}

func (r *recorder) Trace(_ context.Context, message string, fields map[string]any) {
	r.add("trace", message, fields)
}

func (r *recorder) add(level, message string, fields map[string]any) {
	added := line{level, message, maps.Clone(fields)}
	if text, ok := fields["body"].(fmt.Stringer); ok {
		added.fields["body"] = text.String()
	}
	r.mu.Lock()
	r.lines = append(r.lines, added)
	r.mu.Unlock()
	if r.hook != nil {
		r.hook(added)
	}
}

// calls returns the lines of a level about one call.
func (r *recorder) calls(level, call string) []line {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []line
	for _, l := range r.lines {
		if l.level == level && l.fields["call"] == call {
			found = append(found, l)
		}
	}
	return found
}

// text is everything that was logged, in both of the ways in which fields are printed.
func (r *recorder) text(t *testing.T) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var out strings.Builder
	for _, l := range r.lines {
		encoded, err := json.Marshal(l.fields)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %s %v %s\n", l.level, l.message, l.fields, encoded)
	}
	return out.String()
}
