package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const (
	tokenCall        = "oauth/token"
	portalTokenCall  = "auth/one-time-token"
	webhookCalls     = "svix."
	everyWebhookCall = webhookCalls + "*"
)

// call is a call that a change makes.
type call struct {
	rpc string
	nth int // which one of this RPC, from zero
	// before is how many calls of each kind came before it.
	before struct{ tokens, portalTokens, webhooks, others int }
	tried  bool
}

// callsOf are the calls of a request log in their order. Requests for access tokens are tried if tokens says so.
func callsOf(requests []emulator.Request, tokens bool) []call {
	var calls []call
	seen := map[string]int{}
	var next call
	for _, request := range requests {
		next.rpc, next.nth = request.RPC, seen[request.RPC]
		next.tried = tokens || request.RPC != tokenCall
		calls = append(calls, next)
		seen[request.RPC]++
		switch {
		case request.RPC == tokenCall:
			next.before.tokens++
		case request.RPC == portalTokenCall:
			next.before.portalTokens++
		case strings.HasPrefix(request.RPC, webhookCalls):
			next.before.webhooks++
		default:
			next.before.others++
		}
	}
	return calls
}

// changes reports whether the call changes something. For others, before and after the effect are the same. Giving in a
// one-time token uses it up.
func (c call) changes() bool {
	operation := c.rpc[strings.LastIndex(c.rpc, ".")+1:]
	for _, prefix := range []string{"Get", "List", "Search", "get", "list", tokenCall} {
		if strings.HasPrefix(operation, prefix) {
			return false
		}
	}
	return true
}

// name names a case at the call.
func (c call) name(kind string) string { return fmt.Sprintf("%s_%d/%s", c.rpc, c.nth+1, kind) }

// takesToken reports whether the call is one with an access token or a session's.
func (c call) takesToken() bool { return c.rpc != tokenCall && c.rpc != portalTokenCall }

// scope is which calls a kind of fault is tried at.
type scope int

const (
	never   scope = iota
	changes       // calls that change something
	always
)

// faultKind is a way in which a call goes wrong.
type faultKind struct {
	name  string
	fault emulator.Fault
	// once is where it is tried at one call alone, and lasting where it is tried for as long as the apply takes.
	once, lasting scope
	// forTokens says that the kind is about the call's access token.
	forTokens bool
	// also are the faults that come on top when it lasts.
	also func(call) []emulator.Fault
}

// faultKinds are all kinds of faults. A call that changes nothing can fail for good in three ways: with an error, without
// a reply, and with one that cannot be read. A rate limit that says how long to wait differs from another one only by
// the wait, so one of them lasts.
var faultKinds = []faultKind{
	{name: "error_before", fault: emulator.Fault{Kind: emulator.FaultErrorBefore}, once: always, lasting: always},
	{name: "error_after", fault: emulator.Fault{Kind: emulator.FaultErrorAfter}, once: changes, lasting: changes},
	{name: "drop_before", fault: emulator.Fault{Kind: emulator.FaultDropBefore}, once: always, lasting: changes},
	{name: "drop_after", fault: emulator.Fault{Kind: emulator.FaultDropAfter}, once: changes, lasting: changes},
	{name: "delay_before", fault: emulator.Fault{Kind: emulator.FaultDelayBefore, Delay: delay}, once: always, lasting: changes},
	{name: "delay_after", fault: emulator.Fault{Kind: emulator.FaultDelayAfter, Delay: delay}, once: changes, lasting: changes},
	{name: "garbage", fault: emulator.Fault{Kind: emulator.FaultGarbage}, once: always, lasting: always},
	{name: "truncate", fault: emulator.Fault{Kind: emulator.FaultTruncate}, once: always, lasting: changes},
	{name: "rate_limit", fault: emulator.Fault{Kind: emulator.FaultRateLimit}, once: always, lasting: always},
	{name: "rate_limit_retry_after", fault: emulator.Fault{Kind: emulator.FaultRateLimit, RetryAfter: time.Second}, once: always},
	{name: "token_expired", fault: emulator.Fault{Kind: emulator.FaultTokenExpired}, once: always, lasting: always, forTokens: true},
	{name: "tokens_revoked", fault: emulator.Fault{Kind: emulator.FaultTokensRevoked}, once: always, forTokens: true},
	{name: "no_more_tokens", fault: emulator.Fault{Kind: emulator.FaultTokensRevoked}, lasting: always, forTokens: true, also: noMoreTokens},
	{name: "hang", fault: emulator.Fault{Kind: emulator.FaultHang}, once: always, lasting: always, also: hangs},
}

// noMoreTokens is what keeps a client from getting another token.
func noMoreTokens(at call) []emulator.Fault {
	return []emulator.Fault{{RPC: tokenCall, Kind: emulator.FaultErrorBefore, Skip: at.before.tokens, Count: -1}}
}

// hangs is a server of which nothing answers any more, from a call on.
func hangs(at call) []emulator.Fault {
	hang := func(rpc string, skip int) emulator.Fault {
		return emulator.Fault{RPC: rpc, Kind: emulator.FaultHang, Skip: skip, Count: -1}
	}
	return []emulator.Fault{
		hang("*", at.before.others), hang(everyWebhookCall, at.before.webhooks),
		hang(tokenCall, at.before.tokens), hang(portalTokenCall, at.before.portalTokens),
	}
}

// faultCase is one apply of the matrix.
type faultCase struct {
	name   string
	faults []emulator.Fault
	// apply applies or destroys; nil does it in the ordinary way.
	apply func(w *acctest.Workspace, resources string) (string, error)
}

// sampleStride leads from a case of one call to that of the next call: from one kind to a very different one, and in the
// end to all.
const sampleStride = 5

// faultCases are all that can go wrong with a change, or a sample: of each call one case, another one from call to call,
// and of each call that changes something those of which the client does not learn that they did.
func faultCases(b *beginning, whole bool) []faultCase {
	var cases []faultCase
	turn := 0
	for _, call := range b.calls {
		if !call.tried {
			continue
		}
		ofCall := call.faultCases()
		if !whole {
			chosen := []string{ofCall[turn%len(ofCall)].name, call.name("error_after"), call.name("drop_after_lasting")}
			turn += sampleStride
			ofCall = slices.DeleteFunc(ofCall, func(one faultCase) bool { return !slices.Contains(chosen, one.name) })
		}
		cases = append(cases, ofCall...)
	}
	return cases
}

// faultCases are all that can go wrong with a call.
func (c call) faultCases() []faultCase {
	var once, lasting []faultCase
	tried := func(where scope) bool { return where == always || where == changes && c.changes() }
	for _, kind := range faultKinds {
		if kind.forTokens && !c.takesToken() {
			continue
		}
		fault := kind.fault
		fault.RPC, fault.Skip = c.rpc, c.nth
		if tried(kind.once) {
			once = append(once, faultCase{name: c.name(kind.name), faults: []emulator.Fault{fault}})
		}
		if tried(kind.lasting) {
			fault.Count = -1
			faults := []emulator.Fault{fault}
			if kind.also != nil {
				faults = append(faults, kind.also(c)...)
			}
			lasting = append(lasting, faultCase{name: c.name(kind.name + "_lasting"), faults: faults})
		}
	}
	return slices.Concat(once, lasting)
}
