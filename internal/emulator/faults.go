package emulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/strictjson"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/webhook"
)

// FaultKind is what a [Fault] does to a call.
type FaultKind string

// The kinds of faults. "Before" and "after" are about the change that the call makes.
const (
	FaultErrorBefore FaultKind = "error_before" // an error; nothing has changed
	FaultErrorAfter  FaultKind = "error_after"  // an error, although the change has been made
	FaultDropBefore  FaultKind = "drop_before"  // the connection or HTTP/2 stream is reset; nothing has changed
	FaultDropAfter   FaultKind = "drop_after"   // the same, although the change has been made
	FaultDelayBefore FaultKind = "delay_before" // the call waits, then is served even if its client has gone
	FaultDelayAfter  FaultKind = "delay_after"  // the call is served, then the reply waits
	FaultGarbage     FaultKind = "garbage"      // the reply is an HTML page with status 200; the change has been made
	FaultTruncate    FaultKind = "truncate"     // the reply breaks off in the middle; the change has been made
	FaultRateLimit   FaultKind = "rate_limit"   // RESOURCE_EXHAUSTED, HTTP 429 for a token; nothing has changed
	FaultHang        FaultKind = "hang"         // no answer until the client goes, at most 60 s; nothing has changed

	// UNAUTHENTICATED, HTTP 401 of the webhook server, as if the call's token had expired; nothing has changed.
	FaultTokenExpired FaultKind = "token_expired"
	// The same, and it is so: no token, session or portal link that exists is accepted from now on.
	FaultTokensRevoked FaultKind = "tokens_revoked"
)

var faultKinds = []FaultKind{
	FaultErrorBefore, FaultErrorAfter, FaultDropBefore, FaultDropAfter, FaultDelayBefore, FaultDelayAfter,
	FaultGarbage, FaultTruncate, FaultRateLimit, FaultHang, FaultTokenExpired, FaultTokensRevoked,
}

// tokenEndpoint is the name of the token endpoint in faults and in the request log.
const tokenEndpoint = "oauth/token"

// Fault changes what happens to some calls. It is looked at once a call's token has been accepted, so that calls without
// a valid token neither see nor use up faults. One call meets one fault at most: the first in the list that has its turn.
type Fault struct {
	// RPC is a method's bare name ("CreateOrganization"), its full procedure
	// ("/scalekit.v1.organizations.OrganizationService/CreateOrganization"), "oauth/token", or "*": every RPC, but neither
	// the token endpoint nor the webhook server. A call of the webhook server has a name such as "svix.endpoint.create" or
	// "auth/one-time-token"; "svix.*" is all of the former.
	RPC string `json:"rpc"`

	// Kind is what happens.
	Kind FaultKind `json:"kind"`

	// Code is the gRPC code of an error, by name. "" means UNAVAILABLE. The token endpoint and the webhook server answer
	// with the HTTP status that belongs to it.
	Code string `json:"code,omitempty"`

	// Message is what an error says. "" means "injected fault".
	Message string `json:"message,omitempty"`

	// RetryAfter is sent with an error or a rate limit, in whole seconds, rounded up. 0 leaves the header out. A Go duration
	// string in JSON.
	RetryAfter time.Duration `json:"retry_after,omitempty"`

	// Delay is how long a delay takes. A Go duration string in JSON.
	Delay time.Duration `json:"delay,omitempty"`

	// Skip lets that many matching calls pass first.
	Skip int `json:"skip,omitempty"`

	// Count is how many calls are changed: 0 means 1, -1 means all.
	Count int `json:"count,omitempty"`
}

// MarshalJSON writes durations as Go duration strings.
func (f Fault) MarshalJSON() ([]byte, error) {
	type plain Fault
	return json.Marshal(struct {
		plain
		RetryAfter string `json:"retry_after,omitempty"`
		Delay      string `json:"delay,omitempty"`
	}{plain(f), durationText(f.RetryAfter), durationText(f.Delay)})
}

func durationText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// ParseFaults reads a JSON array of faults, for example
//
//	[{"rpc": "CreateOrganization", "kind": "delay_before", "delay": "2s", "count": 3}]
//
// Unknown fields are errors. Whether the faults make sense is for [Emulator.SetFaults] to say.
func ParseFaults(content []byte) ([]Fault, error) {
	var faults []Fault
	if err := strictjson.Decode(content, &faults); err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	return faults, nil
}

