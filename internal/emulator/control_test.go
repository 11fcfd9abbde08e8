package emulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// control makes a control request, and decodes a reply of the wanted status into out, which may be nil.
func (env *environment) control(t *testing.T, method, path, body string, status int, out any) {
	t.Helper()
	got, reply := env.do(t, method, "/_emulator/"+path, "", body)
	if got != status {
		t.Errorf("%s %s: %d %s, want %d", method, path, got, reply, status)
		return
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal([]byte(reply), out); err != nil {
		t.Errorf("%s %s: %s: %v", method, path, reply, err)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})

	var index struct {
		Paths map[string]string `json:"paths"`
	}
	env.control(t, "GET", "", "", 200, &index)
	for _, path := range []string{
		"POST /_emulator/reset", "POST /_emulator/seed", "GET /_emulator/requests", "DELETE /_emulator/requests",
		"GET /_emulator/counts", "GET /_emulator/faults", "PUT /_emulator/faults", "DELETE /_emulator/faults",
		"POST /_emulator/tokens/revoke",
	} {
		if index.Paths[path] == "" {
			t.Errorf("the index has no %s", path)
		}
	}

	env.control(t, "POST", "seed", seedText, 204, nil)
	var counts map[string]int
	env.control(t, "GET", "counts", "", 200, &counts)
	if counts["organizations"] != 2 {
		t.Errorf("counts %v, want 2 organizations", counts)
	}

	var faults struct {
		Faults   []map[string]any `json:"faults"`
		Injected int              `json:"injected"`
	}
	env.control(t, "PUT", "faults", `[
		{"rpc": "CreateOrganization", "kind": "rate_limit", "retry_after": "2s"},
		{"rpc": "*", "kind": "delay_before", "delay": "1.5s", "skip": 9, "count": -1}
	]`, 200, nil)
	if _, err := env.tryCreate(t, "Acme"); err == nil {
		t.Error("the fault does not work")
	}
	env.control(t, "GET", "faults", "", 200, &faults)
	if faults.Injected != 1 || len(faults.Faults) != 1 ||
		faults.Faults[0]["delay"] != "1.5s" || faults.Faults[0]["skip"] != 8.0 {
		t.Errorf("faults %+v, want the second to wait", faults)
	}
	env.control(t, "DELETE", "faults", "", 204, nil)
	env.control(t, "GET", "faults", "", 200, &faults)
	if len(faults.Faults) != 0 {
		t.Errorf("faults %+v, want none", faults)
	}

	var requests struct {
		Requests []struct {
			RPC, Path, Code, Protocol, Duration, Fault string
			RequestID                                  string `json:"request_id"`
			UserAgent                                  string `json:"user_agent"`
		} `json:"requests"`
	}
	env.control(t, "GET", "requests", "", 200, &requests)
	if len(requests.Requests) != 2 {
		t.Fatalf("requests %+v, want the token and the create", requests)
	}
	token, create := requests.Requests[0], requests.Requests[1]
	if token.RPC != "oauth/token" || token.Path != "/oauth/token" || token.Code != "200" {
		t.Errorf("token request %+v", token)
	}
	if create.RPC != "CreateOrganization" || create.Code != "RESOURCE_EXHAUSTED" || create.Fault != "rate_limit" ||
		create.RequestID == "" || create.Duration == "" || !strings.Contains(create.UserAgent, "connect") {
		t.Errorf("create request %+v", create)
	}
	if _, log := env.do(t, "GET", "/_emulator/requests", "", ""); strings.Contains(log, env.token) ||
		strings.Contains(log, emulator.DefaultClientSecret) {
		t.Error("the request log has credentials")
	}
	var calls map[string]map[string]int
	env.control(t, "GET", "requests/counts", "", 200, &calls)
	if len(calls) != 2 || calls["oauth/token"]["200"] != 1 || calls["CreateOrganization"]["RESOURCE_EXHAUSTED"] != 1 {
		t.Errorf("counts %v, want the token and the create", calls)
	}
	env.control(t, "DELETE", "requests", "", 204, nil)
	if got := env.RequestCounts(); len(got) != 0 {
		t.Errorf("counts %v, want none", got)
	}
	if got := len(env.Requests()); got != 0 {
		t.Errorf("%d requests, want none", got)
	}

	env.control(t, "POST", "tokens/revoke", "", 204, nil)
	if _, err := env.tryCreate(t, "Acme"); err == nil {
		t.Error("the token still works")
	}

	if err := env.SetFaults([]emulator.Fault{{RPC: "*", Kind: "hang"}}); err != nil {
		t.Fatal(err)
	}
	env.control(t, "POST", "reset", "", 204, nil)
	env.control(t, "GET", "faults", "", 200, &faults)
	if env.Counts()["organizations"] != 0 || len(env.Requests()) != 0 || faults.Injected != 0 || len(faults.Faults) != 0 {
		t.Errorf("after a reset: %v, %d requests, %+v", env.Counts(), len(env.Requests()), faults)
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "nothing", "", http.StatusNotFound, "no such control path"},
		{"POST", "", "", http.StatusMethodNotAllowed, "GET only"},
		{"GET", "reset", "", http.StatusMethodNotAllowed, "POST only"},
		{"PATCH", "faults", "", http.StatusMethodNotAllowed, "DELETE, GET, PUT only"},
		{"POST", "seed", "", http.StatusBadRequest, "too early"},
		{"POST", "seed", `{"organizations": [{"nam": 1}]}`, http.StatusBadRequest, "organizations[0].nam: unknown field"},
		{"POST", "seed", `{"organizations": [{"display_name": ""}]}`, http.StatusBadRequest, "organizations[0]"},
		{"PUT", "faults", `{}`, http.StatusBadRequest, "not an array"},
		{"PUT", "faults", `[{"rpc": "*", "kind": "hang", "wait": 1}]`, http.StatusBadRequest, "[0].wait: unknown field"},
		{"PUT", "faults", `[{"rpc": "*", "kind": "delay_after", "delay": 5}]`, http.StatusBadRequest, "[0].delay: 5 is not a duration"},
		{"PUT", "faults", `[{"rpc": "*", "kind": "delay_after", "delay": "5"}]`, http.StatusBadRequest, `[0].delay: "5" is not a duration`},
		{"PUT", "faults", `[{"rpc": "*", "kind": "melt"}]`, http.StatusBadRequest, "faults[0].kind"},
		{"PUT", "faults", strings.Repeat(" ", 5<<20), http.StatusRequestEntityTooLarge, "larger than"},
	} {
		var reply struct {
			Error string `json:"error"`
		}
		env.control(t, test.method, test.path, test.body, test.status, &reply)
		if !strings.Contains(reply.Error, test.want) {
			t.Errorf("%s %s: %q, want %q", test.method, test.path, reply.Error, test.want)
		}
	}
}
