// Package webhook has the webhook service, whose only use for a client token is to open the webhook portal, and the webhook
// server behind that portal, from which the events of the platform are delivered to endpoints.
package webhook

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// Options is what the webhook service and server are made with.
type Options struct {
	Store    *store.Store
	Platform *platform.Platform // whose events are delivered
	Quirks   platform.Quirks

	// Now is the environment's clock.
	Now func() time.Time
	// URL returns the environment URL.
	URL func() string

	// Handler is for the handlers of the RPCs.
	Handler []connect.HandlerOption

	// TokenLifetime is how long a session on the webhook server lives.
	TokenLifetime time.Duration
	// Retry is how long to wait before each attempt to deliver an event.
	Retry []time.Duration
}

// Server is scalekit.v1.webhooks.WebhookService, whose only use for a client token is to open the webhook portal, and
// the webhook server behind that portal.
type Server struct {
	options  Options
	store    *store.Store
	quirks   platform.Quirks
	platform *platform.Platform

	messageIDs *store.IDSource // which are not in the state file

	portal     *portal
	deliveries *dispatcher

	rows *store.Table[*webhookEndpoint]
	uids *store.Index[*webhookEndpoint]

	done map[string]idempotent // under the store's lock
}

// New makes the service and the server, which listens to the platform's events.
func New(options Options) *Server {
	s := &Server{
		options:    options,
		store:      options.Store,
		quirks:     options.Quirks,
		platform:   options.Platform,
		messageIDs: store.NewIDSource(options.Now),
		portal:     newPortal(options),
		deliveries: newDispatcher(options),
		// An endpoint is nothing of the platform's, which has no events for it.
		rows: store.NewObjectTable(options.Store, "webhook_endpoints", "webhook endpoint", store.Unwatched[*webhookEndpoint]),
		done: map[string]idempotent{},
	}
	s.uids = s.rows.IndexBy(func(row *store.Row[*webhookEndpoint]) string {
		if row.Value.UID == nil {
			return ""
		}
		return *row.Value.UID
	})
	s.platform.Listen(s)
	return s
}

// Service is the RPC service as it is called.
func (s *Server) Service() web.Service {
	return web.Service{Path: "/" + ServiceName + "/", Handler: s.handler()}
}

// Listening says whether there is an endpoint.
func (s *Server) Listening() bool { return s.rows.Count() > 0 }

// Reset forgets what has been, and gives up what waits to be delivered.
func (s *Server) Reset() {
	_ = s.store.Read(func() error { clear(s.done); return nil })
	s.deliveries.reset()
}

// Attempts returns the attempts to deliver events so far, oldest first; the newest 1,000 are kept.
func (s *Server) Attempts() []Delivery { return s.deliveries.all() }

// Close gives up what waits to be delivered, and returns when nothing is running any more.
func (s *Server) Close() { s.deliveries.close() }

// RevokeTokens ends all sessions, and the links that nobody has followed.
func (s *Server) RevokeTokens() { s.portal.revokeAll() }

// remember keeps the outcome of a POST that has an idempotency key, and forgets those that are too old.
func (s *Server) remember(key string, outcome idempotent) {
	_ = s.store.Read(func() error {
		now := s.store.Now()
		for key, done := range s.done {
			if !now.Before(done.until) {
				delete(s.done, key)
			}
		}
		s.done[key] = outcome
		return nil
	})
}

const (
	base62       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	svixIDLength = 27
)

// newSvixID makes an id in the form of Svix's: letters and digits that rise with time.
func newSvixID(source *store.IDSource, prefix string) (string, time.Time) {
	decimal, created := source.Next("")
	number, _ := strconv.ParseInt(decimal, 10, 64) // It is one.
	var digits [11]byte                            // As many as a 64-bit number has to base 62.
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[number%int64(len(base62))]
		number /= int64(len(base62))
	}
	return prefix + "2" + string(digits[:]) + rand.Text()[:svixIDLength-len(digits)-1], created
}

// handler serves the methods over gRPC.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for name, run := range s.methods() {
		procedure := "/" + ServiceName + "/" + name
		described := webhookMethod(name)
		options := append(slices.Clone(s.options.Handler),
			connect.WithSchema(described), connect.WithRequestInitializer(web.Initializer(described.Input())))
		mux.Handle(procedure, connect.NewUnaryHandler(procedure,
			func(ctx context.Context, req *connect.Request[dynamicpb.Message]) (*connect.Response[dynamicpb.Message], error) {
				reply, err := run(ctx, req.Msg)
				if err != nil {
					return nil, err
				}
				return connect.NewResponse(reply), nil
			}, options...))
	}
	return mux
}

// webhookRun is one method of WebhookService.
type webhookRun func(context.Context, *dynamicpb.Message) (*dynamicpb.Message, error)

func (s *Server) methods() map[string]webhookRun {
	return map[string]webhookRun{
		methodGetPortalURL:  s.getPortalURL,
		methodSendTestEvent: s.sendTestEvent,
	}
}

// getPortalURL implements GetPortalURL. Every link is a new one.
func (s *Server) getPortalURL(ctx context.Context, _ *dynamicpb.Message) (*dynamicpb.Message, error) {
	reply, fields := replyOf(methodGetPortalURL)
	reply.Set(fields.ByName("url"), protoreflect.ValueOfString(s.link(web.CallFrom(ctx).Base)))
	return reply, nil
}

const maxEventType = 255 // by the descriptor's rule

// sendTestEvent implements SendTestEvent: the event goes to the endpoints that ask for its type. What the platform puts
// into it and how it refuses a type that does not exist is unknown [U].
func (s *Server) sendTestEvent(_ context.Context, req *dynamicpb.Message) (*dynamicpb.Message, error) {
	name := req.Get(req.Descriptor().Fields().ByName("event_type")).String()
	if name == "" || len([]rune(name)) > maxEventType {
		return nil, apierr.InvalidField("event_type", "string.len", "must have 1 to %d characters", maxEventType)
	}
	known, ok := platform.EventTypeNamed(name)
	if !ok {
		return nil, apierr.InvalidField("event_type", "string.in", "there is no event type %q", name)
	}
	payload, err := s.sendTest(known)
	if err != nil {
		return nil, err
	}
	reply, fields := replyOf(methodSendTestEvent)
	reply.Set(fields.ByName("event_type"), protoreflect.ValueOfString(name))
	reply.Set(fields.ByName("event_payload"), protoreflect.ValueOfMessage(payload.ProtoReflect()))
	return reply, nil
}

func replyOf(method string) (*dynamicpb.Message, protoreflect.FieldDescriptors) {
	output := webhookMethod(method).Output()
	return dynamicpb.NewMessage(output), output.Fields()
}
