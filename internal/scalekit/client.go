// Package scalekit calls Scalekit's API: the SDK's generated gRPC clients over an HTTP client that
// authenticates, retries what may safely be repeated, and reports every call to a logger.
package scalekit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections/connectionsconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains/domainsconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles/rolesconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users/usersconnect"
)

// apiVersion is the date that Scalekit's Go SDK v2.6.0 sends as x-api-version.
const apiVersion = "20260312"

// maxReplyBytes bounds one reply. The largest page that the API documents is far below it.
const maxReplyBytes = 64 << 20

// Config says which environment to call and how.
type Config struct {
	// EnvironmentURL is the environment's base URL, as ParseEnvironmentURL returns it.
	EnvironmentURL string
	// ClientID and ClientSecret are the environment's API credentials.
	ClientID     string
	ClientSecret string
	// MaxRetries is how many times a call is repeated after its first attempt.
	MaxRetries int
	// RequestTimeout bounds one attempt.
	RequestTimeout time.Duration
	// UserAgent is sent with every call.
	UserAgent string
	// Logger hears of every attempt; nil means silence.
	Logger Logger
	// RetryInterval is the mean of the first wait before a retry; zero means 250 ms. Waits double from there.
	RetryInterval time.Duration
}

// Client is the API of one environment. The generated interfaces are the API; an interceptor does the rest.
type Client struct {
	Organizations organizationsconnect.OrganizationServiceClient
	Domains       domainsconnect.DomainServiceClient
	Directories   directoriesconnect.DirectoryServiceClient
	Roles         rolesconnect.RolesServiceClient
	Users         usersconnect.UserServiceClient
	Connections   connectionsconnect.ConnectionServiceClient

	tokens *tokenSource
	config Config
	caller *caller
	http   *http.Client
	clock  *clock
}

// New returns a client of the environment. It makes no call: see Authenticate.
func New(config Config) *Client {
	return newClient(config, newTransport(config.EnvironmentURL))
}

func newClient(config Config, transport *http.Transport) *Client {
	if config.Logger == nil {
		config.Logger = silent{}
	}
	if config.RetryInterval == 0 {
		config.RetryInterval = 250 * time.Millisecond
	}
	clock := new(clock)
	tokens := newTokenSource(config, transport, clock)
	httpClient := &http.Client{
		Transport: observer{transport, clock},
		// A redirected call is not a Scalekit API, and following it would send the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	caller := &caller{config: config, tokens: tokens}
	options := []connect.ClientOption{
		connect.WithGRPC(),
		connect.WithReadMaxBytes(maxReplyBytes),
		connect.WithInterceptors(caller),
	}
	base := config.EnvironmentURL
	return &Client{
		Organizations: organizationsconnect.NewOrganizationServiceClient(httpClient, base, options...),
		Domains:       domainsconnect.NewDomainServiceClient(httpClient, base, options...),
		Directories:   directoriesconnect.NewDirectoryServiceClient(httpClient, base, options...),
		Roles:         rolesconnect.NewRolesServiceClient(httpClient, base, options...),
		Users:         usersconnect.NewUserServiceClient(httpClient, base, options...),
		Connections:   connectionsconnect.NewConnectionServiceClient(httpClient, base, options...),
		tokens:        tokens,
		config:        config,
		caller:        caller,
		http:          httpClient,
		clock:         clock,
	}
}

// Authenticate fetches the access token that every call will share, so that wrong credentials or a wrong host are
// one early error instead of one for each call. The error is a *CredentialsError, a *HostError or a *TokenError.
func (c *Client) Authenticate(ctx context.Context) error {
	_, err := c.tokens.Get(ctx)
	return err
}

// ParseEnvironmentURL checks an environment URL and returns it without a trailing slash. It accepts https://host
// with an optional port, and http://host for a loopback host, since credentials travel with every call.
func ParseEnvironmentURL(raw string) (string, error) {
	if strings.TrimSpace(raw) != raw {
		return "", errors.New("has white space around it: remove it")
	}
	parsed, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("is not a URL: expected the form https://example.scalekit.com")
	}
	switch {
	case parsed.Scheme == "" || parsed.Hostname() == "":
		return "", errors.New("is not a URL with a scheme and a host: expected the form https://example.scalekit.com")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return "", fmt.Errorf("has the scheme %q: expected https", parsed.Scheme)
	case parsed.User != nil:
		return "", errors.New("holds credentials: give them as client_id and client_secret instead")
	case strings.Contains(parsed.Host, "%"):
		return "", errors.New("names a network zone in its host: expected the host alone, as in https://example.scalekit.com")
	case strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.Fragment != "":
		return "", errors.New("has a path, a query or a fragment: expected the host alone, as in https://example.scalekit.com")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return "", fmt.Errorf("is plain http to %q, which would send the client secret unencrypted: use https (http is for loopback hosts only)", parsed.Hostname())
	}
	return parsed.Scheme + "://" + parsed.Host, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// newTransport speaks HTTP/2 by ALPN over TLS, and HTTP/2 with prior knowledge to a loopback http server.
func newTransport(environmentURL string) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	protocols := new(http.Protocols)
	if strings.HasPrefix(environmentURL, "http://") {
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(true)
	}
	transport.Protocols = protocols
	// Without pings a connection that died silently would cost every call on it a full timeout.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second}
	return transport
}
