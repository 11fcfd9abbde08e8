package emulator_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const hook = "https://hooks.acme.example/scalekit"

func TestEndpointLifecycle(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := startSvix(t, emulator.Options{Now: clock.Now})

	created := s.must(t, 201, "POST", "endpoint", object{"url": hook})
	id, _ := created["id"].(string)
	want := object{
		"id": id, "url": hook, "version": 1.0, "description": "", "disabled": false, "filterTypes": nil, "eventTypes": nil,
		"channels": nil, "rateLimit": nil, "throttleRate": nil, "metadata": object{}, "uid": nil,
		"createdAt": "2026-03-01T12:00:00.000000Z", "updatedAt": "2026-03-01T12:00:00.000000Z",
	}
	if !reflect.DeepEqual(created, want) || len(id) != len("ep_")+27 {
		t.Errorf("created %v, want %v", created, want)
	}
	path := "endpoint/" + id
	if got := s.must(t, 200, "GET", path, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}

	clock.advance(time.Minute)
	patched := s.must(t, 200, "PATCH", path, object{
		"description": "for tests", "disabled": true, "filterTypes": []string{"role.created", "role.created", "a.b"},
		"channels": []string{"b", "a"}, "rateLimit": 7, "metadata": object{"a": "b"}, "uid": "mine", "unheard": "of",
	})
	changed := object{
		"description": "for tests", "disabled": true, "filterTypes": []any{"a.b", "role.created"},
		"eventTypes": []any{"a.b", "role.created"}, "channels": []any{"a", "b"}, "rateLimit": 7.0, "throttleRate": 7.0,
		"metadata": object{"a": "b"}, "uid": "mine", "url": hook,
		"createdAt": "2026-03-01T12:00:00.000000Z", "updatedAt": "2026-03-01T12:01:00.000000Z",
	}
	for name, value := range changed {
		if !reflect.DeepEqual(patched[name], value) {
			t.Errorf("patched %s: %v, want %v", name, patched[name], value)
		}
	}
	if got := s.must(t, 200, "GET", "endpoint/mine", nil); got["id"] != id {
		t.Errorf("by uid %v", got)
	}
	cleared := s.must(t, 200, "PATCH", path, object{"eventTypes": nil, "throttleRate": nil, "channels": nil, "uid": nil})
	for _, name := range []string{"filterTypes", "eventTypes", "channels", "rateLimit", "throttleRate", "uid"} {
		if cleared[name] != nil {
			t.Errorf("cleared %s: %v", name, cleared[name])
		}
	}

	// A PUT gives what it does not send its default, and creates what is not there.
	secret := s.must(t, 200, "GET", path+"/secret", nil)
	replaced := s.must(t, 200, "PUT", path, object{"url": hook + "/2", "eventTypes": []string{"user.login"}})
	if replaced["description"] != "" || isTrue(replaced["disabled"]) || replaced["id"] != id ||
		!reflect.DeepEqual(replaced["filterTypes"], []any{"user.login"}) {
		t.Errorf("replaced %v", replaced)
	}
	if got := s.must(t, 200, "GET", path+"/secret", nil); !reflect.DeepEqual(got, secret) {
		t.Errorf("a PUT has changed the secret")
	}
	if other := s.must(t, 201, "PUT", "endpoint/ep_none", object{"url": hook}); other["id"] == "ep_none" || other["id"] == id {
		t.Errorf("created by PUT: %v", other)
	}
	if got := s.Counts()["webhook_endpoints"]; got != 2 {
		t.Errorf("%d endpoints, want 2", got)
	}

	s.must(t, 204, "DELETE", path, nil)
	for _, gone := range []struct{ method, path string }{
		{"GET", path},
		{"DELETE", path},
		{"PATCH", path},
		{"GET", path + "/secret"},
		{"GET", path + "/headers"},
		{"POST", path + "/secret/rotate"},
		{"PUT", path + "/headers"},
		{"PATCH", path + "/headers"},
		{"POST", path + "/send-example"},
	} {
		var body any
		if gone.method != "GET" && gone.method != "DELETE" {
			body = object{}
		}
		got := s.call(t, gone.method, gone.path, body)
		if got.status != 404 || got.body["code"] != "not_found" || got.body["detail"] == "" {
			t.Errorf("%v: %d %s", gone, got.status, got.text)
		}
	}
}

