package emulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/golang-jwt/jwt/v5"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestToken(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	status, body := env.postToken(t, credentials())
	var reply struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
		Scope       string `json:"scope"`
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != http.StatusOK ||
		reply.TokenType != "Bearer" || reply.ExpiresIn != 86399 || reply.Scope != "openid" {
		t.Fatalf("%d %s (%v)", status, body, err)
	}

	// The token holds against the published key.
	_, body = env.do(t, http.MethodGet, "/keys", "", "")
	var set struct {
		Keys []struct{ Use, Kty, Kid, Alg, N, E string }
	}
	if err := json.Unmarshal([]byte(body), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("keys %s (%v)", body, err)
	}
	key := set.Keys[0]
	if key.Use != "sig" || key.Kty != "RSA" || key.Alg != "RS256" || !strings.HasPrefix(key.Kid, "snk_") {
		t.Errorf("key %+v", key)
	}
	number := func(text string) *big.Int {
		decoded, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(decoded)
	}
	public := &rsa.PublicKey{N: number(key.N), E: int(number(key.E).Int64())}
	var claims jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(reply.AccessToken, &claims,
		func(*jwt.Token) (any, error) { return public, nil }, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil || token.Header["kid"] != key.Kid || claims.Issuer != env.URL() ||
		claims.Subject != emulator.DefaultClientID || time.Until(claims.ExpiresAt.Time) < 23*time.Hour {
		t.Errorf("token %+v %+v (%v)", token.Header, claims, err)
	}

	_, body = env.do(t, http.MethodGet, "/.well-known/openid-configuration", "", "")
	if !strings.Contains(body, env.URL()+"/oauth/token") || !strings.Contains(body, env.URL()+"/keys") {
		t.Errorf("openid-configuration %s", body)
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{ClientID: emulator.DefaultClientID})
	with := func(name, value string) string {
		form := credentials()
		form.Set(name, value)
		return form.Encode()
	}
	const form = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		method, contentType, body string
		status                    int
		code                      string
	}{
		"wrong secret": {"POST", form, with("client_secret", "wrong"), 401, "invalid_client"},
		"wrong id":     {"POST", form, with("client_id", "wrong"), 401, "invalid_client"},
		"none":         {"POST", form, url.Values{"grant_type": {"client_credentials"}}.Encode(), 401, "invalid_client"},
		"grant":        {"POST", form, with("grant_type", "password"), 400, "unsupported_grant_type"},
		"empty":        {"POST", form, "", 400, "unsupported_grant_type"},
		"not a form":   {"POST", "application/json", "{}", 400, "invalid_request"},
		"bad form":     {"POST", form, "%", 400, "invalid_request"},
		"method":       {"GET", "", "", 405, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := env.do(t, test.method, "/oauth/token", test.contentType, test.body)
			var reply map[string]string
			if err := json.Unmarshal([]byte(body), &reply); err != nil || status != test.status ||
				reply["error"] != test.code || reply["error_description"] == "" {
				t.Errorf("%d %s (%v), want %d %s", status, body, err, test.status, test.code)
			}
		})
	}

	// Credentials in a Basic header are none.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, env.URL()+"/oauth/token",
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form)
	req.SetBasicAuth(emulator.DefaultClientID, emulator.DefaultClientSecret)
	resp, err := env.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("Basic credentials: status %d, want 401", resp.StatusCode)
	}
}

func TestTokenIsChecked(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := start(t, emulator.Options{Now: clock.Now, TokenLifetime: time.Minute})
	other := start(t, emulator.Options{Now: clock.Now})
	list := func(token string) error {
		_, err := env.organizations(env.http, token).ListOrganization(t.Context(),
			connect.NewRequest(&orgv1.ListOrganizationsRequest{}))
		return err
	}
	want := func(token, message string) {
		t.Helper()
		err := list(token)
		wantError(t, err, connect.CodeUnauthenticated, "UNAUTHENTICATED")
		if !strings.Contains(err.Error(), message) {
			t.Errorf("got %q, want %q", err, message)
		}
	}

	want("", "Token empty")
	want("nonsense", "Token invalid")
	want(other.token, "Token invalid")
	if err := list(env.token); err != nil {
		t.Error(err)
	}

	// Signed by someone else, under the right key id.
	parsed, _, err := jwt.NewParser().ParseUnverified(env.token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := parsed.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	want(forged, "Token invalid")
	unsigned := jwt.NewWithClaims(jwt.SigningMethodNone, parsed.Claims)
	unsigned.Header["kid"] = parsed.Header["kid"]
	none, err := unsigned.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	want(none, "Token invalid")

	clock.advance(time.Minute)
	want(env.token, "Token expired")

	fresh := fetchToken(t, env)
	if err := list(fresh); err != nil {
		t.Error(err)
	}
	env.RevokeTokens()
	want(fresh, "Token invalid")
	if err := list(fetchToken(t, env)); err != nil {
		t.Error(err)
	}
}

func TestTokenComesFirst(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Faults: []emulator.Fault{{RPC: "*", Kind: emulator.FaultErrorBefore}}, RateLimit: 1})
	anonymous := env.organizations(env.http, "")
	for range 3 { // Uses up neither the fault nor the rate limit.
		_, err := anonymous.CreateOrganization(t.Context(), connect.NewRequest(&orgv1.CreateOrganizationRequest{}))
		wantError(t, err, connect.CodeUnauthenticated, "UNAUTHENTICATED")
	}
	_, err := env.tryCreate(t, "Acme")
	wantError(t, err, connect.CodeUnavailable, "UNAVAILABLE")
}
