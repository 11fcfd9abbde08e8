package scalekit

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/oauth2"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
)

// scripted is the answer to one attempt.
type scripted struct {
	header http.Header
	err    error
}

// attempts stand for the transport.
type attempts struct {
	script []scripted
	made   []time.Time // when each attempt was made
}

// next plays the script, whose last line it repeats.
func (a *attempts) next(ctx context.Context, _ connect.AnyRequest) (connect.AnyResponse, error) {
	answer := a.script[min(len(a.made), len(a.script)-1)]
	a.made = append(a.made, time.Now())
	if seen, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.wrote = true
		seen.response = &http.Response{StatusCode: http.StatusOK, Header: answer.header}
	}
	if answer.err != nil {
		return nil, answer.err
	}
	return connect.NewResponse(&organizationsv1.CreateOrganizationResponse{}), nil
}

func (a *attempts) waits() []time.Duration {
	var waits []time.Duration
	for i := 1; i < len(a.made); i++ {
		waits = append(waits, a.made[i].Sub(a.made[i-1]))
	}
	return waits
}

func newCaller(retries int) *caller {
	config := Config{MaxRetries: retries, RequestTimeout: time.Minute, RetryInterval: 250 * time.Millisecond, Logger: silent{}}
	tokens := newTokenSource(config, nil, new(clock))
	tokens.Fetch = func(context.Context) (string, time.Duration, error) { return "token", 0, nil }
	return &caller{config: config, tokens: tokens}
}

// procedure is a request for the procedure that it names.
type procedure struct {
	*connect.Request[organizationsv1.CreateOrganizationRequest]
	name string
}

func (p procedure) Spec() connect.Spec { return connect.Spec{Procedure: p.name} }

func call(ctx context.Context, c *caller, method string, a *attempts) error {
	request := procedure{connect.NewRequest(&organizationsv1.CreateOrganizationRequest{}), "/service/" + method}
	_, err := c.WrapUnary(a.next)(ctx, request)
	return err
}

func tooMany(retryAfter string) scripted {
	answer := scripted{header: http.Header{}, err: connect.NewWireError(connect.CodeResourceExhausted, errors.New("slow down"))}
	if retryAfter != "" {
		answer.header.Set("Retry-After", retryAfter)
	}
	return answer
}

func TestRetryAfterWaits(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct{ least, most time.Duration }{
		"7":                   {7 * time.Second, 10 * time.Second},
		"100000":              {retry.MaxAfter, retry.MaxAfter * 5 / 4},
		"9223372036854775807": {retry.MaxAfter, retry.MaxAfter * 5 / 4},
		"in an hour":          {250 * time.Millisecond, 2 * time.Second}, // no form of the header
		"-5":                  {250 * time.Millisecond, 2 * time.Second},
		"0":                   {250 * time.Millisecond, 2 * time.Second},
		"":                    {250 * time.Millisecond, 2 * time.Second},
		"DATE":                {19 * time.Second, 26 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			if value == "DATE" {
				value = time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
			}
			a := &attempts{script: []scripted{tooMany(value), {}}}
			if err := call(t.Context(), newCaller(3), "CreateOrganization", a); err != nil {
				t.Error(err)
			}
			if waits := a.waits(); len(waits) != 1 || waits[0] < want.least || waits[0] > want.most+2*time.Millisecond {
				t.Errorf("%q: waited %v, want %s to %s", value, waits, want.least, want.most)
			}
		})
	}
}

// The documented limit counts the calls of a minute, so that waiting for less may be in vain.
func TestRateLimitWithoutRetryAfterSpansAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var total time.Duration
		for range 50 {
			a := &attempts{script: []scripted{tooMany("")}}
			if err := call(t.Context(), newCaller(5), "CreateOrganization", a); connect.CodeOf(err) != connect.CodeResourceExhausted {
				t.Fatalf("got %v", err)
			}
			if len(a.made) != 6 {
				t.Fatalf("%d attempts, want 6", len(a.made))
			}
			spanned := a.made[5].Sub(a.made[0])
			if spanned < 30*time.Second || spanned > 3*time.Minute {
				t.Errorf("five retries span %s", spanned)
			}
			total += spanned
		}
		if mean := total / 50; mean < time.Minute {
			t.Errorf("five retries span %s on average, want a minute", mean)
		}
	})
}