func TestEndpointValidation(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{})
	path := s.create(t, hook, object{"uid": "taken"})
	for _, test := range []struct {
		body object
		loc  string
	}{
		{object{}, "body url"},
		{object{"url": nil}, "body url"},
		{object{"url": ""}, "body url"},
		{object{"url": 1}, "body url"},
		{object{"url": "hooks.acme.example"}, "body url"},
		{object{"url": "https:///x"}, "body url"},
		{object{"url": "ftp://acme.example"}, "body url"},
		{object{"url": "https://acme.example/" + strings.Repeat("x", 65_536)}, "body url"},
		{object{"url": hook, "description": nil}, "body description"},
		{object{"url": hook, "description": "\x00"}, "body description"},
		{object{"url": hook, "disabled": "no"}, "body disabled"},
		{object{"url": hook, "filterTypes": []string{}}, "body filterTypes"},
		{object{"url": hook, "filterTypes": []string{"a", "a b"}}, "body filterTypes [1]"},
		{object{"url": hook, "eventTypes": []string{strings.Repeat("a", 257)}}, "body eventTypes [0]"},
		{object{"url": hook, "channels": []string{}}, "body channels"},
		{object{"url": hook, "channels": []string{strings.Repeat("a", 129)}}, "body channels [0]"},
		{object{"url": hook, "channels": strings.Split("a b c d e f g h i j k", " ")}, "body channels"},
		{object{"url": hook, "rateLimit": 0}, "body rateLimit"},
		{object{"url": hook, "throttleRate": -1}, "body throttleRate"},
		{object{"url": hook, "rateLimit": 1.5}, "body rateLimit"},
		{object{"url": hook, "metadata": object{"a": 1}}, "body metadata"},
		{object{"url": hook, "uid": "a b"}, "body uid"},
		{object{"url": hook, "uid": "ep_1"}, "body uid"},
		{object{"url": hook, "secret": "short"}, "body secret"},
		{object{"url": hook, "secret": "whsec_" + strings.Repeat("=", 32)}, "body secret"},
	} {
		got := s.call(t, "POST", "endpoint", test.body)
		if got.status != 422 || got.body["code"] != nil {
			t.Errorf("%v: %d %s", test.body, got.status, got.text)
			continue
		}
		problems, _ := got.body["detail"].([]any)
		problem, _ := problems[0].(object)
		loc := strings.Trim(fmt.Sprint(problem["loc"]), "[]")
		if strings.Trim(test.loc, "[]") != loc || problem["msg"] == "" || !strings.HasPrefix(fmt.Sprint(problem["type"]), "value_error") {
			t.Errorf("%v: %v, want %s", test.body, problem, test.loc)
		}
	}
	for _, method := range []string{"POST", "PATCH"} {
		other := s.create(t, hook, nil)
		target := map[string]string{"POST": "endpoint", "PATCH": other}[method]
		if got := s.call(t, method, target, object{"url": hook, "uid": "taken"}); got.status != 409 || got.body["code"] != "conflict" {
			t.Errorf("%s: %d %s", method, got.status, got.text)
		}
	}
	s.must(t, 200, "PATCH", path, object{"uid": "taken"}) // Its own.

	for address, kept := range map[string]string{
		"https://Hooks.Acme.example":         "https://hooks.acme.example/",
		"https://acme.example:443/A?b=C":     "https://acme.example/A?b=C",
		"http://acme.example:80":             "http://acme.example/",
		"http://127.0.0.1:8443/x":            "http://127.0.0.1:8443/x",
		"https://acme.example:8443/a/../b?x": "https://acme.example:8443/a/../b?x",
	} {
		if got := s.must(t, 201, "POST", "endpoint", object{"url": address})["url"]; got != kept {
			t.Errorf("%s is kept as %s, want %s", address, got, kept)
		}
	}
}

