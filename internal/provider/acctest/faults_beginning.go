package acctest

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// beginning is where a change begins, and what it does undisturbed.
type beginning struct {
	matrix
	change                        Change
	emulatorState, terraformState []byte
	calls                         []call
	objects, states, withNotes    texts
	resourceTypes                 []string
}

// preparation is serialised: it runs before the parallel part of the matrix, on files of its own.
var preparation sync.Mutex

func (m matrix) prepare(t *testing.T, change Change) *beginning {
	t.Helper()
	preparation.Lock()
	defer preparation.Unlock()
	emulatorFile := filepath.Join(t.TempDir(), "emulator.json")
	env := StartEmulator(t, emulator.Options{Seed: m.seed, StateFile: emulatorFile})
	workspace := env.Workspace(t)
	workspace.oneByOne = m.oneByOne
	if change.Before != "" {
		if output, err := workspace.apply(change.Before); err != nil {
			t.Fatalf("the configuration before does not apply: %v\n%s", err, output)
		}
	}
	start := &beginning{matrix: m, change: change}
	start.emulatorState = read(t, emulatorFile)
	start.terraformState = read(t, workspace.stateFile())

	env.Emulator.ResetRequests()
	if output, err := workspace.apply(change.After); err != nil {
		t.Fatalf("the change does not apply undisturbed: %v\n%s", err, output)
	}
	start.calls = callsOf(env.Emulator.Requests(), change.Tokens)
	if change.After != "" {
		workspace.MustBeClean()
	}
	var labels labels
	start.objects, labels = env.readObjects(t, emulatorFile)
	start.states, start.withNotes = readStates(t, workspace.stateFile(), labels)
	start.resourceTypes = resourceTypes(t, start.terraformState, read(t, workspace.stateFile()))
	return start
}

// restore makes an environment and a workspace as they were when the change began.
func (b *beginning) restore(t *testing.T) *disturbed {
	t.Helper()
	d := &disturbed{emulatorFile: filepath.Join(t.TempDir(), "emulator.json")}
	write(t, d.emulatorFile, b.emulatorState)
	d.env = StartEmulator(t, emulator.Options{StateFile: d.emulatorFile})
	if b.workspace == nil {
		d.workspace = d.env.Workspace(t)
		d.workspace.Configure(d.env.Provider(fmt.Sprintf("request_timeout = %q\n  max_retries = 1", attemptTimeout)))
	} else {
		d.workspace, d.ownProcess = b.workspace(t, d.env), true
	}
	d.workspace.oneByOne = b.oneByOne
	d.workspace.Write(b.change.Before)
	if b.terraformState != nil {
		write(t, d.workspace.stateFile(), b.terraformState)
	}
	return d
}
