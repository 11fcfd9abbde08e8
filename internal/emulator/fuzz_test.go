package emulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// fuzzSeed has an object of every kind that a seed can make, with ids that are known.
const fuzzSeed = `{"permissions": [{"name": "billing:read"}],
 "roles": [{"name": "engineer", "display_name": "Engineer", "permissions": ["billing:read"]}],
 "organizations": [{"id": "org_1",
   "display_name": "Globex", "external_id": "globex", "metadata": {"plan": "enterprise"}, "region_code": "EU", "slug": "globex",
   "features": {"sso": true, "dir_sync": true},
   "session_policy": {"absolute_session_timeout": 8, "absolute_session_timeout_unit": "HOURS"},
   "user_management": {"max_allowed_users": 5},
   "domains": [{"id": "dom_1", "domain": "globex.example"}],
   "connections": [{"id": "conn_1", "provider": "OKTA", "type": "OIDC"}],
   "roles": [{"name": "globex_admin", "display_name": "Globex admin", "extends": "engineer"}],
   "users": [{"id": "usr_12345678901234567", "email": "hank@globex.example", "given_name": "Hank", "family_name": "Scorpio", "roles": ["member"]}],
   "directories": [{"id": "dir_1", "directory_provider": "OKTA",
     "groups": [{"id": "dirgroup_1", "display_name": "Engineering"}],
     "users": [{"id": "diruser_1", "email": "ada@globex.example", "given_name": "Ada", "family_name": "L", "groups": ["Engineering"]}],
     "role_assignments": {"Engineering": "engineer"}}]}],
 "webhook_endpoints": [{"id": "ep_1", "url": "http://192.0.2.1/hook", "filterTypes": ["organization.created"]}]}`

// full is an environment with the objects of fuzzSeed.
func full(tb testing.TB) *Emulator {
	tb.Helper()
	seed, err := ParseSeed(strings.NewReader(fuzzSeed))
	if err != nil {
		tb.Fatal(err)
	}
	e, err := New(Options{Seed: seed, WebhookRetry: []time.Duration{}})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// mustLast fails the test unless the environment's state can be kept: read again, it is the same.
func mustLast(t *testing.T, e *Emulator) {
	t.Helper()
	written, err := e.store.Encode()
	if err != nil {
		t.Fatalf("the state cannot be written: %v", err)
	}
	again, err := assemble(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.store.Decode(written); err != nil {
		t.Fatalf("the state cannot be read again: %v\n%s", err, written)
	}
	rewritten, err := again.store.Encode()
	if err != nil || !bytes.Equal(rewritten, written) {
		t.Fatalf("the state changes when it is read again (%v):\n%s\n%s", err, written, rewritten)
	}
}

func FuzzSeed(f *testing.F) {
	f.Add([]byte(fuzzSeed))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"organizations": [{"display_name": "A", "users": [{"email": "a@b.example"}, {"email": "A@B.example"}]}]}`))
	f.Add([]byte(`{"organizations": [{"id": "org_9223372036854775807", "display_name": "Late"}, {"display_name": "Next"}]}`))
	f.Add([]byte(`{"organizations": null, "roles": [{"name": "a", "display_name": "A", "extends": "a"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		seed, err := ParseSeed(bytes.NewReader(content))
		if err != nil {
			return
		}
		e, err := New(Options{Seed: seed})
		if err != nil {
			if isInternal(err) {
				t.Fatalf("a defect: %v", err)
			}
			return
		}
		mustLast(t, e)
		mustServe(t, e)
	})
}

func FuzzStateFile(f *testing.F) {
	state, err := full(f).store.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(`{"version":1,"last_tick":0,"tables":{}}`))
	f.Add([]byte(`{"version":1,"last_tick":9223372036854775807}`))
	f.Add([]byte(`{"version":1,"tables":{"organizations":[{"id":"org_1","sequence":18446744073709551615,"value":{"id":"org_1"}}]}}`))
	f.Add([]byte(`{"version":1,"tables":{"webhook_endpoints":[{"id":"ep_1","sequence":1,"value":{"id":"ep_1","url":7}}]}}`))
	f.Add([]byte(`{"version":1,"tables":{"domains":[{"id":"dom_1","parent":"org_1","sequence":1,"value":{"id":"dom_1"}}]}}`))
	f.Add(state[:len(state)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		e, err := assemble(Options{WebhookRetry: []time.Duration{}})
		if err != nil {
			t.Fatal(err)
		}
		if e.store.Decode(content) == nil {
			mustLast(t, e)
			mustServe(t, e)
		}
	})
}

func FuzzFaults(f *testing.F) {
	f.Add([]byte(`[{"rpc": "CreateOrganization", "kind": "error_after", "code": "INTERNAL", "retry_after": "2s", "skip": 1, "count": -1}]`))
	f.Add([]byte(`[{"rpc": "svix.*", "kind": "delay_before", "delay": "1.5h"}, {"rpc": "*", "kind": "hang"}]`))
	f.Add([]byte(`[{"rpc": "*", "kind": "delay_after", "delay": "-9223372036854775808ns"}]`))
	f.Add([]byte(`[{"rpc": "/scalekit.v1.organizations.OrganizationService/CreateOrganization", "kind": "drop_after"}]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		faults, err := ParseFaults(content)
		if err != nil {
			return
		}
		set := newFaultSet()
		if set.set(faults) != nil {
			return
		}
		shown, err := json.Marshal(set.list())
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseFaults(shown)
		if err != nil {
			t.Fatalf("faults as they are shown cannot be set: %v\n%s", err, shown)
		}
		if reshown, err := json.Marshal(again); err != nil || !bytes.Equal(shown, reshown) {
			t.Fatalf("faults change when they are set again (%v):\n%s\n%s", err, shown, reshown)
		}
	})
}

func FuzzTokenRequest(f *testing.F) {
	const form = "application/x-www-form-urlencoded"
	f.Add("POST", form, "grant_type=client_credentials&client_id=skc_emulator&client_secret=emulator-secret")
	f.Add("POST", form, "grant_type=client_credentials&client_id=%zz&client_secret=%00")
	f.Add("POST", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\na\r\n--x--")
	f.Add("GET", "", "")
	e := full(f)
	right := url.Values{"grant_type": {"client_credentials"}, "client_id": {DefaultClientID}, "client_secret": {DefaultClientSecret}}
	f.Fuzz(func(t *testing.T, method, contentType, body string) {
		answer := send(e, method, "/oauth/token", []byte(body), "Content-Type", contentType)
		var reply struct {
			Token string `json:"access_token"`
			Error string `json:"error"`
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &reply); err != nil {
			t.Fatalf("status %d, not JSON: %q", answer.Code, answer.Body)
		}
		got, err := url.ParseQuery(body)
		deserved := err == nil && method == http.MethodPost && got.Get("grant_type") == right.Get("grant_type") &&
			got.Get("client_id") == DefaultClientID && got.Get("client_secret") == DefaultClientSecret
		if granted := answer.Code == http.StatusOK; granted != (reply.Token != "") || granted == (reply.Error != "") || granted && !deserved {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
		if answer.Code >= http.StatusInternalServerError {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
	})
}

// send makes a request of the environment's handler, without a network. A connection that is dropped has status 0.
func send(e *Emulator, method, path string, body []byte, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", bytes.NewReader(body))
	r.Method, r.URL.Path = method, path
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	func() {
		defer func() {
			if reason := recover(); reason != nil && reason != http.ErrAbortHandler { //nolint:errorlint // It is that very value.
				panic(reason)
			}
		}()
		e.Handler().ServeHTTP(answer, r)
	}()
	return answer
}
