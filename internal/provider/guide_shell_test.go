package provider_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

// TestMain lets this program stand in for the curl of the guides: a fresh machine may have none.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "curl" {
		if err := curl(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "curl:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// curl sends one request, given as curl [-X METHOD] URL [-d BODY] or [-d @FILE], and fails with its status.
func curl(arguments []string) error {
	method, url, body := http.MethodGet, "", ""
	for len(arguments) > 0 {
		var next string
		next, arguments = arguments[0], arguments[1:]
		switch {
		case next == "-X" && len(arguments) > 0:
			method, arguments = arguments[0], arguments[1:]
		case next == "-d" && len(arguments) > 0:
			body, arguments = arguments[0], arguments[1:]
		case strings.HasPrefix(next, "-"):
			return fmt.Errorf("this stand-in knows no %s", next)
		default:
			url = next
		}
	}
	if name, isFile := strings.CutPrefix(body, "@"); isFile {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		body = string(content)
	}
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, err := io.Copy(os.Stdout, reply.Body); err != nil {
		return err
	}
	if reply.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s", method, url, reply.Status)
	}
	return nil
}

// tools are the programs that a reader of a guide has: terraform, the emulator, curl, and a provider that init finds.
type tools struct{ programs, cliConfig string }

// installTools builds provider and emulator as they are shipped.
func installTools(t *testing.T) tools {
	t.Helper()
	folder := t.TempDir()
	installed := tools{programs: filepath.Join(folder, "bin"), cliConfig: filepath.Join(folder, "cli.tfrc")}
	const provider = "mirror/%s/scalekit-inc/scalekit/0.1.0/%s_%s/terraform-provider-scalekit_v0.1.0"
	first := filepath.Join(folder, fmt.Sprintf(provider, "registry.terraform.io", runtime.GOOS, runtime.GOARCH))
	second := filepath.Join(folder, fmt.Sprintf(provider, "registry.opentofu.org", runtime.GOOS, runtime.GOARCH))
	for output, source := range map[string]string{first: "../..", filepath.Join(folder, "emulator"): "../emulator/cmd/scalekit-emulator"} {
		if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", output, source).CombinedOutput(); err != nil {
			t.Fatalf("go build %s: %v\n%s", source, err, text)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, parent := range []string{filepath.Dir(second), installed.programs} {
		if err := os.MkdirAll(parent, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// Every guide has an emulator of its own, at a port of its own, which ends with its test.
	program(t, filepath.Join(installed.programs, "scalekit-emulator"), `echo $$ >>"$EMULATORS"; exec '`+folder+`/emulator' --listen "$EMULATOR_ADDRESS" "$@"`)
	for link, target := range map[string]string{
		second: first,
		filepath.Join(installed.programs, "terraform"): acctest.CLI(t),
		filepath.Join(installed.programs, "curl"):      self,
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	write(t, installed.cliConfig, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(folder, "mirror")))
	return installed
}

// program writes a shell script.
func program(t *testing.T, path, script string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// shell is the one in which a reader types: what a block sets, starts or changes holds for the next one.
type shell struct {
	t      *testing.T
	script string
	input  io.Writer
	output *bufio.Reader
	stop   func()
	// address is where the emulator that it starts listens, and emulators the file of the process ids.
	address, emulators string
}

// blockTimeout is how long the commands of one block may take on a busy machine.
const blockTimeout = 3 * time.Minute

// endOfBlock begins the line that the shell prints after a block.
const endOfBlock = "end of block:"

// startShell starts bash in a folder. The emulators that it starts end with the test.
func startShell(t *testing.T, installed tools, folder string) *shell {
	t.Helper()
	s := &shell{t: t, script: filepath.Join(t.TempDir(), "block.sh"), address: freeAddress(t), emulators: filepath.Join(t.TempDir(), "emulators")}
	t.Cleanup(s.endEmulators)
	command := exec.Command("bash", "--noprofile", "--norc")
	command.Dir = folder
	command.Env = append(acctest.Environ(), "PATH="+installed.programs+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE="+installed.cliConfig, "TF_INPUT=0", "EMULATOR_ADDRESS="+s.address, "EMULATORS="+s.emulators)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = command.Wait() // bash ends with the status of its last command
	})
	s.input, s.output = input, bufio.NewReader(output)
	s.stop = func() {
		_ = command.Process.Kill()
		_ = output.Close() // what it has started may hold the other end
	}
	return s
}

// freeAddress is a loopback address that nobody listens at, of a port that systems do not give out by themselves: it has
// to stay free until the guide starts its emulator.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000))
		if listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address); err == nil {
			_ = listener.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// endEmulators ends the emulators that the shell has started, and waits until their address is free.
func (s *shell) endEmulators() {
	s.t.Helper()
	for _, id := range strings.Fields(readFile(s.t, s.emulators)) {
		number, err := strconv.Atoi(id)
		if err != nil {
			s.t.Fatal(err)
		}
		if process, err := os.FindProcess(number); err == nil {
			_ = process.Kill() // it may have ended
		}
	}
	write(s.t, s.emulators, "")
	for range 100 {
		connection, err := net.Dial("tcp", s.address)
		if err != nil {
			return
		}
		_ = connection.Close()
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Errorf("something still listens at %s", s.address)
}

// run runs the commands of a block. It reports what they printed, and whether one of them failed.
func (s *shell) run(commands string) (printed string, failed bool) {
	s.t.Helper()
	write(s.t, s.script, commands)
	if _, err := fmt.Fprintf(s.input, "failed=no; trap 'failed=yes' ERR; . '%s' </dev/null; trap - ERR; printf '\\n%s %%s\\n' $failed\n",
		s.script, endOfBlock); err != nil {
		s.t.Fatal(err)
	}
	defer time.AfterFunc(blockTimeout, s.stop).Stop()
	var all strings.Builder
	for {
		line, err := s.output.ReadString('\n')
		if err != nil {
			s.t.Fatalf("the shell has ended: %v\n%s\n%s", err, commands, all.String())
		}
		if status, isEnd := strings.CutPrefix(line, endOfBlock); isEnd {
			return all.String(), strings.TrimSpace(status) == "yes"
		}
		all.WriteString(line)
	}
}
