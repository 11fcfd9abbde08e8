// Package svixportal manages the webhook endpoints of a Scalekit environment: through Svix's API, with the session that
// the environment's portal link opens.
//
// Scalekit has no documented API for webhook endpoints. That its webhooks run on Svix is documented; that the link of
// GetPortalURL is one to a Svix application portal is inferred. The rules of the API are those of Svix's own server.
package svixportal

import (
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"net/http"
	"sync"
	"time"

	svix "github.com/svix/svix-webhooks/go"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// pageSize is how many objects a list reads at once, the most that the API allows.
const pageSize = 250

// Logger hears of every attempt at a call. Fields never hold a token or a secret.
type Logger interface {
	// Debug gets one line for each attempt.
	Debug(ctx context.Context, message string, fields map[string]any)
	// Trace gets the replies, with secrets masked. Their values format themselves only when printed.
	Trace(ctx context.Context, message string, fields map[string]any)
}

type silent struct{}

func (silent) Debug(context.Context, string, map[string]any) {}
func (silent) Trace(context.Context, string, map[string]any) {}

// Config says how the endpoints are reached.
type Config struct {
	// PortalURL gives a fresh portal link.
	PortalURL func(context.Context) (string, error)
	// Direct is used in place of a portal link, if it is not nil.
	Direct *Direct
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
	// Transport makes the connections; nil means one that honours proxies.
	Transport http.RoundTripper
}

// Direct names an application on a server, and a token for it.
type Direct struct {
	// ServerURL is the base URL of the API, as ParseServerURL accepts it.
	ServerURL     string
	ApplicationID string
	Token         string
}

// Client manages the endpoints of one environment.
type Client struct {
	config Config
	gate   retry.Gate
	// sessions holds the one session that all calls share.
	sessions retry.Shared[session]

	eventTypes struct {
		mu    sync.Mutex
		known []EventType
	}
}

// New returns a client. It makes no call before it is used.
func New(config Config) *Client {
	if config.Logger == nil {
		config.Logger = silent{}
	}
	if config.RetryInterval == 0 {
		config.RetryInterval = 250 * time.Millisecond
	}
	if config.Transport == nil {
		config.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	c := &Client{config: config}
	c.sessions.Fetch = func(ctx context.Context) (session, time.Duration, error) {
		opened, err := c.open(ctx)
		if err != nil {
			return session{}, 0, err
		}
		return *opened, 0, nil
	}
	return c
}

// Get returns an endpoint. A server says "not found" of the application too, which must not pass for a deleted
// endpoint, so that is made sure of.
func (c *Client) Get(ctx context.Context, id string) (Endpoint, error) {
	endpoint, err := c.get(ctx, id)
	if !IsNotFound(err) {
		return endpoint, err
	}
	_, listErr := c.page(ctx, "", 1)
	switch {
	case IsNotFound(listErr):
		// Without a code, so that nobody takes it for an endpoint that is gone.
		return Endpoint{}, &Error{Call: "GetEndpoint", Status: http.StatusNotFound, Detail: "The webhook server does not know the application"}
	case listErr != nil:
		return Endpoint{}, listErr
	default:
		return Endpoint{}, err
	}
}

// FindByUID returns the endpoint with an own id, and whether there is one.
func (c *Client) FindByUID(ctx context.Context, uid string) (Endpoint, bool, error) {
	endpoint, err := c.get(ctx, uid)
	if IsNotFound(err) {
		return Endpoint{}, false, nil
	}
	return endpoint, err == nil && endpoint.UID != nil && *endpoint.UID == uid, err
}

func (c *Client) get(ctx context.Context, id string) (Endpoint, error) {
	var endpoint Endpoint
	err := c.call(ctx, outcome{call: "GetEndpoint", kind: kindEndpoint}, func(ctx context.Context, s *session) error {
		got, err := s.api.Endpoint.Get(ctx, s.application, id)
		if err == nil {
			endpoint = fromWire(got)
		}
		return err
	})
	return endpoint, err
}

// List reads the application's endpoints, page by page as they are consumed.
func (c *Client) List(ctx context.Context) iter.Seq2[Endpoint, error] {
	return retry.Pages(func(endpoint Endpoint) string { return endpoint.ID }, func(iterator string) (retry.Page[Endpoint], error) {
		return c.page(ctx, iterator, pageSize)
	})
}

func (c *Client) page(ctx context.Context, iterator string, limit int32) (page retry.Page[Endpoint], err error) {
	err = c.call(ctx, outcome{call: "ListEndpoints", kind: kindEndpoint}, func(ctx context.Context, s *session) error {
		got, err := s.api.Endpoint.List(ctx, s.application, &svix.EndpointListOptions{Limit: &limit, Iterator: from(iterator)})
		if err != nil {
			return err
		}
		for i := range got.Data {
			page.Items = append(page.Items, fromWire(&got.Data[i]))
		}
		page.Next = next(got.Done, got.Iterator.Get())
		return nil
	})
	return page, err
}

// from and next are a page's token as Svix's client has it.
func from(iterator string) *string {
	if iterator == "" {
		return nil
	}
	return &iterator
}

func next(done bool, iterator *string) string {
	if done || iterator == nil {
		return ""
	}
	return *iterator
}

// Replace gives an endpoint new settings, all of them. Svix's server creates an endpoint of settings that are put to an
// id it does not have; such a one is deleted again and the error is that the endpoint was not found.
func (c *Client) Replace(ctx context.Context, id string, settings Settings) (Endpoint, error) {
	var endpoint Endpoint
	err := c.call(ctx, outcome{call: "ReplaceEndpoint", kind: kindEndpoint}, func(ctx context.Context, s *session) error {
		got, err := s.api.Endpoint.Update(ctx, s.application, id, settings.replacement())
		if err == nil {
			endpoint = fromWire(got)
		}
		return err
	})
	if err != nil || endpoint.ID == id {
		return endpoint, err
	}
	gone := &Error{Call: "ReplaceEndpoint", Status: http.StatusNotFound, Code: "not_found", Detail: "The endpoint was deleted meanwhile"}
	return Endpoint{}, errors.Join(gone, c.Delete(ctx, endpoint.ID))
}

// Delete deletes an endpoint. One that is gone already is no error.
func (c *Client) Delete(ctx context.Context, id string) error {
	err := c.call(ctx, outcome{call: "DeleteEndpoint"}, func(ctx context.Context, s *session) error {
		return s.api.Endpoint.Delete(ctx, s.application, id)
	})
	if IsNotFound(err) {
		return nil
	}
	return err
}

// Secret returns the secret that signs an endpoint's messages.
func (c *Client) Secret(ctx context.Context, id string) (string, error) {
	var secret string
	err := c.call(ctx, outcome{call: "GetEndpointSecret"}, func(ctx context.Context, s *session) error {
		got, err := s.api.Endpoint.GetSecret(ctx, s.application, id)
		if err == nil {
			secret = got.Key
		}
		return err
	})
	return secret, err
}

// RotateSecret makes a new secret; the present one keeps signing beside it for the grace period, in whole seconds.
// Servers that do not know the parameter keep it for 24 hours.
func (c *Client) RotateSecret(ctx context.Context, id string, grace time.Duration) error {
	key := rand.Text()
	return c.call(ctx, outcome{call: "RotateEndpointSecret"}, func(ctx context.Context, s *session) error {
		return s.post(ctx, "/api/v1/app/"+s.application+"/endpoint/"+id+"/secret/rotate", key,
			map[string]int64{"gracePeriodSeconds": int64(grace.Seconds())}, nil)
	})
}

// ReplaceHeaders sets the headers that the server sends along with an endpoint's messages; none removes them all.
func (c *Client) ReplaceHeaders(ctx context.Context, id string, headers map[string]string) error {
	expected := outcome{call: "ReplaceEndpointHeaders"}
	for _, value := range headers {
		expected.secrets = append(expected.secrets, value)
	}
	if headers == nil {
		headers = map[string]string{}
	}
	return c.call(ctx, expected, func(ctx context.Context, s *session) error {
		return s.api.Endpoint.UpdateHeaders(ctx, s.application, id, &svix.EndpointHeadersIn{Headers: headers})
	})
}

// SendExample sends an example of an event to one endpoint, whatever types it receives, and returns the message's id. Its
// retries carry one idempotency key. The server says "not found" of an endpoint and of an event type alike.
func (c *Client) SendExample(ctx context.Context, endpointID, eventType string) (string, error) {
	key := rand.Text()
	var message struct {
		ID string `json:"id"`
	}
	err := c.call(ctx, outcome{call: "SendExample"}, func(ctx context.Context, s *session) error {
		return s.post(ctx, "/api/v1/app/"+s.application+"/endpoint/"+endpointID+"/send-example", key,
			map[string]string{"eventType": eventType}, &message)
	})
	return message.ID, err
}

// EventType is a kind of event that endpoints may receive.
type EventType struct {
	Name        string
	Description string
	Archived    bool
	Deprecated  bool
}

// EventTypes reads the event types, archived ones included.
func (c *Client) EventTypes(ctx context.Context) iter.Seq2[EventType, error] {
	return retry.Pages(func(one EventType) string { return one.Name }, func(iterator string) (page retry.Page[EventType], err error) {
		err = c.call(ctx, outcome{call: "ListEventTypes", kind: kindEventType}, func(ctx context.Context, s *session) error {
			got, err := s.api.EventType.List(ctx, &svix.EventTypeListOptions{
				Limit: new(int32(pageSize)), Iterator: from(iterator), IncludeArchived: new(true),
			})
			if err != nil {
				return err
			}
			for i := range got.Data {
				one := &got.Data[i]
				page.Items = append(page.Items, EventType{one.Name, one.Description, one.GetArchived(), one.Deprecated})
			}
			page.Next = next(got.Done, got.Iterator.Get())
			return nil
		})
		return page, err
	})
}

// KnownEventTypes are the event types as the client first read them.
func (c *Client) KnownEventTypes(ctx context.Context) ([]EventType, error) {
	c.eventTypes.mu.Lock()
	defer c.eventTypes.mu.Unlock()
	if c.eventTypes.known != nil {
		return c.eventTypes.known, nil
	}
	known := []EventType{}
	for one, err := range c.EventTypes(ctx) {
		if err != nil {
			return nil, err
		}
		known = append(known, one)
	}
	c.eventTypes.known = known
	return known, nil
}