// What is wrong with a request beside its fields.
func TestSvixProtocol(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{})
	endpoints := s.base + "app/" + s.app + "/endpoint"
	for name, test := range map[string]struct {
		got    *reply
		status int
		code   any
	}{
		"other application": {s.send(t, "GET", s.base+"app/app_1/endpoint", s.token, nil), 403, "insufficient access"},
		"no such path":      {s.send(t, "GET", s.base+"app/"+s.app+"/message", s.token, nil), 404, "not_found"},
		"outside the API":   {s.send(t, "GET", s.URL()+"/_svix", s.token, nil), 404, "not_found"},
		"method":            {s.send(t, "DELETE", endpoints, s.token, nil), 405, "method_not_allowed"},
		"access token":      {s.send(t, "GET", endpoints, s.environment.token, nil), 401, "authentication_failed"},
		"no JSON type":      {s.send(t, "POST", endpoints, s.token, object{"url": hook}, "Content-Type", "text/plain"), 415, "unsupported_media_type"},
		"too large":         {s.send(t, "POST", endpoints, s.token, object{"url": strings.Repeat("x", 5<<20)}), 413, "payload_too_large"},
		"trailing slash":    {s.send(t, "GET", endpoints+"/", s.token, nil), 200, nil},
		"limit":             {s.send(t, "GET", endpoints+"?limit=251", s.token, nil), 422, nil},
		"no limit":          {s.send(t, "GET", endpoints+"?limit=0", s.token, nil), 422, nil},
		"order":             {s.send(t, "GET", endpoints+"?order=random", s.token, nil), 422, nil},
	} {
		if test.got.status != test.status || test.got.body["code"] != test.code {
			t.Errorf("%s: %d %s, want %d %v", name, test.got.status, test.got.text, test.status, test.code)
		}
	}
	if got := s.Counts()["webhook_endpoints"]; got != 0 {
		t.Errorf("%d endpoints, want none", got)
	}
}

func TestEndpointPaging(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{})
	var all []string
	for range 5 {
		all = append(all, strings.TrimPrefix(s.create(t, hook, nil), "endpoint/"))
	}
	slices.Reverse(all)
	page := func(query string) (ids []string, got object) {
		got = s.must(t, 200, "GET", "endpoint?limit=2"+query, nil)
		for _, item := range got["data"].([]any) {
			ids = append(ids, fmt.Sprint(item.(object)["id"]))
		}
		return ids, got
	}
	var seen []string
	query := ""
	for range 3 {
		ids, got := page(query)
		seen = append(seen, ids...)
		query = "&iterator=" + fmt.Sprint(got["iterator"])
		if done := len(seen) == 5; got["done"] != done {
			t.Errorf("after %d: done %v", len(seen), got["done"])
		}
	}
	if !slices.Equal(seen, all) {
		t.Errorf("newest first: %v, want %v", seen, all)
	}
	if ids, got := page("&iterator=-" + all[4]); !slices.Equal(ids, all[2:4]) || isTrue(got["done"]) {
		t.Errorf("back: %v", got)
	}
	if ids, got := page("&iterator=-" + all[2]); !slices.Equal(ids, all[:2]) || !isTrue(got["done"]) {
		t.Errorf("back to the beginning: %v", got)
	}
	s.must(t, 204, "DELETE", "endpoint/"+all[1], nil)
	if ids, _ := page("&iterator=" + all[1]); !slices.Equal(ids, all[2:4]) {
		t.Errorf("after one that is gone: %v", ids)
	}
	if ids, _ := page("&order=ascending"); !slices.Equal(ids, []string{all[4], all[3]}) {
		t.Errorf("oldest first: %v", ids)
	}
	if ids, got := page("&iterator=" + all[4]); len(ids) != 0 || got["iterator"] != nil || !isTrue(got["done"]) {
		t.Errorf("after the last: %v", got)
	}
}

