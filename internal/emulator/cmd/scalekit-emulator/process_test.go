package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// programVariable makes this test program the emulator's, so that tests can do to a process what they would not survive
// themselves.
const programVariable = "SCALEKIT_EMULATOR_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) == "" {
		os.Exit(m.Run())
	}
	main()
}

// program is the emulator as a process of its own.
type program struct {
	*exec.Cmd
	url            string
	stdout, stderr buffer
}

// startProgram starts the emulator on a free port and waits until it serves.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(os.Args[0], append([]string{"--listen", "127.0.0.1:0"}, args...)...)}
	p.Env = append(os.Environ(), programVariable+"=1")
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	serving := regexp.MustCompile(`SCALEKIT_ENVIRONMENT_URL='(.*)'`)
	for range 3_000 {
		if found := serving.FindStringSubmatch(p.stdout.String()); found != nil {
			p.url = found[1]
			return p
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the emulator does not start: %s", p.stderr.String())
	return nil
}

// kill ends the process as kill -9 does.
func (p *program) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// tells fails the test unless the program says something so many times on its standard error, which reaches the test with
// some delay.
func (p *program) tells(t *testing.T, text string, times int) {
	t.Helper()
	for range 500 {
		if strings.Count(p.stderr.String(), text) >= times {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if told := strings.Count(p.stderr.String(), text); told != times {
		t.Errorf("%q is said %d times, want %d:\n%s", text, told, times, p.stderr.String())
	}
}

// create makes an organization, and reports whether the emulator has confirmed that.
func (p *program) create(name string) (confirmed bool, answer string) {
	seed := fmt.Sprintf(`{"organizations": [{"display_name": %q}]}`, name)
	resp, err := http.Post(p.url+"/_emulator/seed", "application/json", strings.NewReader(seed))
	if err != nil {
		return false, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode == http.StatusNoContent, string(body)
}

// organizations are the names in a state file.
func organizations(t *testing.T, file string) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Tables struct {
			Organizations []struct {
				Value struct{ DisplayName string }
			}
		}
	}
	if err := json.NewDecoder(bytes.NewReader(content)).Decode(&state); err != nil {
		t.Fatalf("the state file is damaged: %v\n%s", err, content)
	}
	names := map[string]bool{}
	for _, one := range state.Tables.Organizations {
		names[one.Value.DisplayName] = true
	}
	return names
}

// However often the emulator is killed in the middle of its work, its state file is whole, and has every change that was
// confirmed.
func TestKilledProgram(t *testing.T) {
	t.Parallel()
	const kills, clients = 50, 3
	file := filepath.Join(t.TempDir(), "state.json")
	asked, confirmed := map[string]bool{}, map[string]bool{}
	for round := range kills {
		p := startProgram(t, "--state", file)
		// One change for sure, and then any number until the kill.
		name := fmt.Sprint("first of ", round)
		asked[name] = true
		if ok, answer := p.create(name); !ok {
			t.Fatalf("kill %d: the state of the one before is of no use: %s", round, answer)
		}
		confirmed[name] = true
		var mu sync.Mutex
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("%d.%d.%d", round, client, i)
					mu.Lock()
					asked[name] = true
					mu.Unlock()
					if ok, _ := p.create(name); !ok {
						return
					}
					mu.Lock()
					confirmed[name] = true
					mu.Unlock()
				}
			})
		}
		time.Sleep(rand.N(50 * time.Millisecond))
		p.kill()
		all.Wait()

		kept := organizations(t, file)
		for name := range confirmed {
			if !kept[name] {
				t.Fatalf("kill %d: organization %s was confirmed and is not in the state file", round, name)
			}
		}
		for name := range kept {
			if !asked[name] {
				t.Fatalf("kill %d: organization %q is in the state file, and nobody has made it", round, name)
			}
		}
	}
	t.Logf("%d kills, %d changes confirmed of %d", kills, len(confirmed), len(asked))

	// What a killed emulator has not finished goes when the next one begins.
	startProgram(t, "--state", file)
	if left, err := filepath.Glob(file + "*"); err != nil || len(left) != 1 {
		t.Errorf("files %v (%v), want the state alone", left, err)
	}
}
