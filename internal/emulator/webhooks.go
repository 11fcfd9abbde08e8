package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// webhooks is scalekit.v1.webhooks.WebhookService, whose only use for a client token is to open the webhook portal, and
// the webhook server behind that portal.
type webhooks struct {
	store  *store
	quirks Quirks

	directories *directories
	users       *users

	eventIDs *idSource     // of events and messages, which are not in the state file
	url      func() string // the environment URL

	portal     *portal
	deliveries *dispatcher

	rows *table[*structpb.Struct] // webhookEndpoint
	uids *index[*structpb.Struct]

	done map[string]idempotent // under the store's lock
}

func newWebhooks(e *Emulator, users *users, directories *directories) *webhooks {
	s := &webhooks{
		store:       e.store,
		quirks:      e.options.Quirks,
		directories: directories,
		users:       users,
		eventIDs:    newIDSource(e.options.Now),
		url:         e.URL,
		portal:      newPortal(e.options),
		deliveries:  newDispatcher(e.options),
		rows:        newTable[*structpb.Struct](e.store, "webhook_endpoints", "webhook endpoint"),
		done:        map[string]idempotent{},
	}
	s.uids = s.rows.indexBy(func(row *row[*structpb.Struct]) string {
		return row.value.GetFields()["uid"].GetStringValue()
	})
	s.rows.check = func(row *row[*structpb.Struct]) error {
		endpoint, err := endpointOf(row.value)
		if err == nil && endpoint.ID != row.id {
			err = errors.New("the endpoint has another id")
		}
		return err
	}
	e.webhooks = s
	e.store.watch = func(changes []change) {
		if s.rows.count() == 0 {
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
	_ = s.store.read(func() error {
		now := s.store.now()
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
func newSvixID(source *idSource, prefix string) (string, time.Time) {
	decimal, created := source.next("")
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
			func(_ connect.Spec, message any) error {
				if dynamic, ok := message.(*dynamicpb.Message); ok {
					*dynamic = *dynamicpb.NewMessage(described.Input())
				}
				return nil
			}))
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
	reply.Set(fields.ByName("url"), protoreflect.ValueOfString(s.link(callFrom(ctx).base)))
	return reply, nil
}

const maxEventType = 255 // by the descriptor's rule

// sendTestEvent implements SendTestEvent: the event goes to the endpoints that ask for its type. What the platform puts
// into it and how it refuses a type that does not exist is unknown [U].
func (s *webhooks) sendTestEvent(_ context.Context, req *dynamicpb.Message) (*dynamicpb.Message, error) {
	name := req.Get(req.Descriptor().Fields().ByName("event_type")).String()
	if name == "" || len([]rune(name)) > maxEventType {
		return nil, invalidField("event_type", "string.len", "must have 1 to %d characters", maxEventType)
	}
	known, ok := eventTypeNamed(name)
	if !ok {
		return nil, invalidField("event_type", "string.in", "there is no event type %q", name)
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

// webhookRESTBase is where WebhookService is served as REST JSON: the platform serves its RPCs that way as well, and no
// SDK for Go has this one.
const webhookRESTBase = "/api/v1/webhooks/"

// serveWebhookREST answers the REST paths of WebhookService, as grpc-gateway does.
func (e *Emulator) serveWebhookREST(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, webhookRESTBase)
	eventType, isTest := strings.CutPrefix(path, "test-event/")
	var name string
	wanted := r.Method
	switch {
	case path == "portal-url":
		name, wanted = methodGetPortalURL, http.MethodGet
	case isTest && eventType != "" && !strings.Contains(eventType, "/"):
		name, wanted = methodSendTestEvent, http.MethodPost
	case path == "wb" || strings.HasPrefix(path, "wb/"):
		name = methodWebhookWrapper
	default:
		e.plain(w, r, serveUnknownPath)
		return
	}
	if r.Method != wanted {
		e.plain(w, r, func(w http.ResponseWriter, c call) {
			writeREST(w, c.requestID, newError(connect.CodeUnimplemented, "Method Not Allowed"))
		})
		return
	}
	described := webhookMethod(name)
	e.exchange(w, r, endpoint{
		name:   name,
		faults: []string{"*", "/" + webhookService + "/" + name, name},
		admit: func(r *http.Request) error {
			if err := e.auth.authorize(r.Header.Get("Authorization"), authenticationOf(described)); err != nil {
				return err
			}
			return e.limiter.take()
		},
		serve: func(answer *reply, r *http.Request) {
			request := dynamicpb.NewMessage(described.Input())
			if isTest {
				request.Set(described.Input().Fields().ByName("event_type"), protoreflect.ValueOfString(eventType))
			}
			out, err := e.webhooks.methods()[name](r.Context(), request)
			if err != nil {
				failREST(answer, r, err)
				return
			}
			// grpc-gateway's way on this platform: names as in the proto, and empty values too.
			body, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.Marshal(out)
			if err != nil {
				failREST(answer, r, err)
				return
			}
			answer.Header().Set("Content-Type", "application/json")
			_, _ = answer.Write(body)
		},
		fail: failREST,
	})
}

// failREST answers a REST call with an error.
func failREST(answer *reply, r *http.Request, err error) {
	known := asAPIError(err)
	if known.retryAfter > 0 {
		answer.Header().Set("Retry-After", wholeSeconds(known.retryAfter))
	}
	writeREST(answer, callFrom(r.Context()).requestID, known)
}
