package acctest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Program is an emulator in a process of its own, which a test can kill and run out of disk space.
type Program struct {
	t         *testing.T
	path      string
	stateFile string
	address   string

	process *exec.Cmd
}

// StartProgram builds the emulator and starts it with a state file. Under make testacc the test is skipped.
func StartProgram(t *testing.T) *Program {
	t.Helper()
	if os.Getenv(realEnvironmentVariable) != "" {
		t.Skip("needs the emulator")
	}
	folder := t.TempDir()
	p := &Program{
		t: t, path: filepath.Join(folder, "scalekit-emulator"), stateFile: filepath.Join(folder, "state.json"),
		address: "127.0.0.1:0",
	}
	build := exec.Command("go", "build", "-o", p.path, "github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/cmd/scalekit-emulator")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the emulator: %v\n%s", err, output)
	}
	p.Start()
	return p
}

// serving is where the program says that it listens.
var serving = regexp.MustCompile(`SCALEKIT_ENVIRONMENT_URL='http://(.*)'`)

// Start starts the program again after Kill, at the same address.
func (p *Program) Start() {
	p.t.Helper()
	var stdout, stderr output
	process := exec.Command(p.path, "--listen", p.address, "--state", p.stateFile)
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.process = process
	p.t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	for range 3_000 {
		if found := serving.FindStringSubmatch(stdout.String()); found != nil {
			p.address = found[1]
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("the emulator does not start: %s", stderr.String())
}

// Kill ends the process as kill -9 does.
func (p *Program) Kill() {
	p.t.Helper()
	if err := p.process.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.process.Wait()
}

// PID is the process's id.
func (p *Program) PID() int { return p.process.Process.Pid }

// StateSize is how many bytes the state file has.
func (p *Program) StateSize() int64 {
	p.t.Helper()
	info, err := os.Stat(p.stateFile)
	if err != nil {
		p.t.Fatal(err)
	}
	return info.Size()
}

// Counts is how many objects of each kind there are.
func (p *Program) Counts() map[string]int {
	p.t.Helper()
	resp, err := http.Get(fmt.Sprintf("http://%s/_emulator/counts", p.address))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	counts := map[string]int{}
	if err := json.NewDecoder(resp.Body).Decode(&counts); err != nil {
		p.t.Fatal(err)
	}
	return counts
}

// Env is the environment that the program serves.
func (p *Program) Env() *Env {
	env := &Env{
		Providers: providers(), url: "http://" + p.address,
		clientID: emulator.DefaultClientID, clientSecret: emulator.DefaultClientSecret,
	}
	env.settings = env.Provider("")
	return env
}

// output is what a process writes while a test reads it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(part []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(part)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
