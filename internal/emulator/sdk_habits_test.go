package emulator_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"
)

// sdk is how one of Scalekit's SDKs calls, as far as a server can tell and as far as it is known.
type sdk struct {
	h2c     bool
	headers map[string]string // beside the token
	eager   bool              // gets a token before the first call; otherwise when that is refused
	reauths int               // how often a call that is UNAUTHENTICATED gets a new token
	retries int               // how often a call that fails otherwise is repeated
}

var sdks = map[string]sdk{
	"Go": {
		headers: map[string]string{"x-sdk-version": "Scalekit-Go/2.6.0", "x-api-version": "20260312"},
		eager:   true, reauths: 1,
	},
	"Node": {
		h2c: true, headers: map[string]string{"x-sdk-version": "Scalekit-Node/2.11.0", "x-api-version": "20260727"},
		reauths: 3,
	},
	"Python": { // It renews its token for ever: an emulator that went on refusing would never let it go.
		h2c: true, headers: map[string]string{"x-sdk-version": "Scalekit-Python/2.10.0", "x-api-version": "20260513"},
		eager: true, reauths: 20, retries: 2,
	},
	"Java": {h2c: true, eager: true, reauths: 1},
}

// caller is an SDK at work: it frames its messages itself, so that no client library stands between it and the wire.
type caller struct {
	sdk
	env   *environment
	http  *http.Client
	token string
	codes []string // of the calls that it has made
}

func (s sdk) at(t *testing.T, env *environment) *caller {
	t.Helper()
	c := &caller{sdk: s, env: env, http: httpClient(t, s.h2c)}
	if s.eager {
		c.token = fetchToken(t, env)
	}
	return c
}

// call makes one call the way the SDK does, with its retries. Of the status, the message and the details matter.
func (c *caller) call(t *testing.T, procedure string, request, out proto.Message) *status.Status {
	t.Helper()
	reauths, retries := c.reauths, c.retries
	for {
		result := c.once(t, procedure, request, out)
		switch {
		case result.GetCode() == 16 && reauths > 0:
			reauths--
			c.token = fetchToken(t, c.env)
		case result.GetCode() != 0 && retries > 0:
			retries--
		default:
			return result
		}
	}
}

func (c *caller) once(t *testing.T, procedure string, request, out proto.Message) *status.Status {
	t.Helper()
	message, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.env.URL()+procedure, bytes.NewReader(frame))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	for name, value := range c.headers {
		req.Header.Set(name, value)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/grpc") ||
		(resp.ProtoMajor == 2) != c.h2c {
		t.Fatalf("%s: %s %s %v", procedure, resp.Proto, resp.Status, resp.Header)
	}
	// A call that never reached a service may have its status in the headers: then there is no body.
	trailer := resp.Trailer
	if trailer.Get("Grpc-Status") == "" && len(body) == 0 {
		trailer = resp.Header
	}
	c.codes = append(c.codes, trailer.Get("Grpc-Status"))
	if trailer.Get("Grpc-Status") == "0" {
		if len(body) < 5 || body[0] != 0 || int(binary.BigEndian.Uint32(body[1:5])) != len(body)-5 {
			t.Fatalf("%s: %q is not one message", procedure, body)
		}
		if err := proto.Unmarshal(body[5:], out); err != nil {
			t.Fatal(err)
		}
		return &status.Status{}
	}
	details, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(trailer.Get("Grpc-Status-Details-Bin"), "="))
	if err != nil {
		t.Fatal(err)
	}
	result := &status.Status{}
	if err := proto.Unmarshal(details, result); err != nil || result.GetCode() == 0 {
		t.Fatalf("%s: trailer %v (%v)", procedure, trailer, err)
	}
	return result
}

func (c *caller) create(t *testing.T, wanted *orgv1.CreateOrganization) *status.Status {
	t.Helper()
	return c.call(t, organizationsconnect.OrganizationServiceCreateOrganizationProcedure,
		&orgv1.CreateOrganizationRequest{Organization: wanted}, &orgv1.CreateOrganizationResponse{})
}

