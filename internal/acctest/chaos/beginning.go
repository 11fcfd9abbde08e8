package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// beginning is where a change begins, and what it does undisturbed.
type beginning struct {
	matrix
	change                        Change
	url                           string // where the environment was that the states are of
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
	env := acctest.StartEmulator(t, emulator.Options{Seed: m.seed, StateFile: emulatorFile})
	workspace := env.Workspace(t)
	workspace.OneByOne = m.oneByOne
	if change.Before != "" {
		if output, err := workspace.ApplyResources(change.Before); err != nil {
			t.Fatalf("the configuration before does not apply: %v\n%s", err, output)
		}
	}
	start := &beginning{matrix: m, change: change, url: env.URL()}
	start.emulatorState = read(t, emulatorFile)
	start.terraformState = read(t, workspace.StateFile())

	env.Emulator.ResetRequests()
	if output, err := workspace.ApplyResources(change.After); err != nil {
		t.Fatalf("the change does not apply undisturbed: %v\n%s", err, output)
	}
	start.calls = callsOf(env.Emulator.Requests(), change.Tokens)
	if change.After != "" {
		workspace.MustBeClean()
	}
	var labels labels
	start.objects, labels = readObjects(t, env, emulatorFile)
	start.states, start.withNotes = readStates(t, workspace.StateFile(), labels)
	start.resourceTypes = resourceTypes(t, start.terraformState, read(t, workspace.StateFile()))
	return start
}

// restore makes an environment and a workspace as they were when the change began.
func (b *beginning) restore(t *testing.T) *disturbed {
	t.Helper()
	d := &disturbed{emulatorFile: filepath.Join(t.TempDir(), "emulator.json")}
	write(t, d.emulatorFile, b.emulatorState)
	d.env = acctest.StartEmulator(t, emulator.Options{StateFile: d.emulatorFile})
	d.env.MoveFrom(b.url)
	if b.workspace == nil {
		d.workspace = d.env.Workspace(t)
		d.workspace.Configure(d.env.Provider(fmt.Sprintf("request_timeout = %q\n  max_retries = 1", attemptTimeout)))
	} else {
		d.workspace, d.ownProcess = b.workspace(t, d.env), true
	}
	d.workspace.OneByOne = b.oneByOne
	d.workspace.Write(b.change.Before)
	if b.terraformState != nil {
		write(t, d.workspace.StateFile(), b.terraformState)
	}
	return d
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
