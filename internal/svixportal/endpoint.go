package svixportal

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"time"

	svix "github.com/svix/svix-webhooks/go"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// Settings are what can be said of an endpoint.
type Settings struct {
	URL         string
	Description string
	Disabled    bool
	// FilterTypes are the names of the event types that the endpoint receives; nil means every one.
	FilterTypes []string
	// Channels are those that the endpoint listens to; nil means all.
	Channels []string
	// RateLimit is in messages a second; nil means no limit.
	RateLimit *int32
	Metadata  map[string]string
	// UID is the user's own id of the endpoint, nil if it has none.
	UID *string
}

// Endpoint is an endpoint as the server has it.
type Endpoint struct {
	Settings

	ID         string
	CreateTime time.Time
}

func fromWire(wire *svix.EndpointOut) Endpoint {
	return Endpoint{
		ID: wire.Id, CreateTime: wire.CreatedAt,
		Settings: Settings{
			URL: wire.Url, Description: wire.Description, Disabled: wire.GetDisabled(), FilterTypes: wire.FilterTypes,
			Channels: wire.Channels, RateLimit: wire.RateLimit, Metadata: wire.Metadata, UID: wire.Uid,
		},
	}
}

func (s Settings) creation() *svix.EndpointIn {
	return &svix.EndpointIn{
		Url: s.URL, Description: &s.Description, Disabled: &s.Disabled, FilterTypes: s.FilterTypes, Channels: s.Channels,
		RateLimit: s.RateLimit, Metadata: new(s.metadata()), Uid: s.UID,
	}
}

// replacement leaves out what the endpoint shall not have.
func (s Settings) replacement() *svix.EndpointUpdate {
	return &svix.EndpointUpdate{
		Url: s.URL, Description: &s.Description, Disabled: &s.Disabled, FilterTypes: s.FilterTypes, Channels: s.Channels,
		RateLimit: s.RateLimit, Metadata: new(s.metadata()), Uid: s.UID,
	}
}

// metadata is never nil, which would be left out of the request.
func (s Settings) metadata() map[string]string {
	if s.Metadata == nil {
		return map[string]string{}
	}
	return s.Metadata
}

// Equal reports whether two settings mean the same.
func (s Settings) Equal(other Settings) bool {
	return SameURL(s.URL, other.URL) && s.Description == other.Description && s.Disabled == other.Disabled &&
		sameElements(s.FilterTypes, other.FilterTypes) && sameElements(s.Channels, other.Channels) &&
		equalOrNil(s.RateLimit, other.RateLimit) && maps.Equal(s.Metadata, other.Metadata) && equalOrNil(s.UID, other.UID)
}

func sameElements(first, second []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(first)), slices.Sorted(slices.Values(second)))
}

func equalOrNil[T comparable](first, second *T) bool {
	if first == nil || second == nil {
		return first == second
	}
	return *first == *second
}

// clockSkew is how far the server's clock may run behind this machine's.
const clockSkew = 5 * time.Minute

// lookTimeout bounds the search for an endpoint after its create was cut short by the user's own cancellation.
const lookTimeout = 20 * time.Second

// Create makes an endpoint exactly once. Its retries carry one idempotency key; where the outcome stays unknown all the
// same, the endpoint is looked for and adopted if it is there: equal in all that was sent, no older than the create, and
// not one of those that the caller has already. A *UnknownOutcomeError says that it stays undecided.
func (c *Client) Create(ctx context.Context, settings Settings, isTaken func(id string) bool) (Endpoint, error) {
	started, key := time.Now(), rand.Text()
	var endpoint Endpoint
	err := c.call(ctx, outcome{call: "CreateEndpoint", kind: kindEndpoint}, func(ctx context.Context, s *session) error {
		got, err := s.api.Endpoint.CreateWithOptions(ctx, s.application, settings.creation(), &svix.PostOptions{IdempotencyKey: &key})
		if err == nil {
			endpoint = fromWire(got)
		}
		return err
	})
	if err == nil || !IsUncertain(err) {
		return endpoint, err
	}
	// The server may still be at work on an attempt whose reply was not waited for.
	waits := retry.NewWaits(c.config.RetryInterval)
	for deadline := time.Now().Add(c.config.RequestTimeout); ; {
		late := time.Now().After(deadline)
		found, ok, lookErr := c.look(ctx, settings, started, isTaken)
		refused := new(Error)
		switch {
		case ok:
			return found, nil
		case IsConflict(err) && errors.As(err, &refused) && lookErr == nil:
			return endpoint, err // somebody else's stands in the way
		case lookErr != nil || late || ctx.Err() != nil:
			return endpoint, &UnknownOutcomeError{Err: err, Look: lookErr}
		}
		retry.Sleep(ctx, waits.Next())
	}
}

// look searches for the endpoint even when the user cancels the run: one that exists must reach the state.
func (c *Client) look(ctx context.Context, settings Settings, started time.Time, isTaken func(string) bool) (Endpoint, bool, error) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
		defer cancel()
	}
	for endpoint, err := range c.List(ctx) {
		if err != nil {
			return Endpoint{}, false, err
		}
		if endpoint.Equal(settings) && !endpoint.CreateTime.Before(started.Add(-clockSkew)) && !isTaken(endpoint.ID) {
			return endpoint, true, nil
		}
	}
	return Endpoint{}, false, nil
}
