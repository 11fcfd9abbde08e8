package emulator

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	requestLogSize = 10_000
	maxCountedRPCs = 1_000 // the names are a client's to choose; those beyond are counted together
)

// codeDropped is [Request.Code] of a call whose client got no whole reply.
const codeDropped = "DROPPED"

// Request is one call in the request log. It holds no credentials and no bodies.
type Request struct {
	// Time is when the request came, by the environment's clock, in UTC.
	Time time.Time `json:"time"`

	// RPC is the bare method name of an RPC ("CreateOrganization"), also when it came by REST, "oauth/token" for a token
	// request, the name of a call of the webhook server ("svix.endpoint.create", "auth/one-time-token"), "" for others. It
	// is what [Fault.RPC] names it by.
	RPC string `json:"rpc,omitempty"`

	// Method and Path are HTTP's; an RPC's path is its full procedure.
	Method string `json:"method"`
	Path   string `json:"path"`

	// Protocol is "HTTP/1.1" or "HTTP/2.0".
	Protocol string `json:"protocol"`

	// Code is what the client was told: a gRPC code name ("OK", "NOT_FOUND"), the HTTP status where the reply was not gRPC
	// ("401"), or "DROPPED" where a fault kept the reply or a part of it back.
	Code string `json:"code"`

	// Duration is the time from the request to the start of the reply; a Go duration string in JSON.
	Duration time.Duration `json:"duration"`

	// RequestID is the request_id that an error of this call carries in its ErrorInfo.
	RequestID string `json:"request_id"`

	// UserAgent is the client's.
	UserAgent string `json:"user_agent,omitempty"`

	// Fault is the kind of the fault that changed this call, or "".
	Fault FaultKind `json:"fault,omitempty"`
}

// MarshalJSON writes the duration as a Go duration string.
func (r Request) MarshalJSON() ([]byte, error) {
	type plain Request
	return json.Marshal(struct {
		plain
		Duration string `json:"duration"`
	}{plain(r), r.Duration.String()})
}

// requestLog keeps the newest requests.
type requestLog struct {
	mu       sync.Mutex
	requests []Request
	oldest   int // where the ring begins, once it is full
	counts   map[string]map[string]int
}

func (l *requestLog) add(request Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(request)
	if len(l.requests) < requestLogSize {
		l.requests = append(l.requests, request)
		return
	}
	l.requests[l.oldest] = request
	l.oldest = (l.oldest + 1) % requestLogSize
}

func (l *requestLog) count(request Request) {
	name := request.RPC
	if l.counts[name] == nil {
		if len(l.counts) >= maxCountedRPCs {
			name = ""
		}
		if l.counts == nil {
			l.counts = map[string]map[string]int{}
		}
		if l.counts[name] == nil {
			l.counts[name] = map[string]int{}
		}
	}
	l.counts[name][request.Code]++
}

// counted returns the counts of all requests, those too that are not kept any more.
func (l *requestLog) counted() map[string]map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[string]map[string]int{}
	for name, codes := range l.counts {
		counts[name] = maps.Clone(codes)
	}
	return counts
}

// all returns the requests, oldest first.
func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.requests[l.oldest:], l.requests[:l.oldest])
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.oldest, l.counts = nil, 0, nil
}