func TestEventTypeList(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{})
	names := func(query string) (names []string, deprecated int) {
		for iterator := ""; ; {
			got := s.send(t, "GET", s.base+"event-type?limit=20"+query+iterator, s.token, nil)
			for _, item := range got.body["data"].([]any) {
				known := item.(object)
				names = append(names, fmt.Sprint(known["name"]))
				if known["description"] == "" || known["createdAt"] == "" {
					t.Errorf("event type %v", known)
				}
				if isTrue(known["deprecated"]) {
					deprecated++
				}
			}
			if isTrue(got.body["done"]) {
				return names, deprecated
			}
			iterator = "&iterator=" + fmt.Sprint(got.body["iterator"])
		}
	}
	known, deprecated := names("")
	if len(known) != 42 || deprecated != 1 || !slices.IsSorted(known) || !slices.Contains(known, "organization.directory.user_created") {
		t.Errorf("%d event types, %d deprecated: %v", len(known), deprecated, known)
	}
	if all, _ := names("&include_archived=true"); len(all) != 43 {
		t.Errorf("%d event types with archived ones", len(all))
	}
}

func TestEndpointIdempotency(t *testing.T) {
	t.Parallel()
	for _, checks := range []bool{false, true} {
		clock := newClock()
		s := startSvix(t, emulator.Options{
			Now: clock.Now, PortalTokenLifetime: 48 * time.Hour, Quirks: emulator.Quirks{IdempotencyChecksBody: checks},
		})
		create := func(body object, key string) *reply {
			return s.call(t, "POST", "endpoint", body, "Idempotency-Key", key)
		}
		if bad := create(object{}, "a"); bad.status != 422 {
			t.Fatalf("%d", bad.status)
		}
		first := create(object{"url": hook}, "a") // A refusal does not count.
		again := create(object{"url": hook}, "a")
		if first.status != 201 || again.status != 201 || first.text != again.text {
			t.Errorf("%d %s, then %d %s", first.status, first.text, again.status, again.text)
		}
		changed := create(object{"url": hook + "/2"}, "a")
		if checks && changed.status != 409 || !checks && changed.text != first.text {
			t.Errorf("another body: %d %s", changed.status, changed.text)
		}
		if other := create(object{"url": hook}, "b"); other.status != 201 || other.text == first.text {
			t.Errorf("another key: %d %s", other.status, other.text)
		}
		clock.advance(13 * time.Hour)
		if late := create(object{"url": hook}, "a"); late.status != 201 || late.text == first.text {
			t.Errorf("after a day: %d %s", late.status, late.text)
		}
		if got := s.Counts()["webhook_endpoints"]; got != 3 {
			t.Errorf("%d endpoints, want 3", got)
		}
	}
}

func TestEndpointHeaders(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{})
	path := s.create(t, hook, nil) + "/headers"
	want := func(headers object, sensitive ...string) {
		t.Helper()
		got := s.must(t, 200, "GET", path, nil)
		if !reflect.DeepEqual(got["headers"], headers) || fmt.Sprint(got["sensitive"]) != fmt.Sprint(sensitive) {
			t.Errorf("headers %v, want %v and %v", got, headers, sensitive)
		}
	}
	want(object{})
	s.must(t, 204, "PUT", path, object{"headers": object{"X-Team": "a", "Authorization": "Bearer x", "x-api-key": "y"}})
	want(object{"X-Team": "a"}, "Authorization", "x-api-key")
	s.must(t, 204, "PATCH", path, object{"headers": object{"X-Team": nil, "X-Other": "b"}, "deleteHeaders": []string{"x-api-key"}})
	want(object{"X-Other": "b"}, "Authorization")
	s.must(t, 204, "PUT", path, object{"headers": object{}})
	want(object{})
	for name, headers := range map[string]any{
		"missing": nil, "no map": 1, "forbidden": object{"User-Agent": "x"}, "prefix": object{"svix-id": "x"},
		"name": object{"a b": "x"}, "value": object{"A": "x\ny"}, "long": object{"A": strings.Repeat("x", 4097)},
	} {
		for _, method := range []string{"PUT", "PATCH"} {
			if got := s.call(t, method, path, object{"headers": headers}); got.status != 422 {
				t.Errorf("%s %s: %d %s", method, name, got.status, got.text)
			}
		}
	}
	want(object{})
}

