package acctest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// attemptTimeout is the request_timeout of a workspace under faults, and delay is what exceeds it.
const (
	attemptTimeout = 400 * time.Millisecond
	delay          = 600 * time.Millisecond
)

// Change is an apply that faults are to disturb.
type Change struct {
	// Name is the change's, such as "create".
	Name string
	// Before is the configuration that stands when the change begins; empty for an empty workspace.
	Before string
	// After is the configuration to apply; empty destroys everything.
	After string
	// Leftovers are the kinds of objects of which a disturbed apply may leave more than an undisturbed one, since the API
	// has no way to delete them.
	Leftovers []string
	// Tokens says that the requests for access tokens are disturbed as well. They are the same whatever is applied.
	Tokens bool
}

// faultKinds are the faults of the matrix, each once and then for as long as the apply takes.
var faultKinds = []emulator.FaultKind{
	emulator.FaultErrorBefore, emulator.FaultErrorAfter, emulator.FaultDropBefore, emulator.FaultDropAfter,
	emulator.FaultDelayBefore, emulator.FaultDelayAfter,
}

// kindsFor are the faults that differ for a call: before and after the effect are the same for one without an effect.
func kindsFor(rpc string) []emulator.FaultKind {
	for _, prefix := range []string{"Get", "List", "oauth/token"} {
		if strings.HasPrefix(rpc, prefix) {
			return []emulator.FaultKind{emulator.FaultErrorBefore, emulator.FaultDropBefore, emulator.FaultDelayBefore}
		}
	}
	return faultKinds
}

// FaultMatrix applies each change once undisturbed, to learn the calls that it makes, and then once for each fault at
// each of these calls. After every disturbed apply, which may fail, the next one has to succeed, leave exactly the
// objects of the undisturbed apply, and be followed by an empty plan.
func FaultMatrix(t *testing.T, seed *emulator.Seed, changes []Change) {
	var injected, applies, failed, needed atomic.Int64
	t.Run("matrix", func(t *testing.T) {
		for _, change := range changes {
			t.Run(change.Name, func(t *testing.T) {
				t.Parallel()
				start := prepare(t, seed, change)
				for _, call := range start.calls {
					for _, kind := range kindsFor(call.rpc) {
						for _, lasting := range []bool{false, true} {
							fault := emulator.Fault{RPC: call.rpc, Kind: kind, Skip: call.nth}
							if kind == emulator.FaultDelayBefore || kind == emulator.FaultDelayAfter {
								fault.Delay = delay
							}
							name := fmt.Sprintf("%s_%d/%s", call.rpc, call.nth+1, kind)
							if lasting {
								fault.Count = -1
								name += "_lasting"
							}
							t.Run(name, func(t *testing.T) {
								t.Parallel()
								env, workspace := start.restore(t)
								if err := env.Emulator.SetFaults([]emulator.Fault{fault}); err != nil {
									t.Fatal(err)
								}
								disturbed, err := workspace.apply(change.After)
								applies.Add(1)
								if err != nil {
									failed.Add(1)
								}
								injected.Add(int64(env.Emulator.InjectedFaults()))
								if env.Emulator.InjectedFaults() == 0 {
									t.Errorf("the fault was not injected:\n%s", disturbed)
								}
								if err := env.Emulator.SetFaults(nil); err != nil {
									t.Fatal(err)
								}
								// The next apply is an ordinary one: its attempts have time, however busy the machine is.
								workspace.Configure(env.settings)
								workspace.Write(start.configuration)
								if output, err := workspace.apply(change.After); err != nil {
									needed.Add(1)
									t.Fatalf("the next apply fails: %v\n%s\nThe disturbed apply said:\n%s", err, output, disturbed)
								}
								counts := env.Emulator.Counts()
								for _, kind := range change.Leftovers {
									counts[kind] = start.counts[kind]
								}
								if !maps.Equal(counts, start.counts) {
									t.Errorf("the environment has %v, and should have %v\nThe disturbed apply said:\n%s", counts, start.counts, disturbed)
								}
								if change.After != "" {
									workspace.MustBeClean()
								}
							})
						}
					}
				}
			})
		}
	})
	t.Logf("fault matrix: %d faults injected into %d applies, of which %d failed; %d needed a hand afterwards",
		injected.Load(), applies.Load(), failed.Load(), needed.Load())
}

// nthCall is the nth call of an RPC, counted from zero.
type nthCall struct {
	rpc string
	nth int
}

// beginning is where a change begins, and what it does undisturbed.
type beginning struct {
	configuration                 string
	emulatorState, terraformState []byte
	calls                         []nthCall
	counts                        map[string]int
}

// preparation is serialised: it runs before the parallel part of the matrix, on files of its own.
var preparation sync.Mutex

func prepare(t *testing.T, seed *emulator.Seed, change Change) beginning {
	t.Helper()
	preparation.Lock()
	defer preparation.Unlock()
	stateFile := filepath.Join(t.TempDir(), "emulator.json")
	env := StartEmulator(t, emulator.Options{Seed: seed, StateFile: stateFile})
	workspace := env.Workspace(t)
	if change.Before != "" {
		if output, err := workspace.apply(change.Before); err != nil {
			t.Fatalf("the configuration before does not apply: %v\n%s", err, output)
		}
	}
	start := beginning{configuration: change.Before}
	start.emulatorState = read(t, stateFile)
	start.terraformState = read(t, workspace.stateFile())

	env.Emulator.ResetRequests()
	if output, err := workspace.apply(change.After); err != nil {
		t.Fatalf("the change does not apply undisturbed: %v\n%s", err, output)
	}
	seen := map[string]int{}
	for _, request := range env.Emulator.Requests() {
		if request.RPC == "oauth/token" && !change.Tokens {
			continue
		}
		start.calls = append(start.calls, nthCall{request.RPC, seen[request.RPC]})
		seen[request.RPC]++
	}
	start.counts = env.Emulator.Counts()
	return start
}

// restore makes an environment and a workspace as they were when the change began.
func (b beginning) restore(t *testing.T) (*Env, *Workspace) {
	t.Helper()
	stateFile := filepath.Join(t.TempDir(), "emulator.json")
	write(t, stateFile, b.emulatorState)
	env := StartEmulator(t, emulator.Options{StateFile: stateFile})
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider(fmt.Sprintf("request_timeout = %q\n  max_retries = 2", attemptTimeout)))
	workspace.Write(b.configuration)
	if b.terraformState != nil {
		write(t, workspace.stateFile(), b.terraformState)
	}
	return env, workspace
}

// read returns a file's content, nil if there is none.
func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