// check says what is wrong with a fault.
func (f Fault) check() error {
	isError := f.Kind == FaultErrorBefore || f.Kind == FaultErrorAfter
	isDelay := f.Kind == FaultDelayBefore || f.Kind == FaultDelayAfter
	isTokenEndpoint := f.RPC == tokenEndpoint || f.RPC == webhook.PortalTokenEndpoint
	_, codeKnown := apierr.CodeNamed(f.Code)
	switch {
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("kind: %q is none of %q", f.Kind, faultKinds)
	case f.RPC == "":
		return errors.New(`rpc: missing; name a method, "oauth/token" or "*"`)
	case f.RPC != "*" && f.RPC != tokenEndpoint && !knownRPC(f.RPC):
		return fmt.Errorf("rpc: there is no %q", f.RPC)
	case f.Kind == FaultTokenExpired && isTokenEndpoint, f.Kind == FaultTokensRevoked && isTokenEndpoint:
		return fmt.Errorf("kind: %s makes no sense for %s, which asks for no access token", f.Kind, f.RPC)
	case f.Code != "" && !isError:
		return fmt.Errorf("code: makes no sense for %s", f.Kind)
	case f.Code != "" && !codeKnown:
		return fmt.Errorf("code: %q is not a gRPC error code such as UNAVAILABLE", f.Code)
	case f.Message != "" && !isError:
		return fmt.Errorf("message: makes no sense for %s", f.Kind)
	case f.RetryAfter < 0:
		return errors.New("retry_after: cannot be negative")
	case f.RetryAfter > 0 && !isError && f.Kind != FaultRateLimit:
		return fmt.Errorf("retry_after: makes no sense for %s", f.Kind)
	case isDelay && f.Delay <= 0:
		return fmt.Errorf("delay: %s needs one", f.Kind)
	case !isDelay && f.Delay != 0:
		return fmt.Errorf("delay: makes no sense for %s", f.Kind)
	case f.Skip < 0:
		return errors.New("skip: cannot be negative")
	case f.Count < -1:
		return errors.New("count: must be -1 (all) or more")
	}
	return nil
}

// knownRPC says whether the platform has such a method, served here or not, or the webhook server such a call.
func knownRPC(name string) bool {
	if webhook.KnownOperation(name) {
		return true
	}
	known := false
	rangePlatformServices(func(service protoreflect.ServiceDescriptor) bool {
		if strings.HasPrefix(string(service.FullName()), "scalekit.v1.") {
			method := name
			if full, ok := strings.CutPrefix(name, "/"+string(service.FullName())+"/"); ok {
				method = full
			}
			known = service.Methods().ByName(protoreflect.Name(method)) != nil
		}
		return !known
	})
	return known
}

// failure is the error that an error fault, a rate limit or a token's end answers with.
func (f Fault) failure() *apierr.Error {
	switch f.Kind {
	case FaultRateLimit:
		return rateLimited(f.RetryAfter)
	case FaultTokenExpired, FaultTokensRevoked:
		return unauthenticated("Token expired")
	}
	code, ok := apierr.CodeNamed(f.Code)
	if !ok {
		code = connect.CodeUnavailable
	}
	err := apierr.New(code, "%s", cmp.Or(f.Message, "injected fault"))
	err.RetryAfter = f.RetryAfter
	return err
}

// faultSet holds the faults that wait.
type faultSet struct {
	mu       sync.Mutex
	waiting  []Fault
	injected int
}

func newFaultSet() *faultSet { return &faultSet{} }

func (s *faultSet) set(faults []Fault) error {
	waiting := slices.Clone(faults)
	for i := range waiting {
		if err := waiting[i].check(); err != nil {
			return fmt.Errorf("faults[%d].%w", i, err)
		}
		if waiting[i].Count == 0 {
			waiting[i].Count = 1
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = waiting
	return nil
}

// next returns the fault that this call meets, or one of no kind. names are all the names that the call goes by.
func (s *faultSet) next(names ...string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var met Fault
	for i := range s.waiting {
		fault := &s.waiting[i]
		switch {
		case !slices.Contains(names, fault.RPC):
		case fault.Skip > 0:
			fault.Skip--
		case met.Kind == "":
			met = *fault
			if fault.Count > 0 {
				fault.Count--
			}
		}
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(f Fault) bool { return f.Count == 0 })
	if met.Kind != "" {
		s.injected++
	}
	return met
}

func (s *faultSet) list() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.waiting)
}

func (s *faultSet) injectedCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.injected
}

func (s *faultSet) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting, s.injected = nil, 0
}
