package svixportal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	svix "github.com/svix/svix-webhooks/go"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// session is access to one application's endpoints.
type session struct {
	api         *svix.Svix
	http        *http.Client
	base        *url.URL
	application string
	// given says that the session was given and not opened, so there is no other to be had.
	given bool
}

func (c *Client) newSession(server, application, token string) (*session, error) {
	base, err := url.Parse(server)
	if err != nil {
		return nil, &LinkError{Found: "a server whose URL cannot be read"}
	}
	if base.Path == "" {
		base.Path = "/" // otherwise what is joined to it becomes a relative path, which no server accepts
	}
	httpClient := &http.Client{
		Transport: &transport{client: c, base: base, token: token},
		// A redirected call is not this API, and following it would send the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &session{
		api:  svix.New(token, &svix.SvixOptions{ServerUrl: base, HTTPClient: httpClient}),
		http: httpClient, base: base, application: application,
	}, nil
}

// open turns a portal link into a session. A one-time token works once, so after an exchange whose reply was lost it
// takes a fresh link.
func (c *Client) open(ctx context.Context) (*session, error) {
	if direct := c.config.Direct; direct != nil {
		server, err := ParseServerURL(direct.ServerURL)
		if err != nil {
			return nil, &SessionError{Server: "the server of the provider's webhooks block", Err: fmt.Errorf("its URL %w", err)}
		}
		opened, err := c.newSession(server, direct.ApplicationID, direct.Token)
		if err == nil {
			opened.given = true
		}
		return opened, err
	}
	waits := retry.NewWaits(c.config.RetryInterval)
	for try := 0; ; try++ {
		raw, err := c.config.PortalURL(ctx)
		if err != nil {
			return nil, err
		}
		link, err := parseLink(raw)
		if err != nil {
			return nil, err
		}
		token := link.token
		if token == "" {
			token, err = c.exchange(ctx, link)
		}
		if err == nil {
			return c.newSession(link.server, link.application, token)
		}
		failure := new(Error)
		if try >= c.config.MaxRetries || ctx.Err() != nil || !errors.As(err, &failure) || !failure.Uncertain {
			return nil, &SessionError{Server: link.server, Err: err}
		}
		retry.Sleep(ctx, waits.Next())
	}
}

// exchange gives a one-time token in for one that lasts. It is not part of Svix's client.
func (c *Client) exchange(ctx context.Context, from link) (string, error) {
	request, err := json.Marshal(map[string]string{"oneTimeToken": from.oneTimeToken})
	if err != nil {
		return "", err
	}
	seen := &outcome{call: "ExchangeOneTimeToken", secrets: []string{from.oneTimeToken}}
	c.repeat(ctx, seen, false, func(ctx context.Context) (*http.Request, error) {
		post, err := http.NewRequestWithContext(ctx, http.MethodPost, from.server+"/api/v1/auth/one-time-token", bytes.NewReader(request))
		if err != nil {
			return nil, errors.New("the server's URL cannot be used")
		}
		post.Header.Set("Content-Type", "application/json")
		post.Header.Set("Accept", "application/json")
		post.Header.Set("User-Agent", c.config.UserAgent)
		return post, nil
	})
	if failure := seen.failure(nil); failure != nil {
		return "", failure
	}
	var reply struct {
		Token string `json:"token"`
	}
	if json.Unmarshal(seen.body, &reply) != nil || reply.Token == "" {
		return "", &Error{Call: seen.call, Status: seen.status, Err: errors.New("the reply is not a JSON object with a token")}
	}
	return reply.Token, nil
}

// call does something in the session, and does it once more in a new one if the server refuses the session.
func (c *Client) call(ctx context.Context, expected outcome, do func(context.Context, *session) error) error {
	var failure *Error
	err := c.sessions.With(ctx, func(open *session) (refused bool) {
		seen := expected
		failure = seen.failure(do(withOutcome(ctx, &seen), open))
		// Idempotency keys count within a session, so one that may have been used is of no use in another.
		lost := seen.posted && seen.uncertain
		return failure != nil && failure.Status == http.StatusUnauthorized && !open.given && !lost
	})
	if err != nil || failure == nil {
		return err
	}
	return failure
}

// post sends a request that Svix's client cannot express, or loses the body of. The reply of a success is decoded, unless
// into is nil.
func (s *session) post(ctx context.Context, path, idempotencyKey string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	// The transport puts the server's base path before this.
	target := &url.URL{Scheme: s.base.Scheme, Host: s.base.Host, Path: path}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Idempotency-Key", idempotencyKey)
	response, err := s.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read the reply: %w", err)
	}
	if into == nil || response.StatusCode >= http.StatusMultipleChoices {
		return nil
	}
	return json.Unmarshal(content, into)
}
