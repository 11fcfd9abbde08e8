package emulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"
)

// habits is how one of Scalekit's SDKs calls the platform, as far as its code shows.
type habits struct {
	// overTLS is for SDKs that cannot do without: their calls come by HTTP/2, agreed on in the TLS handshake.
	overTLS bool
	// headers go with every call.
	headers map[string]string
	// tokenFirst says that no call is made without a token.
	tokenFirst bool
	// renewals is how many times a call is repeated with a new token, -1 without bound.
	renewals int
	// retries is how many times a call is repeated after any other error.
	retries int
}

// The Node SDK is not among them: it calls the emulator itself, in the conformance tests.
var sdks = map[string]habits{
	"Go over http": {
		headers: map[string]string{
			"User-Agent": "Scalekit-Go/2.6.0", "X-Sdk-Version": "Scalekit-Go/2.6.0", "X-Api-Version": "20260312",
		},
		tokenFirst: true, renewals: 1,
	},
	"Go over https": {
		overTLS:    true,
		headers:    map[string]string{"X-Sdk-Version": "Scalekit-Go/2.6.0", "X-Api-Version": "20260312"},
		tokenFirst: true, renewals: 1,
	},
	"Python": {
		overTLS:    true,
		headers:    map[string]string{"X-Sdk-Version": "Scalekit-Python/2.10.0", "X-Api-Version": "20260513"},
		tokenFirst: true, renewals: -1, retries: 2,
	},
	"Java":                     {overTLS: true, tokenFirst: true, renewals: 1},
	"without a token at first": {headers: map[string]string{"X-Api-Version": "20260727"}, renewals: 3},
}

// sdk is a client with the habits of one of Scalekit's SDKs.
type sdk struct {
	habits

	env   *environment
	base  string
	http  *http.Client
	token string
}

func newSDK(t *testing.T, env *environment, habits habits) *sdk {
	t.Helper()
	client := &sdk{habits: habits, env: env, base: env.URL(), http: httpClient(t, false)}
	if habits.overTLS {
		front := httptest.NewUnstartedServer(env.Handler())
		front.EnableHTTP2 = true
		front.StartTLS()
		t.Cleanup(front.Close)
		client.base, client.http = front.URL, front.Client()
	}
	return client
}

// create makes an organization, with all repetitions that the SDK makes of the call.
func (s *sdk) create(t *testing.T, externalID string) (*orgv1.Organization, error) {
	t.Helper()
	if s.tokenFirst && s.token == "" {
		s.token = fetchToken(t, s.env)
	}
	headers := connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			for name, value := range s.headers {
				req.Header().Set(name, value)
			}
			return next(ctx, req)
		}
	}))
	for renewals, retries := 0, 0; ; {
		client := organizationsconnect.NewOrganizationServiceClient(s.http, s.base, connect.WithGRPC(), headers, bearer(s.token))
		reply, err := client.CreateOrganization(t.Context(), connect.NewRequest(&orgv1.CreateOrganizationRequest{
			Organization: &orgv1.CreateOrganization{DisplayName: "Acme", ExternalId: &externalID},
		}))
		switch code := connect.CodeOf(err); {
		case err == nil:
			return reply.Msg.GetOrganization(), nil
		case code == connect.CodeUnauthenticated && renewals != s.renewals:
			renewals++
			s.token = fetchToken(t, s.env)
		case code != connect.CodeUnauthenticated && retries < s.retries:
			retries++
		default:
			return nil, err
		}
	}
}

// logged are the calls since the last time, each as "RPC CODE".
func (env *environment) logged() []string {
	var calls []string
	for _, request := range env.Requests() {
		calls = append(calls, request.RPC+" "+request.Code)
	}
	env.ResetRequests()
	return calls
}

func TestSDKHabits(t *testing.T) {
	t.Parallel()
	for name, habits := range sdks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{})
			client := newSDK(t, env, habits)
			env.ResetRequests()

			created, err := client.create(t, "acme")
			if err != nil || !strings.HasPrefix(created.GetId(), "org_") {
				t.Fatalf("created %v (%v)", created, err)
			}
			last := env.Requests()[len(env.Requests())-1]
			if wanted := map[bool]string{true: "HTTP/2.0", false: "HTTP/1.1"}[habits.overTLS]; last.Protocol != wanted {
				t.Errorf("the call came by %s, want %s", last.Protocol, wanted)
			}
			wanted := []string{"oauth/token 200", "CreateOrganization OK"}
			if !habits.tokenFirst {
				wanted = slices.Insert(wanted, 0, "CreateOrganization UNAUTHENTICATED")
			}
			if calls := env.logged(); !slices.Equal(calls, wanted) {
				t.Errorf("the first call is %q, want %q", calls, wanted)
			}

			// A token that has gone is refused once: with a new one the call goes through.
			env.RevokeTokens()
			if _, err := client.create(t, "globex"); err != nil {
				t.Fatal(err)
			}
			wanted = []string{"CreateOrganization UNAUTHENTICATED", "oauth/token 200", "CreateOrganization OK"}
			if calls := env.logged(); !slices.Equal(calls, wanted) {
				t.Errorf("with a token that has gone the calls are %q, want %q", calls, wanted)
			}

			// However many times a refused create is repeated, nothing comes of it.
			_, err = client.create(t, "acme")
			wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
			wanted = slices.Repeat([]string{"CreateOrganization INVALID_ARGUMENT"}, 1+habits.retries)
			if calls := env.logged(); !slices.Equal(calls, wanted) {
				t.Errorf("a refused create is %q, want %q", calls, wanted)
			}
			if count := env.Counts()["organizations"]; count != 2 {
				t.Errorf("there are %d organizations, want 2", count)
			}
		})
	}
}

// A create whose effect came before its error is made twice by an SDK that repeats it blindly. The external id is what
// tells: the repetition is refused, and there is one organization.
func TestBlindRepetition(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	client := newSDK(t, env, sdks["Python"])
	if err := env.SetFaults([]emulator.Fault{{RPC: "CreateOrganization", Kind: emulator.FaultErrorAfter}}); err != nil {
		t.Fatal(err)
	}
	env.ResetRequests()
	_, err := client.create(t, "acme")
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	wanted := []string{
		"oauth/token 200", "CreateOrganization UNAVAILABLE", "CreateOrganization INVALID_ARGUMENT", "CreateOrganization INVALID_ARGUMENT",
	}
	if calls := env.logged(); !slices.Equal(calls, wanted) {
		t.Errorf("the calls are %q, want %q", calls, wanted)
	}
	if count := env.Counts()["organizations"]; count != 1 {
		t.Errorf("there are %d organizations, want 1", count)
	}
}

// The SDKs get tokens and keys by plain JSON, whatever their calls speak: here over HTTP/1.1 and over TLS.
func TestSDKsGetTokensAndKeys(t *testing.T) {
	t.Parallel()
	for name, habits := range sdks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{})
			client := newSDK(t, env, habits)
			for path, wanted := range map[string]string{
				"/oauth/token": `"access_token"`, "/keys": `"kid"`, "/.well-known/openid-configuration": `"token_endpoint"`,
			} {
				method, body := http.MethodGet, ""
				if path == "/oauth/token" {
					method, body = http.MethodPost, credentials().Encode()
				}
				status, reply, err := client.fetch(t, method, path, body)
				if err != nil || status != http.StatusOK || !strings.Contains(reply, wanted) {
					t.Errorf("%s %s: %d %s (%v)", method, path, status, reply, err)
				}
			}
		})
	}
}

func (s *sdk) fetch(t *testing.T, method, path, body string) (status int, reply string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(content), err
}
