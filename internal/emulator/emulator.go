// Package emulator is an in-memory Scalekit environment for tests, demos and continuous integration.
//
// It is written from what is known of the platform (its descriptors, documentation and SDKs), not from any client,
// and imports nothing but the wire types: a client that works against it has met a second reading of those facts.
// Comments mark a fact that is not documented: [I] inferred, [U] unknown. Where it is unknown, the emulator behaves in
// the way that asks most of a client; where the platform may do either of two things that matter, [Quirks] has both.
//
// It speaks gRPC over HTTP/2 without TLS and over HTTP/1.1 with trailers, as Scalekit's SDKs do on http addresses, and
// serves the same methods as REST JSON under /api/, beside the endpoints from which a client gets a token. Behind the
// webhook portal's link, under /_svix, is the webhook server, from which the environment's events are delivered to
// endpoints at loopback addresses. Everything under /_emulator/ controls the emulator itself.
package emulator

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/webhook"
)

// The credentials an emulator accepts when [Options] names none.
const (
	DefaultClientID     = "skc_emulator"
	DefaultClientSecret = "emulator-secret"
)

// DefaultTokenLifetime is how long an access token lives unless [Options] says otherwise: the platform's documented
// expires_in of 86399 seconds.
const DefaultTokenLifetime = 86399 * time.Second

// Options configures an [Emulator]. The zero value is an empty environment, kept in memory, with the default
// credentials.
type Options struct {
	// ClientID and ClientSecret are the only credentials that get a token. Empty means [DefaultClientID] and
	// [DefaultClientSecret].
	ClientID, ClientSecret string

	// StateFile is a JSON file that holds all objects: read at start where it exists, rewritten before the reply of
	// every call that changes something. Empty keeps everything in memory only.
	StateFile string

	// Notice is told, in one sentence each time, what whoever runs the emulator should know: that the state file cannot
	// be written, and that it can again. It must not call the emulator. nil means that nobody listens.
	Notice func(text string)

	// Seed is created in a new environment: one without a StateFile, or whose StateFile does not exist yet.
	Seed *Seed

	// Latency is added to every RPC and token request before it takes effect.
	Latency time.Duration

	// RateLimit is how many RPCs a second the environment answers; a call beyond it is refused with RESOURCE_EXHAUSTED,
	// error code RATE_LIMITED and a retry-after of whole seconds. A burst of one second's worth is let through.
	// Token requests do not count [U]. 0 means no limit.
	RateLimit int

	// Faults are in place from the start, as if given to [Emulator.SetFaults].
	Faults []Fault

	// TokenLifetime is how long an access token lives, to whole seconds. 0 means [DefaultTokenLifetime].
	TokenLifetime time.Duration

	// PortalTokenLifetime is how long a session on the webhook server lives. 0 means [DefaultPortalTokenLifetime].
	PortalTokenLifetime time.Duration

	// WebhookRetry is how long to wait before each attempt to deliver an event, the first one too; its length is how many
	// attempts there are. nil means [DefaultWebhookRetry]. These times are real: Now does not count.
	WebhookRetry []time.Duration

	// Now is the environment's clock: timestamps, token expiry and the rate limit follow it. nil means [time.Now].
	Now func() time.Time

	// Quirks chooses among the ways in which the platform may behave.
	Quirks platform.Quirks

	// AllowNonLoopback lets [Emulator.Listen] serve addresses that other machines can reach. The emulator has no TLS and
	// its control paths need no credentials.
	AllowNonLoopback bool
}

// Emulator is one Scalekit environment. It is safe for concurrent use.
type Emulator struct {
	options  Options
	now      func() time.Time
	store    *store.Store
	auth     *authority
	faults   *faultSet
	limiter  *tokenBucket
	log      *requestLog
	services []web.Service
	gateway  http.Handler
	requests *store.IDSource
	errors   *connect.ErrorWriter
	platform *platform.Platform
	webhooks *webhook.Server

	patience time.Duration // see defaultPatience

	closing chan struct{}
	running atomic.Int64 // requests that are being served

	mu       sync.Mutex // guards the fields below
	listener net.Listener
	server   *http.Server
	url      string
	closed   bool
}

// New makes an environment. It fails when an option makes no sense, when the state file cannot be read or written, and
// when the seed breaks one of the platform's rules.
func New(options Options) (*Emulator, error) {
	e, err := assemble(options)
	if err != nil {
		return nil, err
	}
	if err := e.start(); err != nil {
		return nil, err
	}
	return e, nil
}

