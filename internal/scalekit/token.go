package scalekit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// renewBefore is how long before its expiry a token is replaced: longer than an attempt usually takes.
const renewBefore = time.Minute

// CredentialsError says that the environment knows no such client ID and secret.
type CredentialsError struct{ Detail string }

func (e *CredentialsError) Error() string {
	return "the environment refused the client credentials: " + e.Detail
}

// HostError says that the environment's host could not be reached.
type HostError struct {
	URL string
	Err error
}

func (e *HostError) Error() string { return fmt.Sprintf("%s could not be reached: %v", e.URL, e.Err) }
func (e *HostError) Unwrap() error { return e.Err }

// TokenError says that the host answered, but not as a Scalekit environment does.
type TokenError struct {
	URL    string
	Detail string
}

func (e *TokenError) Error() string {
	return fmt.Sprintf("%s does not answer like a Scalekit environment: %s", e.URL, e.Detail)
}

// tokenSource holds the one token that all calls share.
type tokenSource struct {
	retry.Shared[string]

	config      Config
	credentials clientcredentials.Config
	httpClient  *http.Client
	gate        retry.Gate
}

func newTokenSource(config Config, transport *http.Transport, clock *clock) *tokenSource {
	s := &tokenSource{
		config: config,
		credentials: clientcredentials.Config{
			ClientID:     config.ClientID,
			ClientSecret: config.ClientSecret,
			TokenURL:     config.EnvironmentURL + "/oauth/token",
			AuthStyle:    oauth2.AuthStyleInParams,
		},
		httpClient: &http.Client{
			Transport:     observer{transport, clock},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.Fetch = s.fetch
	return s
}

// fetch asks for a token until it gets one or a definite refusal: asking twice does no harm.
func (s *tokenSource) fetch(ctx context.Context) (accessToken string, usable time.Duration, err error) {
	policy := retry.Policy{MaxRetries: s.config.MaxRetries, Interval: s.config.RetryInterval, Gate: &s.gate}
	waitErr := policy.Do(ctx, func(number int) (next retry.Next) {
		var token *oauth2.Token
		var seen *exchange
		if token, seen, err = s.request(ctx, number); err != nil {
			next, err = s.classify(err, seen)
			return next
		}
		accessToken, usable = token.AccessToken, usableFor(token)
		return retry.Stop
	})
	if waitErr != nil {
		return "", 0, waitErr
	}
	return accessToken, usable, err
}

func (s *tokenSource) request(ctx context.Context, number int) (*oauth2.Token, *exchange, error) {
	attemptCtx, cancel := context.WithTimeout(ctx, s.config.RequestTimeout)
	defer cancel()
	attemptCtx, seen := observe(attemptCtx)
	started := time.Now()
	token, err := s.credentials.Token(context.WithValue(attemptCtx, oauth2.HTTPClient, s.httpClient))
	s.config.Logger.Debug(ctx, "Scalekit token request", map[string]any{
		"attempt": number, "duration_ms": time.Since(started).Milliseconds(), "http_status": seen.status(),
	})
	return token, seen, err
}

// usableFor is how long a new token is used; zero is for ever. One that lives for two minutes or less is used for half of
// its life, and not fetched for every call.
func usableFor(token *oauth2.Token) time.Duration {
	if token.Expiry.IsZero() {
		return 0
	}
	left := time.Until(token.Expiry)
	return max(left-min(renewBefore, left/2), time.Nanosecond)
}

// classify turns a failed token request into one of the package's errors, and says whether asking again may help. It never
// repeats the reply's body, which may hold anything.
func (s *tokenSource) classify(err error, seen *exchange) (next retry.Next, failure error) {
	status, contentType := seen.status(), seen.contentType()
	isJSON := contentType == "application/json"
	switch {
	case status == 0:
		return retry.Again, &HostError{URL: s.config.EnvironmentURL, Err: withoutURL(err)}
	case status == http.StatusTooManyRequests:
		return retry.Limited(seen.retryAfter()),
			&TokenError{URL: s.config.EnvironmentURL, Detail: "it refuses token requests as too many (HTTP status 429)"}
	case status >= http.StatusInternalServerError:
		return retry.Again, &HostError{URL: s.config.EnvironmentURL, Err: fmt.Errorf("the token request got HTTP status %d", status)}
	case isJSON && (status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden):
		return retry.Stop, &CredentialsError{Detail: refusal(err, status)}
	case isJSON && status == http.StatusOK:
		// A reply that was cut short: the next one may be whole.
		return retry.Again, &TokenError{URL: s.config.EnvironmentURL, Detail: "the reply to the token request is not a JSON document with an access token"}
	default:
		return retry.Stop, &TokenError{
			URL:    s.config.EnvironmentURL,
			Detail: fmt.Sprintf("the token request got HTTP status %d with content of type %q", status, contentType),
		}
	}
}

// oauthErrors are the codes that OAuth gives to refused token requests (RFC 6749, 5.2).
var oauthErrors = []string{
	"invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type",
}

// refusal is what the token endpoint said of the credentials: its code, if that is one of OAuth's own. Nothing else is
// repeated, since a host may give back what it was sent, in any encoding.
func refusal(err error, status int) string {
	refused := new(oauth2.RetrieveError)
	if errors.As(err, &refused) && slices.Contains(oauthErrors, refused.ErrorCode) {
		return refused.ErrorCode
	}
	return fmt.Sprintf("HTTP status %d", status)
}

// withoutURL drops the method and URL that net/http puts before the cause of a failed request, and the URL of a proxy.
func withoutURL(err error) error {
	request := new(url.Error)
	if !errors.As(err, &request) {
		return err
	}
	if strings.HasPrefix(request.Err.Error(), "invalid proxy address") {
		return errors.New("the address of the proxy, from HTTPS_PROXY or HTTP_PROXY, is invalid") // its text may hold a password
	}
	return request.Err
}
