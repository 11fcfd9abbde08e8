package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// webhooks is scalekit.v1.webhooks.WebhookService, whose only use for a client token is to open the webhook portal, and
// the webhook server behind that portal.
type webhooks struct {
	store  *store.Store
	quirks Quirks

	directories *directories
	users       *users

	eventIDs *store.IDSource // of events and messages, which are not in the state file
	url      func() string   // the environment URL

	portal     *portal
	deliveries *dispatcher

	rows *store.Table[*structpb.Struct] // webhookEndpoint
	uids *store.Index[*structpb.Struct]

	done map[string]idempotent // under the store's lock
}

func newWebhooks(e *Emulator, users *users, directories *directories) *webhooks {
	s := &webhooks{
		store:       e.store,
		quirks:      e.options.Quirks,
		directories: directories,
		users:       users,
		eventIDs:    store.NewIDSource(e.options.Now),
		url:         e.URL,
		portal:      newPortal(e.options),
		deliveries:  newDispatcher(e.options),
		rows:        store.NewTable[*structpb.Struct](e.store, "webhook_endpoints", "webhook endpoint"),
		done:        map[string]idempotent{},
	}
	s.uids = s.rows.IndexBy(func(row *store.Row[*structpb.Struct]) string {
		return row.Value.GetFields()["uid"].GetStringValue()
	})
	s.rows.Check = func(row *store.Row[*structpb.Struct]) error {
		endpoint, err := endpointOf(row.Value)
		if err == nil && endpoint.ID != row.ID {
			err = errors.New("the endpoint has another id")
		}
		return err
	}
	e.webhooks = s
	e.store.Watch = func(changes []store.Change) {
		if s.rows.Count() == 0 {
			return
		}
		for _, event := range s.eventsOf(changes) {
			s.publish(event)
		}
	}
	return s
}

func (s *webhooks) service() service {
	return service{
		path:    "/" + webhookService + "/",
		handler: s.handler(),
		seed:    s.seed,
		control: s.control,
	}
}

// remember keeps the outcome of a POST that has an idempotency key, and forgets those that are too old.
func (s *webhooks) remember(key string, outcome idempotent) {
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
func (s *webhooks) handler() http.Handler {
	mux := http.NewServeMux()
	for name, run := range s.methods() {
		procedure := "/" + webhookService + "/" + name
		described := webhookMethod(name)
		options := append(handlerOptions(), connect.WithSchema(described), connect.WithRequestInitializer(
			func(_ connect.Spec, message any) error { return initialize(message, described.Input()) }))
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

func (s *webhooks) methods() map[string]webhookRun {
	return map[string]webhookRun{
		methodGetPortalURL:  s.getPortalURL,
		methodSendTestEvent: s.sendTestEvent,
	}
}

// getPortalURL implements GetPortalURL. Every link is a new one.
func (s *webhooks) getPortalURL(ctx context.Context, _ *dynamicpb.Message) (*dynamicpb.Message, error) {
	reply, fields := replyOf(methodGetPortalURL)
	reply.Set(fields.ByName("url"), protoreflect.ValueOfString(s.link(web.CallFrom(ctx).Base)))
	return reply, nil
}

const maxEventType = 255 // by the descriptor's rule

// sendTestEvent implements SendTestEvent: the event goes to the endpoints that ask for its type. What the platform puts
// into it and how it refuses a type that does not exist is unknown [U].
func (s *webhooks) sendTestEvent(_ context.Context, req *dynamicpb.Message) (*dynamicpb.Message, error) {
	name := req.Get(req.Descriptor().Fields().ByName("event_type")).String()
	if name == "" || len([]rune(name)) > maxEventType {
		return nil, apierr.InvalidField("event_type", "string.len", "must have 1 to %d characters", maxEventType)
	}
	known, ok := eventTypeNamed(name)
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
