package scalekit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
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
	config      Config
	credentials clientcredentials.Config
	httpClient  *http.Client

	// fetching is held by the call that fetches a token. It is a channel so that others can give up waiting for it.
	fetching chan struct{}
	mu       sync.Mutex // guards current
	current  *oauth2.Token
}

func newTokenSource(config Config, transport *http.Transport) *tokenSource {
	return &tokenSource{
		config: config,
		credentials: clientcredentials.Config{
			ClientID:     config.ClientID,
			ClientSecret: config.ClientSecret,
			TokenURL:     config.EnvironmentURL + "/oauth/token",
			AuthStyle:    oauth2.AuthStyleInParams,
		},
		httpClient: &http.Client{
			Transport:     observer{transport},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		fetching: make(chan struct{}, 1),
	}
}

// token returns an access token that is valid for at least a minute, fetching one if need be. Calls that need a new
// token at the same time wait for one fetch.
func (s *tokenSource) token(ctx context.Context) (string, error) {
	if token := s.valid(); token != nil {
		return token.AccessToken, nil
	}
	select {
	case s.fetching <- struct{}{}:
		defer func() { <-s.fetching }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if token := s.valid(); token != nil {
		return token.AccessToken, nil
	}
	token, err := s.fetch(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = token
	return token.AccessToken, nil
}

// valid returns the current token, nil if it must be replaced.
func (s *tokenSource) valid() *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && (s.current.Expiry.IsZero() || time.Until(s.current.Expiry) > renewBefore) {
		return s.current
	}
	return nil
}

// reject forgets a token that the API refused, unless another call has replaced it already.
func (s *tokenSource) reject(accessToken string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.AccessToken == accessToken {
		s.current = nil
	}
}

// fetch asks for a token until it gets one or a definite refusal: asking twice does no harm.
func (s *tokenSource) fetch(ctx context.Context) (*oauth2.Token, error) {
	attempts := 0
	token, err := backoff.Retry(ctx, func() (*oauth2.Token, error) {
		attempts++
		attemptCtx, cancel := context.WithTimeout(ctx, s.config.RequestTimeout)
		defer cancel()
		attemptCtx, seen := observe(attemptCtx)
		started := time.Now()
		token, err := s.credentials.Token(context.WithValue(attemptCtx, oauth2.HTTPClient, s.httpClient))
		s.config.Logger.Debug(ctx, "Scalekit token request", map[string]any{
			"attempt": attempts, "duration_ms": time.Since(started).Milliseconds(), "http_status": seen.status(),
		})
		if err != nil {
			return nil, s.classify(err, seen)
		}
		return token, nil
	}, backoff.WithBackOff(newBackOff(s.config.RetryInterval)), backoff.WithMaxTries(uint(s.config.MaxRetries)+1),
		backoff.WithMaxElapsedTime(0))
	return token, cause(err)
}

// classify turns a failed token request into one of the package's errors, permanent unless asking again may help.
// It never repeats the reply's body, which may hold anything.
func (s *tokenSource) classify(err error, seen *exchange) error {
	status, contentType := seen.status(), seen.contentType()
	isJSON := contentType == "application/json"
	switch {
	case status == 0:
		return &HostError{URL: s.config.EnvironmentURL, Err: withoutURL(err)}
	case status == http.StatusTooManyRequests:
		limited := &TokenError{URL: s.config.EnvironmentURL, Detail: "it refuses token requests as too many (HTTP status 429)"}
		return &waitError{err: limited, wait: seen.retryAfter()}
	case status >= http.StatusInternalServerError:
		return &HostError{URL: s.config.EnvironmentURL, Err: fmt.Errorf("the token request got HTTP status %d", status)}
	case isJSON && (status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden):
		detail := refusal(err, status)
		if s.config.ClientSecret != "" {
			detail = strings.ReplaceAll(detail, s.config.ClientSecret, mask) // a host may repeat what it was sent
		}
		return backoff.Permanent(&CredentialsError{Detail: detail})
	case isJSON && status == http.StatusOK:
		// A reply that was cut short: the next one may be whole.
		return &TokenError{URL: s.config.EnvironmentURL, Detail: "the reply to the token request is not a JSON document with an access token"}
	default:
		return backoff.Permanent(&TokenError{
			URL:    s.config.EnvironmentURL,
			Detail: fmt.Sprintf("the token request got HTTP status %d with content of type %q", status, contentType),
		})
	}
}

// refusal is what the token endpoint said of the credentials. The form of its errors is not documented; the OAuth
// form is read where it is met.
func refusal(err error, status int) string {
	refused := new(oauth2.RetrieveError)
	switch {
	case !errors.As(err, &refused) || refused.ErrorCode == "":
		return fmt.Sprintf("HTTP status %d", status)
	case refused.ErrorDescription == "":
		return refused.ErrorCode
	default:
		return refused.ErrorCode + ": " + refused.ErrorDescription
	}
}

// withoutURL drops the method and URL that net/http puts before the cause of a failed request.
func withoutURL(err error) error {
	if request := new(url.Error); errors.As(err, &request) {
		return request.Err
	}
	return err
}