func TestEndpointQuirks(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{Quirks: emulator.Quirks{
		OldEndpointFields: true, KeepsEndpointURL: true, EndpointsNeedHTTPS: true, ChecksEventTypes: true,
	}})
	created := s.must(t, 201, "POST", "endpoint", object{
		"url": "https://Acme.example", "eventTypes": []string{"user.login"}, "throttleRate": 0, "rateLimit": 3,
	})
	_, newer := created["eventTypes"]
	if newer || created["filterTypes"] != nil || created["rateLimit"] != 3.0 || created["url"] != "https://Acme.example" {
		t.Errorf("created %v", created)
	}
	for _, body := range []object{{"url": "http://127.0.0.1:1"}, {"url": hook, "filterTypes": []string{"user.explode"}}} {
		if got := s.call(t, "POST", "endpoint", body); got.status != 422 {
			t.Errorf("%v: %d %s", body, got.status, got.text)
		}
	}
}

func TestEndpointSeedAndState(t *testing.T) {
	t.Parallel()
	seed, err := emulator.ParseSeed(strings.NewReader(`{"webhook_endpoints": [
		{"id": "ep_1", "url": "http://127.0.0.1:9/hook", "filterTypes": ["organization.created"], "headers": {"X-A": "b"},
		 "uid": "first", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "rateLimit": 2, "metadata": {"a": "b"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(t.TempDir(), "state.json")
	s := startSvix(t, emulator.Options{Seed: seed, StateFile: state})
	read := func(s *svix) string {
		t.Helper()
		return fmt.Sprint(s.must(t, 200, "GET", "endpoint/first", nil), s.must(t, 200, "GET", "endpoint/ep_1/secret", nil),
			s.must(t, 200, "GET", "endpoint/ep_1/headers", nil))
	}
	before := read(s)
	if !strings.Contains(before, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz") || !strings.Contains(before, "X-A:b") {
		t.Errorf("seeded %s", before)
	}
	again := startSvix(t, emulator.Options{StateFile: state})
	if after := read(again); after != before {
		t.Errorf("after a restart %s, want %s", after, before)
	}
	if err := again.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := again.Counts()["webhook_endpoints"]; got != 0 {
		t.Errorf("%d endpoints after a reset", got)
	}
	for _, text := range []string{
		`{"url": "nowhere"}`, `{"id": "1", "url": "http://a"}`, `{"url": "http://a", "headers": {"User-Agent": "x"}}`,
	} {
		seed, err := emulator.ParseSeed(strings.NewReader(`{"webhook_endpoints": [` + text + `]}`))
		if err == nil {
			err = again.ApplySeed(seed)
		}
		if err == nil || !strings.Contains(err.Error(), "webhook_endpoints[0]") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := s.ApplySeed(seed); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("an id twice: %v", err)
	}
}

// Every call has its name in the request log, and that name names it in faults.
func TestSvixFaults(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{})
	path := s.create(t, hook, nil)
	calls := []struct {
		name string
		make func() *reply
	}{
		{"svix.endpoint.list", func() *reply { return s.call(t, "GET", "endpoint", nil) }},
		{"svix.endpoint.create", func() *reply { return s.call(t, "POST", "endpoint", object{"url": hook}) }},
		{"svix.endpoint.get", func() *reply { return s.call(t, "GET", path, nil) }},
		{"svix.endpoint.update", func() *reply { return s.call(t, "PUT", path, object{"url": hook}) }},
		{"svix.endpoint.patch", func() *reply { return s.call(t, "PATCH", path, object{}) }},
		{"svix.endpoint.get-secret", func() *reply { return s.call(t, "GET", path+"/secret", nil) }},
		{"svix.endpoint.rotate-secret", func() *reply { return s.call(t, "POST", path+"/secret/rotate", object{}) }},
		{"svix.endpoint.get-headers", func() *reply { return s.call(t, "GET", path+"/headers", nil) }},
		{"svix.endpoint.update-headers", func() *reply { return s.call(t, "PUT", path+"/headers", object{"headers": object{}}) }},
		{"svix.endpoint.patch-headers", func() *reply { return s.call(t, "PATCH", path+"/headers", object{"headers": object{}}) }},
		{"svix.endpoint.send-example", func() *reply {
			return s.call(t, "POST", path+"/send-example", object{"eventType": "role.created"})
		}},
		{"svix.event-type.list", func() *reply { return s.send(t, "GET", s.base+"event-type", s.token, nil) }},
		{"auth/one-time-token", func() *reply { return s.exchangeToken(t, "x") }},
		{"GetPortalURL", func() *reply {
			return s.send(t, "GET", s.URL()+"/api/v1/webhooks/portal-url", s.environment.token, nil)
		}},
		{"SendTestEvent", func() *reply {
			return s.send(t, "POST", s.URL()+"/api/v1/webhooks/test-event/role.created", s.environment.token, nil)
		}},
		{"svix.endpoint.delete", func() *reply { return s.call(t, "DELETE", path, nil) }},
	}
	for _, call := range calls {
		for _, test := range []struct {
			fault  emulator.Fault
			status int
			retry  string
		}{
			{emulator.Fault{Kind: "error_before"}, 503, ""},
			{emulator.Fault{Kind: "error_before", Code: "INTERNAL"}, 500, ""},
			{emulator.Fault{Kind: "rate_limit"}, 429, ""},
			{emulator.Fault{Kind: "rate_limit", RetryAfter: 2 * time.Second}, 429, "2"},
		} {
			test.fault.RPC = call.name
			if err := s.SetFaults([]emulator.Fault{test.fault}); err != nil {
				t.Fatal(err)
			}
			got := call.make()
			if got.status != test.status || got.header.Get("Retry-After") != test.retry || got.body["code"] == nil {
				t.Errorf("%s %+v: %d %v %s", call.name, test.fault, got.status, got.header, got.text)
			}
		}
		s.ResetRequests()
		if got := call.make(); got.status >= 500 {
			t.Errorf("%s: %d %s", call.name, got.status, got.text)
		}
		if log := s.Requests(); len(log) != 1 || log[0].RPC != call.name {
			t.Errorf("%s: logged %+v", call.name, log)
		}
	}

	// An error after the change leaves it made, and the same key finds it.
	if err := s.SetFaults([]emulator.Fault{{RPC: "svix.*", Kind: "error_after"}}); err != nil {
		t.Fatal(err)
	}
	before := s.Counts()["webhook_endpoints"]
	first := s.call(t, "POST", "endpoint", object{"url": hook}, "Idempotency-Key", "k")
	second := s.call(t, "POST", "endpoint", object{"url": hook}, "Idempotency-Key", "k")
	if first.status != http.StatusServiceUnavailable || second.status != 201 || s.Counts()["webhook_endpoints"] != before+1 {
		t.Errorf("%d, %d, %d endpoints", first.status, second.status, s.Counts()["webhook_endpoints"])
	}
	if err := s.SetFaults([]emulator.Fault{{RPC: "svix.endpoint.explode", Kind: "hang"}}); err == nil {
		t.Error("a fault on a call that does not exist")
	}
}
