package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"
)

// environment is an emulator that serves, and a client of it.
type environment struct {
	*emulator.Emulator
	organizationsconnect.OrganizationServiceClient
	http  *http.Client
	token string
}

// start serves an emulator until the test ends. Its client speaks gRPC over HTTP/2 without TLS.
func start(t *testing.T, options emulator.Options) *environment {
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
	env := &environment{Emulator: e, http: httpClient(t, true)}
	env.token = fetchToken(t, env)
	env.OrganizationServiceClient = env.organizations(env.http, env.token)
	return env
}

// organizations makes a client with any token; "" sends none.
func (env *environment) organizations(client *http.Client, token string) organizationsconnect.OrganizationServiceClient {
	return organizationsconnect.NewOrganizationServiceClient(client, env.URL(), connect.WithGRPC(), bearer(token))
}

func bearer(token string) connect.ClientOption {
	return connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			if token != "" {
				req.Header().Set("Authorization", "Bearer "+token)
			}
			return next(ctx, req)
		}
	}))
}

// httpClient speaks HTTP/2 without TLS from the first byte, or HTTP/1.1 alone.
func httpClient(t *testing.T, h2c bool) *http.Client {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(h2c)
	protocols.SetHTTP1(!h2c)
	transport := &http.Transport{Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// fetchToken gets an access token with the default credentials.
func fetchToken(t *testing.T, env *environment) string {
	t.Helper()
	status, body := env.postToken(t, credentials())
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != http.StatusOK {
		t.Fatalf("token: %d %s (%v)", status, body, err)
	}
	return reply.AccessToken
}

func credentials() url.Values {
	return url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {emulator.DefaultClientID},
		"client_secret": {emulator.DefaultClientSecret},
	}
}

func (env *environment) postToken(t *testing.T, form url.Values) (status int, body string) {
	t.Helper()
	return env.do(t, http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", form.Encode())
}

func (env *environment) do(t *testing.T, method, path, contentType, body string) (status int, reply string) {
	t.Helper()
	req := env.request(t, method, path, body)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	status, _, reply = env.answer(t, req)
	return status, reply
}

// request makes a request that is still to be sent.
func (env *environment) request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, env.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// answer sends a request.
func (env *environment) answer(t *testing.T, req *http.Request) (status int, header http.Header, body string) {
	t.Helper()
	resp, err := env.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(content)
}

// create makes an organization of that name; edit may change the request.
func (env *environment) create(t *testing.T, name string, edit ...func(*orgv1.CreateOrganization)) *orgv1.Organization {
	t.Helper()
	org, err := env.tryCreate(t, name, edit...)
	if err != nil {
		t.Fatal(err)
	}
	return org
}

func (env *environment) tryCreate(
	t *testing.T, name string, edit ...func(*orgv1.CreateOrganization),
) (*orgv1.Organization, error) {
	t.Helper()
	wanted := &orgv1.CreateOrganization{DisplayName: name}
	for _, edit := range edit {
		edit(wanted)
	}
	reply, err := env.CreateOrganization(t.Context(),
		connect.NewRequest(&orgv1.CreateOrganizationRequest{Organization: wanted}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}

// read gets an organization as it is now.
func (env *environment) read(t *testing.T, id string) *orgv1.Organization {
	t.Helper()
	reply, err := env.GetOrganization(t.Context(), connect.NewRequest(byID(id)))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetOrganization()
}

func byID(id string) *orgv1.GetOrganizationRequest {
	return &orgv1.GetOrganizationRequest{Identities: &orgv1.GetOrganizationRequest_Id{Id: id}}
}

func byExternalID(id string) *orgv1.GetOrganizationRequest {
	return &orgv1.GetOrganizationRequest{Identities: &orgv1.GetOrganizationRequest_ExternalId{ExternalId: id}}
}

func (env *environment) setFeatures(t *testing.T, id string, enabled map[string]bool) (*orgv1.Organization, error) {
	t.Helper()
	settings := &orgv1.OrganizationSettings{}
	for name, on := range enabled {
		settings.Features = append(settings.Features, &orgv1.OrganizationSettingsFeature{Name: name, Enabled: on})
	}
	reply, err := env.UpdateOrganizationSettings(t.Context(),
		connect.NewRequest(&orgv1.UpdateOrganizationSettingsRequest{Id: id, Settings: settings}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}

// features is the feature list in a form that can be compared.
func features(org *orgv1.Organization) string {
	var out []string
	for _, feature := range org.GetSettings().GetFeatures() {
		state := "-"
		if feature.GetEnabled() {
			state = "+"
		}
		out = append(out, state+feature.GetName())
	}
	return strings.Join(out, " ")
}

// wantError holds an error against a code and an error code, and every error against what all of them have. It returns
// its ErrorInfo.
func wantError(t *testing.T, err error, code connect.Code, errorCode string) *errdetailsv1.ErrorInfo {
	t.Helper()
	var got *connect.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want %v", err, code)
	}
	if got.Code() != code {
		t.Fatalf("got %v, want %v", err, code)
	}
	for _, detail := range got.Details() {
		value, err := detail.Value()
		if err != nil {
			t.Fatal(err)
		}
		info, ok := value.(*errdetailsv1.ErrorInfo)
		if !ok {
			continue
		}
		if info.GetErrorCode() != errorCode {
			t.Errorf("error code %q, want %q", info.GetErrorCode(), errorCode)
		}
		if id := info.GetRequestInfo().GetRequestId(); id == "" || len(id) > 32 {
			t.Errorf("request id %q, want 1 to 32 characters", id)
		}
		return info
	}
	t.Fatalf("%v has no ErrorInfo", err)
	return nil
}

// wantViolation expects INVALID_ARGUMENT with a violation of a field.
func wantViolation(t *testing.T, err error, field, constraint string) {
	t.Helper()
	info := wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	violations := info.GetValidationErrorInfo().GetFieldViolations()
	found := slices.ContainsFunc(violations, func(v *errdetailsv1.ValidationErrorInfo_FieldViolation) bool {
		return v.GetField() == field && v.GetConstraint() == constraint && v.GetDescription() != ""
	})
	if !found {
		t.Errorf("violations %v, want %s: %s", violations, field, constraint)
	}
}

// wantText expects the text of an error to have a part.
func wantText(t *testing.T, err error, part string) {
	t.Helper()
	if !strings.Contains(err.Error(), part) {
		t.Errorf("got %q, want %q", err, part)
	}
}

// clock is an environment's clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func asError(err error, target **connect.Error) bool { return errors.As(err, target) }