// assemble makes an environment in which there is nothing yet.
func assemble(options Options) (*Emulator, error) {
	switch {
	case options.RateLimit < 0:
		return nil, fmt.Errorf("rate limit %d: it counts calls per second and cannot be negative", options.RateLimit)
	case options.Latency < 0:
		return nil, fmt.Errorf("latency %s: it cannot be negative", options.Latency)
	case options.PortalTokenLifetime < 0:
		return nil, fmt.Errorf("portal token lifetime %s: it cannot be negative", options.PortalTokenLifetime)
	case options.TokenLifetime < 0 || options.TokenLifetime%time.Second != 0:
		return nil, fmt.Errorf("token lifetime %s: it must be a positive number of whole seconds", options.TokenLifetime)
	}
	if options.ClientID == "" {
		options.ClientID = DefaultClientID
	}
	if options.ClientSecret == "" {
		options.ClientSecret = DefaultClientSecret
	}
	if options.TokenLifetime == 0 {
		options.TokenLifetime = DefaultTokenLifetime
	}
	if options.PortalTokenLifetime == 0 {
		options.PortalTokenLifetime = webhook.DefaultPortalTokenLifetime
	}
	if options.WebhookRetry == nil {
		options.WebhookRetry = webhook.DefaultRetry
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Notice == nil {
		options.Notice = func(string) {}
	}

	auth, err := newAuthority(options)
	if err != nil {
		return nil, err
	}
	e := &Emulator{
		options:  options,
		now:      options.Now,
		store:    store.New(options.Now, options.StateFile, options.Notice),
		auth:     auth,
		faults:   newFaultSet(),
		limiter:  newTokenBucket(options.RateLimit, options.Now),
		log:      &requestLog{},
		requests: store.NewIDSource(options.Now),
		errors:   connect.NewErrorWriter(),
		patience: defaultPatience,
		closing:  make(chan struct{}),
	}
	e.platform = platform.New(platform.Options{
		Store: e.store, Quirks: options.Quirks, Now: options.Now, Handler: handlerOptions(),
	})
	e.webhooks = webhook.New(webhook.Options{
		Store: e.store, Platform: e.platform, Quirks: options.Quirks, Now: options.Now, URL: e.URL,
		Handler: handlerOptions(), TokenLifetime: options.PortalTokenLifetime, Retry: options.WebhookRetry,
	})
	e.services = append(e.platform.Services(), e.webhooks.Service())
	if e.gateway, err = e.newGateway(); err != nil {
		return nil, err
	}
	if err := e.SetFaults(options.Faults); err != nil {
		return nil, err
	}
	return e, nil
}

// start fills the environment from the state file, or, in a new one, with what every environment has and the seed.
func (e *Emulator) start() error {
	found, err := e.store.Load()
	if err != nil || found {
		return err
	}
	return e.store.Write(func() error {
		e.store.Quietly()
		e.store.MustSave() // A new state file is written even where the environment is empty.
		if err := e.platform.Bootstrap(); err != nil {
			return err
		}
		return e.seed(e.options.Seed)
	})
}

// URL returns the environment URL that clients use, for example http://127.0.0.1:8787, or "" before
// [Emulator.Listen].
func (e *Emulator) URL() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.url
}

// SetFaults replaces the faults that wait to be injected. It refuses faults that could never happen, such as one on an
// RPC that does not exist.
func (e *Emulator) SetFaults(faults []Fault) error { return e.faults.set(faults) }

// InjectedFaults returns how many calls a fault has changed since the emulator was made or reset.
func (e *Emulator) InjectedFaults() int { return e.faults.injectedCount() }

// Requests returns the calls answered so far, oldest first; the newest 10,000 are kept. Control requests are left out.
func (e *Emulator) Requests() []Request { return e.log.all() }

// RequestCounts returns how many calls have been answered so far, by [Request.RPC] and [Request.Code].
func (e *Emulator) RequestCounts() map[string]map[string]int { return e.log.counted() }

// ResetRequests empties the request log.
func (e *Emulator) ResetRequests() { e.log.clear() }

// Counts returns how many objects there are of each kind, for example "organizations".
func (e *Emulator) Counts() map[string]int { return e.store.Counts() }

// Reset makes the environment new: all objects, faults, logged requests and deliveries are gone. Tokens stay valid, and no seed is
// applied.
func (e *Emulator) Reset() error {
	err := e.store.Write(func() error {
		e.store.Quietly()
		e.store.Clear()
		return e.platform.Bootstrap()
	})
	if err != nil {
		return err
	}
	e.webhooks.Reset()
	e.faults.reset()
	e.log.clear()
	return nil
}

// ApplySeed adds a seed's objects to the environment: all of them, or, when one is refused, none. They cause no events.
func (e *Emulator) ApplySeed(seed *Seed) error {
	if seed == nil {
		return errors.New("no seed given")
	}
	return e.store.Write(func() error {
		e.store.Quietly()
		return e.seed(seed)
	})
}

// Deliveries returns the attempts to deliver events so far, oldest first; the newest 1,000 are kept.
func (e *Emulator) Deliveries() []webhook.Delivery { return e.webhooks.Attempts() }

// RevokeTokens makes every access token issued so far invalid: calls with one get UNAUTHENTICATED. Sessions on the
// webhook server and portal links that nobody has followed end as well.
func (e *Emulator) RevokeTokens() {
	e.auth.revokeAll()
	e.webhooks.RevokeTokens()
}

// PortalSession opens a session on the webhook server. Its token expires like any other.
func (e *Emulator) PortalSession() webhook.PortalSession { return e.webhooks.Session() }
