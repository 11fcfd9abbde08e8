package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// DefaultRetry is Svix's schedule, which is also one of those that the platform's documentation has.
var DefaultRetry = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

const (
	deliveryTimeout = 10 * time.Second // documented: success is a 2xx within it
	deliveryLogSize = 1_000
	maxPending      = 10_000 // deliveries that wait
	maxDelivering   = 8      // attempts at a time
	maxAnswer       = 64 << 10
)

// DeliveryOutcome is how an attempt to deliver an event has ended.
type DeliveryOutcome string

// The outcomes of attempts.
const (
	DeliverySucceeded DeliveryOutcome = "succeeded" // a 2xx reply
	DeliveryFailed    DeliveryOutcome = "failed"    // any other reply, or none
	DeliveryNotCalled DeliveryOutcome = "not_called"
)

// Delivery is one attempt to deliver an event to a webhook endpoint. Endpoints that are not at a loopback address are not
// called: what they would have been sent is recorded.
type Delivery struct {
	// Time is when the attempt began, by the environment's clock, in UTC.
	Time       time.Time       `json:"time"`
	EndpointID string          `json:"endpoint_id"`
	URL        string          `json:"url"`
	MessageID  string          `json:"message_id"` // the header webhook-id, the same for all attempts
	EventType  string          `json:"event_type"`
	Attempt    int             `json:"attempt"` // from 1
	Outcome    DeliveryOutcome `json:"outcome"`
	StatusCode int             `json:"status_code,omitempty"` // 0 where there was no reply
	Error      string          `json:"error,omitempty"`
	Payload    json.RawMessage `json:"payload"`
}

// webhookMessage is an event on its way to endpoints.
type webhookMessage struct {
	id, eventType string
	payload       []byte
}

// dispatcher delivers messages, apart from the calls that cause them.
type dispatcher struct {
	now    func() time.Time
	retry  []time.Duration
	client *http.Client
	slots  chan struct{}
	wait   sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	ctx     context.Context
	cancel  context.CancelFunc
	closed  bool
	pending int
	log     []Delivery
}

func newDispatcher(options Options) *dispatcher {
	d := &dispatcher{
		now:   options.Now,
		retry: options.Retry,
		client: &http.Client{
			Timeout: deliveryTimeout,
			// A redirect is a failure [S]; it might lead away from this machine, too.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{DialContext: dialLoopback, Proxy: nil, DisableKeepAlives: true},
		},
		slots: make(chan struct{}, maxDelivering),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// all returns the attempts to deliver events so far, oldest first.
func (d *dispatcher) all() []Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log)
}

// reset gives up what waits and forgets what has been.
func (d *dispatcher) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cancel()
	d.log = nil
	if !d.closed {
		d.ctx, d.cancel = context.WithCancel(context.Background())
	}
}

// close gives up what waits, and returns when nothing is running any more.
func (d *dispatcher) close() {
	d.mu.Lock()
	d.closed = true
	d.cancel()
	d.mu.Unlock()
	d.wait.Wait()
}

// send delivers a message to an endpoint, again and again by the schedule until it succeeds. look returns the endpoint as
// it is at the time of each attempt, and false once it is gone or disabled.
func (d *dispatcher) send(message webhookMessage, look func() (*webhookEndpoint, bool)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.pending >= maxPending {
		return
	}
	d.pending++
	ctx := d.ctx
	d.wait.Go(func() {
		defer func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.pending--
		}()
		for i, pause := range d.retry {
			if !d.pause(ctx, pause) {
				return
			}
			endpoint, ok := look()
			if !ok {
				<-d.slots
				return
			}
			attempt := d.attempt(ctx, message, endpoint)
			<-d.slots
			if ctx.Err() != nil {
				return
			}
			attempt.Attempt = i + 1
			d.add(attempt)
			if attempt.Outcome != DeliveryFailed {
				return
			}
		}
	})
}

// pause waits for the time of an attempt, and for a slot. It returns false, without a slot, when there is to be none.
func (d *dispatcher) pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	select {
	case d.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (d *dispatcher) add(attempt Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.log) == deliveryLogSize {
		d.log = slices.Delete(d.log, 0, 1)
	}
	d.log = append(d.log, attempt)
}

