package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer is an output that a test reads while the program writes.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed := filepath.Join(dir, "seed.json")
	if err := os.WriteFile(seed, []byte(`{"organizations": [{"display_name": "Globex"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state.json")
	args := []string{
		"--listen", "127.0.0.1:0", "--client-secret", "it's", "--state", state, "--seed", seed, "--rate-limit", "100",
		"--latency", "1ms", "--faults", `[{"rpc": "*", "kind": "hang"}]`,
	}
	for _, note := range []string{"", "the seed is not applied"} { // The second time there is a state.
		ctx, stop := context.WithCancel(t.Context())
		t.Cleanup(stop)
		var stdout, stderr buffer
		ended := make(chan int, 1)
		go func() { ended <- run(ctx, args, &stdout, &stderr) }()

		exports := regexp.MustCompile(`^export SCALEKIT_ENVIRONMENT_URL='(http://127\.0\.0\.1:\d+)'
export SCALEKIT_CLIENT_ID='skc_emulator'
export SCALEKIT_CLIENT_SECRET='it'\\''s'
$`)
		var found []string
		for i := 0; i < 500 && found == nil; i++ {
			time.Sleep(10 * time.Millisecond)
			found = exports.FindStringSubmatch(stdout.String())
		}
		if found == nil {
			t.Fatalf("standard output %q, error %q", stdout.String(), stderr.String())
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, found[1]+"/_emulator/counts", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(resp.Body)
		_ = resp.Body.Close()
		if !strings.Contains(body.String(), `"organizations":1`) {
			t.Errorf("counts %s, want one organization", body.String())
		}
		stop()
		if code := <-ended; code != 0 || !strings.Contains(stderr.String(), note) {
			t.Errorf("exit %d, standard error %q, want %q", code, stderr.String(), note)
		}
		if !exports.MatchString(stdout.String()) {
			t.Errorf("standard output %q has more than the exports", stdout.String())
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"planets": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--help"}, 0, "Usage: scalekit-emulator"},
		{[]string{"-h"}, 0, "--faults FILE|JSON"},
		{[]string{"--nothing"}, 2, "not defined"},
		{[]string{"extra"}, 2, `unexpected argument "extra"`},
		{[]string{"--latency", "fast"}, 2, "invalid value"},
		{[]string{"--client-id", ""}, 2, "cannot be empty"},
		{[]string{"--seed", filepath.Join(dir, "none")}, 2, "--seed"},
		{[]string{"--seed", bad}, 2, "planets: unknown field"},
		{[]string{"--faults", bad}, 2, "--faults"},
		{[]string{"--faults", filepath.Join(dir, "none")}, 2, "--faults"},
		{[]string{"--faults", `[{"rpc": "*", "kind": "melt"}]`}, 1, "melt"},
		{[]string{"--state", bad}, 1, "bad.json is damaged"},
		{[]string{"--rate-limit", "-1"}, 1, "rate limit"},
		{[]string{"--listen", "0.0.0.0:0"}, 1, "--allow-non-loopback"},
		{[]string{"--listen", ":0"}, 1, "every address of this machine"},
		{[]string{"--listen", "[::]:0"}, 1, "can read and change everything"},
		{[]string{"--listen", "example.com:0"}, 1, "--allow-non-loopback"},
		{[]string{"--listen", "127.0.0.1"}, 1, "missing port"},
		{[]string{"--listen", "127.0.0.1:99999"}, 1, "99999"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), test.args, &stdout, &stderr); code != test.code || !strings.Contains(stderr.String(), test.want) {
			t.Errorf("%q: exit %d, %q; want %d, %q", test.args, code, stderr.String(), test.code, test.want)
		}
		if stdout.Len() > 0 {
			t.Errorf("%q: standard output %q", test.args, stdout.String())
		}
	}
}
