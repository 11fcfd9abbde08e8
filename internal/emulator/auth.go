package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"github.com/golang-jwt/jwt/v5"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
)

// authority issues and checks access tokens: JWTs signed with RS256, as the platform's are.
type authority struct {
	clientID, clientSecret string
	lifetime               time.Duration
	now                    func() time.Time
	key                    *rsa.PrivateKey
	keyID                  string // snk_ and digits; of this emulator alone
	tokens                 *store.IDSource

	mu   sync.Mutex
	live map[string]time.Time // the tokens that are not revoked, by jti, and when they expire
}

// signingKey is one for all emulators of a process, because making an RSA key takes long. Their key ids differ, and a
// token is good only where it was issued.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newAuthority(options Options) (*authority, error) {
	key, err := signingKey()
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // Never fails.
	return &authority{
		clientID:     options.ClientID,
		clientSecret: options.ClientSecret,
		lifetime:     options.TokenLifetime,
		now:          options.Now,
		key:          key,
		keyID:        "snk_" + strconv.FormatUint(binary.BigEndian.Uint64(random[:]), 10),
		tokens:       store.NewIDSource(options.Now),
		live:         map[string]time.Time{},
	}, nil
}

// issue makes an access token. The claims beside exp are assumed [U].
func (a *authority) issue(issuer string) (string, error) {
	id, _ := a.tokens.Next("tkn_")
	now := a.now()
	expires := now.Add(a.lifetime)
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss":       issuer,
		"sub":       a.clientID,
		"client_id": a.clientID,
		"jti":       id,
		"iat":       now.Unix(),
		"nbf":       now.Unix(),
		"exp":       expires.Unix(),
	})
	token.Header["kid"] = a.keyID
	signed, err := token.SignedString(a.key)
	if err != nil {
		return "", err
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	for id, expires := range a.live {
		if !now.Before(expires) {
			delete(a.live, id)
		}
	}
	a.live[id] = expires
	return signed, nil
}

func (a *authority) revokeAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.live)
}

// authorize lets a call of a client through, or returns UNAUTHENTICATED or PERMISSION_DENIED.
func (a *authority) authorize(header string, allowed optionsv1.AuthenticationType) error {
	const none, client = optionsv1.AuthenticationType_NONE, optionsv1.AuthenticationType_CLIENT
	if allowed&none != 0 {
		return nil
	}
	scheme, token, _ := strings.Cut(header, " ")
	if token = strings.TrimSpace(token); token == "" || !strings.EqualFold(scheme, "Bearer") {
		return unauthenticated("Token empty") // The platform's words, in its documentation.
	}
	if err := a.verify(token); err != nil {
		return err
	}
	if allowed&client == 0 {
		// The token is good, but not for a method of dashboard sessions: PERMISSION_DENIED [I].
		return apierr.New(connect.CodePermissionDenied, "this method is for %s, not for client credentials", allowed)
	}
	return nil
}

func (a *authority) verify(token string) error {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(a.now))
	var claims jwt.RegisteredClaims
	_, err := parser.ParseWithClaims(token, &claims, func(token *jwt.Token) (any, error) {
		if token.Header["kid"] != a.keyID {
			return nil, errors.New("foreign key")
		}
		return &a.key.PublicKey, nil
	})
	if errors.Is(err, jwt.ErrTokenExpired) {
		return unauthenticated("Token expired")
	}
	if err != nil {
		return unauthenticated("Token invalid")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.live[claims.ID]; !ok {
		return unauthenticated("Token invalid")
	}
	return nil
}

func unauthenticated(message string) *apierr.Error {
	err := apierr.New(connect.CodeUnauthenticated, "%s", message)
	err.ErrorCode = apierr.Unauthenticated
	return err
}

// tokenError is an error of the token endpoint, in OAuth's form [I].
type tokenError struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (e *tokenError) Error() string { return e.Code + ": " + e.Description }

// serveToken answers POST /oauth/token.
func (e *Emulator) serveToken(w http.ResponseWriter, r *http.Request) {
	e.exchange(w, r, web.Route{
		Name:   tokenEndpoint,
		Faults: []string{tokenEndpoint},
		Serve: func(answer http.ResponseWriter, r *http.Request) {
			if err := e.grant(answer, r); err != nil {
				failToken(answer, r, err)
			}
		},
		Fail: failToken,
	})
}

// grant checks the credentials, which come in the form body, not in a Basic header.
func (e *Emulator) grant(answer http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		answer.Header().Set("Allow", http.MethodPost)
		return &tokenError{http.StatusMethodNotAllowed, "invalid_request", "use POST"}
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil ||
		kind != "application/x-www-form-urlencoded" {
		return &tokenError{http.StatusBadRequest, "invalid_request", "the body must be a form (application/x-www-form-urlencoded)"}
	}
	if err := r.ParseForm(); err != nil {
		return &tokenError{http.StatusBadRequest, "invalid_request", "the body is not a form"}
	}
	if r.PostForm.Get("grant_type") != "client_credentials" {
		return &tokenError{http.StatusBadRequest, "unsupported_grant_type", "grant_type must be client_credentials"}
	}
	id := subtle.ConstantTimeCompare([]byte(r.PostForm.Get("client_id")), []byte(e.auth.clientID))
	secret := subtle.ConstantTimeCompare([]byte(r.PostForm.Get("client_secret")), []byte(e.auth.clientSecret))
	if id&secret != 1 {
		return &tokenError{http.StatusUnauthorized, "invalid_client", "unknown client or wrong secret"}
	}
	token, err := e.auth.issue(web.CallFrom(r.Context()).Base)
	if err != nil {
		return err
	}
	answer.Header().Set("Cache-Control", "no-store")
	web.WriteJSON(answer, http.StatusOK, map[string]any{
		"access_token": token,
		"token_type":   "Bearer",
		"expires_in":   int64(e.auth.lifetime / time.Second),
		"scope":        "openid",
	})
	return nil
}

// failToken answers a token request with an error, which may be an injected one of the RPCs' form.
func failToken(answer http.ResponseWriter, _ *http.Request, err error) {
	answer.Header().Set("Cache-Control", "no-store")
	var known *tokenError
	if errors.As(err, &known) {
		web.WriteJSON(answer, known.status, known)
		return
	}
	injected := apierr.From(err)
	if injected.RetryAfter > 0 {
		answer.Header().Set("Retry-After", apierr.WholeSeconds(injected.RetryAfter))
	}
	web.WriteJSON(answer, injected.HTTPStatus(), &tokenError{
		Code:        strings.ToLower(injected.ErrorCode),
		Description: injected.Message,
	})
}

// serveKeys answers GET /keys with the public key, as a JSON Web Key Set.
func (e *Emulator) serveKeys(w http.ResponseWriter, _ web.Call) {
	public := e.auth.key.PublicKey
	web.WriteJSON(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"use": "sig",
		"kty": "RSA",
		"kid": e.auth.keyID,
		"alg": "RS256",
		"n":   base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
		"e":   base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
	}}})
}

// serveDiscovery answers GET /.well-known/openid-configuration; that it exists is documented, its content inferred [I].
func (e *Emulator) serveDiscovery(w http.ResponseWriter, c web.Call) {
	web.WriteJSON(w, http.StatusOK, map[string]any{
		"issuer":                                c.Base,
		"token_endpoint":                        c.Base + "/oauth/token",
		"jwks_uri":                              c.Base + "/keys",
		"grant_types_supported":                 []string{"client_credentials"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}