// errorInfoOf is the ErrorInfo of a status.
func errorInfoOf(t *testing.T, result *status.Status) *errdetailsv1.ErrorInfo {
	t.Helper()
	info := &errdetailsv1.ErrorInfo{}
	if len(result.GetDetails()) != 1 {
		t.Fatalf("%v has no ErrorInfo", result)
	}
	if err := result.GetDetails()[0].UnmarshalTo(info); err != nil {
		t.Fatal(err)
	}
	return info
}

// Whatever SDK calls, with the headers that it sends or without, over the protocol that it uses for http addresses: it
// gets in, gets a token when it has none, and a new one when its own is revoked, at the first try.
func TestSDKsGetAToken(t *testing.T) {
	t.Parallel()
	for name, one := range sdks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{})
			c := one.at(t, env)
			list := func() {
				t.Helper()
				reply := &orgv1.ListOrganizationsResponse{}
				result := c.call(t, organizationsconnect.OrganizationServiceListOrganizationProcedure,
					&orgv1.ListOrganizationsRequest{}, reply)
				if result.GetCode() != 0 || reply.GetTotalSize() != 1 {
					t.Errorf("%v %v", reply, result)
				}
			}
			env.create(t, "Acme")
			list()
			env.RevokeTokens()
			list()
			list()
			want := []string{"0", "16", "0", "0"}
			if !one.eager {
				want = append([]string{"16"}, want...)
			}
			if !slices.Equal(c.codes, want) {
				t.Errorf("codes %v, want %v", c.codes, want)
			}
		})
	}
}

// Errors are in the trailers, as SDKs that decode them themselves expect.
func TestSDKsGetErrors(t *testing.T) {
	t.Parallel()
	for name, one := range sdks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := one.at(t, start(t, emulator.Options{}))
			result := c.create(t, &orgv1.CreateOrganization{})
			info := errorInfoOf(t, result)
			violations := info.GetValidationErrorInfo().GetFieldViolations()
			if result.GetCode() != 3 || info.GetErrorCode() != "INVALID_ARGUMENT" || info.GetRequestInfo().GetRequestId() == "" ||
				len(violations) == 0 || violations[0].GetField() != "organization.display_name" {
				t.Errorf("%v %v", result, info)
			}
		})
	}
}

// Python repeats creates whose reply is lost. What is unique is created once, and the second try is told so with the
// code of a bad request; what is not, twice.
func TestSDKRepeatsACreate(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	c := sdks["Python"].at(t, env)
	lose := func() {
		t.Helper()
		if err := env.SetFaults([]emulator.Fault{{RPC: "CreateOrganization", Kind: emulator.FaultErrorAfter}}); err != nil {
			t.Fatal(err)
		}
	}
	lose()
	result := c.create(t, &orgv1.CreateOrganization{DisplayName: "Acme", ExternalId: new("acme")})
	if code := errorInfoOf(t, result).GetErrorCode(); result.GetCode() != 3 || code != "INVALID_ARGUMENT" ||
		!strings.Contains(result.GetMessage(), "already exists") {
		t.Errorf("%v, want a duplicate", result)
	}
	if !slices.Equal(c.codes, []string{"14", "3", "3"}) || env.Counts()["organizations"] != 1 {
		t.Errorf("codes %v, %d organizations; want one", c.codes, env.Counts()["organizations"])
	}
	lose()
	if result := c.create(t, &orgv1.CreateOrganization{DisplayName: "Globex"}); result.GetCode() != 0 {
		t.Errorf("%v", result)
	}
	if got := env.Counts()["organizations"]; got != 3 {
		t.Errorf("%d organizations, want Globex twice", got)
	}
}

// The Go SDK makes //oauth/token of an environment URL that ends with a slash. The emulator does not know that path; what
// the platform does is unknown. It says so, rather than redirect a POST to a GET.
func TestTokenPathWithTwoSlashes(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	code, body := env.do(t, http.MethodPost, "//oauth/token", "application/x-www-form-urlencoded", credentials().Encode())
	if code != http.StatusNotFound || !strings.Contains(body, `"Not Found"`) {
		t.Errorf("%d %s", code, body)
	}
	// Some HTTP clients name the charset.
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	if code, body = env.do(t, http.MethodPost, "/oauth/token", form, credentials().Encode()); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
}
