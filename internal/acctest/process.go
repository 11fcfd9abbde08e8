//go:build unix

package acctest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BuildProvider builds the provider as it is shipped, and returns the program's path. It is gone when the test ends.
func BuildProvider(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "terraform-provider-scalekit")
	build := exec.Command("go", "build", "-o", program, "github.com/scalekit-inc/terraform-provider-scalekit")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return program
}

// ProcessWorkspace makes an empty workspace whose CLI starts the provider's program, instead of using the one in this
// process.
func (e *Env) ProcessWorkspace(t *testing.T, program string) *Workspace {
	t.Helper()
	w := e.newWorkspace(t)
	// The CLI starts a script that leaves a note of its process before it becomes the provider.
	script := fmt.Sprintf("#!/bin/sh\necho $$ >>'%s'\nexec '%s' \"$@\"\n", w.processFile(), program)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, filepath.Base(program)), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, w.cliConfig(), fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    \"scalekit-inc/scalekit\" = %q\n  }\n}\n", folder))
	return w
}

func (w *Workspace) processFile() string { return filepath.Join(w.folder, "provider.pid") }

// Running is a command of the CLI that has not ended yet.
type Running struct {
	workspace *Workspace
	command   *exec.Cmd
	output    bytes.Buffer
	ended     chan error
}

// Begin starts a command of the CLI, in a process group of its own as a shell does.
func (w *Workspace) Begin(arguments ...string) *Running {
	w.t.Helper()
	r := &Running{workspace: w, command: exec.Command(w.cli, arguments...), ended: make(chan error, 1)}
	r.command.Dir, r.command.Env, r.command.Stdout, r.command.Stderr = w.folder, w.environ, &r.output, &r.output
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.command.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { r.ended <- r.command.Wait() }()
	return r
}

// Interrupt is Ctrl-C: it interrupts the CLI and the provider.
func (r *Running) Interrupt() {
	r.workspace.t.Helper()
	if err := syscall.Kill(-r.command.Process.Pid, syscall.SIGINT); err != nil {
		r.workspace.t.Fatal(err)
	}
}

// KillProvider ends the provider without a warning: the one that the CLI has started last.
func (r *Running) KillProvider() {
	r.workspace.t.Helper()
	started := strings.Fields(string(read(r.workspace.t, r.workspace.processFile())))
	if len(started) == 0 {
		r.workspace.t.Fatal("the CLI has not started the provider")
	}
	process, err := strconv.Atoi(started[len(started)-1])
	if err == nil {
		err = syscall.Kill(process, syscall.SIGKILL)
	}
	if err != nil {
		r.workspace.t.Fatal(err)
	}
}

// Wait waits for the end of the command, and returns what it printed.
func (r *Running) Wait() (string, error) {
	err := <-r.ended
	return r.output.String(), err
}

// UntilFault begins an apply or a destroy, does something as soon as a fault has been injected, such as to interrupt it,
// and waits for its end.
func (w *Workspace) UntilFault(command string, do func(*Running)) (string, error) {
	w.t.Helper()
	running := w.Begin(w.arguments(command)...)
	for w.env.Emulator.InjectedFaults() == 0 {
		select {
		case err := <-running.ended:
			return running.output.String(), err
		case <-time.After(2 * time.Millisecond):
		}
	}
	do(running)
	return running.Wait()
}

// cliPriority is what programs run at that nobody waits for.
const cliPriority = 10

// yield makes a CLI give way to this process, which is the provider and the environment of all CLIs that run at the same
// time: calls are not to time out because there are many.
func yield(process int) {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, process, cliPriority) // a help, nothing more
}