// attempt makes one attempt.
func (d *dispatcher) attempt(ctx context.Context, message webhookMessage, endpoint *webhookEndpoint) Delivery {
	now := d.now().UTC()
	made := Delivery{
		Time: now, EndpointID: endpoint.ID, URL: endpoint.URL,
		MessageID: message.id, EventType: message.eventType, Payload: message.payload,
	}
	if target, err := url.Parse(endpoint.URL); err != nil || !web.IsLoopback(target.Hostname()) {
		made.Outcome, made.Error = DeliveryNotCalled, "the emulator calls loopback addresses only"
		return made
	}
	made.Outcome = DeliveryFailed
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.URL, bytes.NewReader(message.payload))
	if err != nil {
		made.Error = err.Error()
		return made
	}
	for name, value := range endpoint.Headers {
		req.Header.Set(name, value)
	}
	timestamp := fmt.Sprint(now.Unix())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "scalekit-emulator")
	req.Header.Set("Webhook-Id", message.id)
	req.Header.Set("Webhook-Timestamp", timestamp)
	req.Header.Set("Webhook-Signature", signatures(endpoint.signingKeys(now), message.id, timestamp, message.payload))
	resp, err := d.client.Do(req)
	if err != nil {
		made.Error = err.Error()
		return made
	}
	defer resp.Body.Close()
	made.StatusCode = resp.StatusCode
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		made.Error = err.Error()
		return made
	}
	if resp.StatusCode/100 == 2 {
		made.Outcome = DeliverySucceeded
	}
	return made
}

// dialLoopback connects to loopback addresses alone, whatever a hosts file or a resolver make of localhost.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	if strings.EqualFold(host, "localhost") {
		connection, err := dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return dialer.DialContext(ctx, network, net.JoinHostPort("::1", port))
		}
		return connection, nil
	}
	if !web.IsLoopback(host) {
		return nil, errors.New("not a loopback address")
	}
	return dialer.DialContext(ctx, network, address)
}

// Publish sends an event to the endpoints that ask for it. The store must be locked.
//
// An endpoint with channels gets messages of these channels alone [S]. That the platform's messages have none is assumed
// [U], so such an endpoint gets nothing unless [Quirks.EventsHaveChannels].
func (s *Server) Publish(event *platform.Event) {
	message := s.newMessage(event)
	for _, row := range s.rows.All() {
		if row.Value.wants(event.Kind.Name, s.channels(event)) {
			s.deliver(message, row.ID)
		}
	}
}

// channels are those of an event's message.
func (s *Server) channels(event *platform.Event) []string {
	if !s.quirks.EventsHaveChannels || event.OrganizationID == "" {
		return nil
	}
	return []string{event.OrganizationID}
}

func (e *webhookEndpoint) wants(eventType string, channels []string) bool {
	if e.Disabled || e.EventTypes != nil && !slices.Contains(*e.EventTypes, eventType) {
		return false
	}
	return e.Channels == nil ||
		slices.ContainsFunc(channels, func(channel string) bool { return slices.Contains(*e.Channels, channel) })
}

func (s *Server) newMessage(event *platform.Event) webhookMessage {
	id, _ := newSvixID(s.messageIDs, "msg_")
	return webhookMessage{id: id, eventType: event.Kind.Name, payload: event.Payload()}
}

// deliver sends a message to one endpoint.
func (s *Server) deliver(message webhookMessage, endpointID string) {
	s.deliveries.send(message, func() (endpoint *webhookEndpoint, ok bool) {
		_ = s.store.Read(func() error {
			if !s.rows.Has(endpointID) {
				return nil
			}
			found, err := s.rows.Get(endpointID)
			endpoint, ok = found, err == nil && !found.Disabled
			return err
		})
		return endpoint, ok
	})
}

// sendTest publishes an example of an event, and returns it.
func (s *Server) sendTest(kind platform.EventType) (payload *structpb.Struct, err error) {
	err = s.store.Read(func() error {
		event := s.platform.Example(kind)
		s.Publish(event)
		payload = &structpb.Struct{}
		return payload.UnmarshalJSON(event.Payload())
	})
	return payload, err
}

// sendExample sends an example of an event to one endpoint, whatever types it asks for.
func (s *Server) sendExample(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	in := newSvixInput(call.body)
	name, sent := field[string](in, "eventType", "a string", false)
	if !sent {
		in.missing("eventType")
	}
	if err := in.err(); err != nil {
		return 0, nil, err
	}
	kind, ok := platform.EventTypeNamed(*name)
	if !ok {
		return 0, nil, svixNotFound()
	}
	event := s.platform.Example(kind)
	message := s.newMessage(event)
	s.deliver(message, endpoint.ID)
	return http.StatusOK, map[string]any{
		"id":        message.id,
		"eventType": kind.Name,
		"payload":   json.RawMessage(message.payload),
		"timestamp": event.Time.Format(svixTime),
	}, nil
}
