//go:build unix

package chaos

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// interruptedDelay is how long the reply waits to a call that is interrupted after its effect: longer than it takes to
// interrupt it.
const interruptedDelay = 1500 * time.Millisecond

// InterruptionMatrix is a FaultMatrix of what happens to an apply from outside. At each call by which a change changes
// something, before its effect and after it, the user interrupts Terraform, and the provider is killed. A provider that is
// killed between the effect of a create and its end is left out: nothing but the environment knows of the object.
func InterruptionMatrix(t *testing.T, program string, seed *emulator.Seed, changes []Change) {
	t.Helper()
	matrix{
		name: "interruptions", seed: seed, cases: interruptions, oneByOne: true,
		workspace: func(t *testing.T, env *acctest.Env) *acctest.Workspace {
			return env.ProcessWorkspace(t, program)
		},
	}.run(t, changes)
}

func interruptions(b *beginning, whole bool) []faultCase {
	var cases []faultCase
	turn := 0
	for _, call := range b.calls {
		if !call.tried || !call.changes() || call.rpc == portalTokenCall {
			continue
		}
		before := emulator.Fault{RPC: call.rpc, Skip: call.nth, Kind: emulator.FaultHang}
		after := emulator.Fault{RPC: call.rpc, Skip: call.nth, Kind: emulator.FaultDelayAfter, Delay: interruptedDelay}
		ofCall := []faultCase{
			{call.name("interrupted_before"), []emulator.Fault{before}, until((*acctest.Running).Interrupt)},
			{call.name("interrupted_after"), []emulator.Fault{after}, until((*acctest.Running).Interrupt)},
			{call.name("killed_before"), []emulator.Fault{before}, until((*acctest.Running).KillProvider)},
			{call.name("killed_after"), []emulator.Fault{after}, until((*acctest.Running).KillProvider)},
		}
		switch {
		case call.creates():
			ofCall = ofCall[:3]
		case slices.Contains(b.change.Unsaved, call.rpc):
			ofCall = ofCall[:2]
		}
		if !whole {
			at := turn % len(ofCall)
			turn++
			ofCall = ofCall[at : at+1]
		}
		cases = append(cases, ofCall...)
	}
	return cases
}

// creates reports whether the call creates an object.
func (c call) creates() bool {
	return strings.HasPrefix(c.rpc, "Create") || strings.HasSuffix(c.rpc, ".create")
}

// until applies or destroys, and does something to it at the fault.
func until(do func(*acctest.Running)) func(*acctest.Workspace, string) (string, error) {
	return func(w *acctest.Workspace, resources string) (string, error) {
		if resources == "" {
			return w.UntilFault("destroy", do)
		}
		w.Write(resources)
		return w.UntilFault("apply", do)
	}
}