// A token is replaced a minute before it expires, or after half of its life if that is short.
func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for life, want := range map[time.Duration]time.Duration{
			time.Hour: 59 * time.Minute, 2 * time.Minute: time.Minute, time.Minute: 30 * time.Second, time.Second: time.Second / 2,
			-time.Minute: time.Nanosecond,
		} {
			if got := usableFor(&oauth2.Token{Expiry: time.Now().Add(life)}); got != want {
				t.Errorf("a token that lives for %s is used for %s, want %s", life, got, want)
			}
		}
		if got := usableFor(new(oauth2.Token)); got != 0 {
			t.Errorf("a token without an end is used for %s", got)
		}
	})
}

// A call that was refused holds back the calls that follow.
func TestCallsWaitForTheRateLimitOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCaller(0)
		refused := &attempts{script: []scripted{tooMany("30")}}
		if err := call(t.Context(), c, "CreateOrganization", refused); err == nil {
			t.Error("no error")
		}
		// Ten calls wait; the first to go is refused as well, which the others learn from it.
		var others attempts
		others.script = []scripted{tooMany("60"), {}}
		results := make(chan error, 10)
		for range 10 {
			go func() { results <- call(t.Context(), c, "ListOrganization", &others) }()
		}
		failed := 0
		for range 10 {
			if <-results != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%d calls were refused, want the first alone", failed)
		}
		if wait := others.made[0].Sub(refused.made[0]); wait < 30*time.Second {
			t.Errorf("the first went out after %s", wait)
		}
		if wait := others.made[1].Sub(others.made[0]); wait < 60*time.Second {
			t.Errorf("the second went out %s later", wait)
		}
	})
}

func TestWaitsGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var first, last time.Duration
		for range 200 {
			a := &attempts{script: []scripted{{err: connect.NewWireError(connect.CodeUnavailable, errors.New("no"))}}}
			if err := call(t.Context(), newCaller(5), "GetOrganization", a); err == nil {
				t.Fatal("no error")
			}
			waits := a.waits()
			for i, wait := range waits {
				if most := 2 * 250 * time.Millisecond << i; wait > most+time.Millisecond {
					t.Errorf("wait %d is %s, want at most %s", i, wait, most)
				}
			}
			first, last = first+waits[0], last+waits[4]
		}
		if ratio := float64(last) / float64(first); ratio < 10 || ratio > 25 {
			t.Errorf("the fifth wait is %.1f times the first on average, want 16", ratio)
		}
	})
}

// The RPC library makes up codes for broken replies. Only what the environment says itself is a refusal.
func TestMadeUpCodesAreNoRefusals(t *testing.T) {
	t.Parallel()
	for _, code := range []connect.Code{
		connect.CodeResourceExhausted, connect.CodeInvalidArgument, connect.CodePermissionDenied, connect.CodeUnimplemented,
	} {
		a := &attempts{script: []scripted{{err: connect.NewError(code, errors.New("made up"))}}}
		err := call(t.Context(), newCaller(3), "CreateOrganization", a)
		if len(a.made) != 1 {
			t.Errorf("%s: a create was attempted %d times", code, len(a.made))
		}
		if !IsOutcomeUnknown(err) {
			t.Errorf("%s: taken for a refusal", code)
		}
		a = &attempts{script: []scripted{{err: connect.NewWireError(code, errors.New("said so"))}}}
		if err := call(t.Context(), newCaller(0), "CreateOrganization", a); IsOutcomeUnknown(err) {
			t.Errorf("%s: not taken for a refusal", code)
		}
	}
}

// A create that was refused as too many and cancelled while it waited has certainly made nothing.
func TestCancelledWaitAfterARefusalIsDecided(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a := &attempts{script: []scripted{tooMany("60")}}
		err := call(ctx, newCaller(3), "CreateOrganization", a)
		if !errors.Is(err, context.DeadlineExceeded) || connect.CodeOf(err) != connect.CodeResourceExhausted {
			t.Errorf("got %v, want both the cancellation and what was waited for", err)
		}
		if IsOutcomeUnknown(err) {
			t.Errorf("the outcome of %v is taken for unknown", err)
		}
	})
}
