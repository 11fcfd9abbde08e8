package svixportal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// A link is understood, and then says where to and with what, or it is refused, and then nothing of what may be a
// credential is repeated.
func FuzzLink(f *testing.F) {
	key := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	f.Add("https://portal.example/login#key=" + key(`{"appId":"app_1","oneTimeToken":"once","region":"eu"}`))
	f.Add("https://portal.example/login?x=%23#theme=dark&key=" + key(`{"appId":"app_1","token":"lasting","serverUrl":"http://127.0.0.1:1/base/"}`))
	f.Add("https://portal.example/login#key=" + key(`{"appId":"app_1","token":"lasting","serverUrl":"https://user:pass@evil.example"}`))
	f.Add("https://portal.example/login#key=" + key(`{"appId":"../../x","token":"a\r\nb"}`))
	f.Add("https://portal.example/login#key=" + key(`null`))
	f.Add("https://portal.example/login#sessionkey==&b=c%zz")
	f.Add("https://portal.example/magic/0123456789abcdef")
	f.Add("#")
	f.Fuzz(func(t *testing.T, raw string) {
		read, err := parseLink(raw)
		if err != nil {
			mustNotRepeat(t, err.Error(), raw)
			return
		}
		if read.application == "" || read.token == "" && read.oneTimeToken == "" {
			t.Fatalf("%q is read as %+v", raw, read)
		}
		mustBeSafe(t, read.server)
		again, err := parseLink("https://portal.example/login#key=" + key(encoded(t, map[string]string{
			"appId": read.application, "token": read.token, "oneTimeToken": read.oneTimeToken, "serverUrl": read.server,
		})))
		if err != nil || again != read {
			t.Errorf("%+v is written, and read as %+v (%v)", read, again, err)
		}
		if strings.ContainsAny(read.application, "/?#%") || strings.Trim(read.application, ".") == "" {
			t.Errorf("%q is no step of a path", read.application)
		}
	})
}

// mustNotRepeat fails the test when a message has so much of a link as could be a token. What stands in the host as well
// may be said: a message names the host.
func mustNotRepeat(t *testing.T, message, raw string) {
	t.Helper()
	place, secret, _ := strings.Cut(raw, "#")
	const enough = 24
	for from := 0; from+enough <= len(secret); from++ {
		if part := secret[from : from+enough]; strings.Contains(message, part) && !strings.Contains(place, part) {
			t.Errorf("the message repeats %q: %s", secret[from:from+enough], message)
			return
		}
	}
}

// mustBeSafe fails the test unless a token may be sent to the server.
func mustBeSafe(t *testing.T, server string) {
	t.Helper()
	parsed, err := url.Parse(server)
	switch {
	case err != nil:
		t.Errorf("server %q: %v", server, err)
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !IsLoopback(parsed.Hostname())):
		t.Errorf("server %q would get the token unencrypted", server)
	case parsed.Hostname() == "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "":
		t.Errorf("server %q is more than a base", server)
	}
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func FuzzServerURL(f *testing.F) {
	for _, raw := range []string{
		"https://api.svix.com/", "http://127.0.0.1:8787/_svix", "http://[::ffff:127.0.0.1]", "https://a.example/b%2fc/", "https://a@b", "https:a",
		"https://[::1%25lo]:1/", "HTTPS://A", "https://a.example:", "https://a.example?", "https://a.example#", "http://localhost.evil.example",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		server, err := ParseServerURL(raw)
		if err != nil {
			return
		}
		mustBeSafe(t, server)
		if again, err := ParseServerURL(server); err != nil || again != server {
			t.Errorf("%q is %q, and that is %q (%v)", raw, server, again, err)
		}
	})
}

// Whether two URLs mean the same does not depend on their order, and a URL means what it says.
func FuzzSameURL(f *testing.F) {
	f.Add("https://A.example:443", "https://a.example/")
	f.Add("https://a.example/?", "https://a.example/")
	f.Add("http://a.example/%7e?a=%20", "http://a.example/~?a=+")
	f.Add("", "%zz")
	f.Fuzz(func(t *testing.T, first, second string) {
		if !SameURL(first, first) {
			t.Errorf("%q is not itself", first)
		}
		if SameURL(first, second) != SameURL(second, first) {
			t.Errorf("%q and %q: it depends on their order", first, second)
		}
		if SameURL(first, second) {
			a, errA := url.Parse(first)
			b, errB := url.Parse(second)
			if first != second && (errA != nil || errB != nil || !strings.EqualFold(a.Hostname(), b.Hostname())) {
				t.Errorf("%q and %q are the same", first, second)
			}
		}
	})
}

// A reply that is JSON stays JSON, and every other stays as it is.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"data":[{"id":"ep_1","eventTypes":["a"],"throttleRate":1}],"done":false,"iterator":"ep_1"}`))
	f.Add([]byte(`{"data":[null,{}],"done":1}`))
	f.Add([]byte(`{"data":{},"id":7}`))
	f.Add([]byte(`{"id":"ep_1","new":{},"filterTypes":null,"eventTypes":null}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []string{"", kindEndpoint, kindEventType} {
			trimmed := trim(kind, body)
			if json.Valid(body) && !json.Valid(trimmed) || !json.Valid(body) && !bytes.Equal(trimmed, body) {
				t.Errorf("%q is trimmed to %q", body, trimmed)
			}
			if again := trim(kind, trimmed); !bytes.Equal(again, trimmed) {
				t.Errorf("%q is trimmed to %q, and then to %q", body, trimmed, again)
			}
		}
	})
}

// Whatever a server answers with makes an error with a reason, in which no secret of the request is repeated.
func FuzzRefusal(f *testing.F) {
	f.Add(422, []byte(`{"detail":[{"loc":["body","url",0],"msg":"invalid secret-value","type":"value_error"}]}`), "secret-value")
	f.Add(409, []byte(`{"code":"conflict","detail":"secret-value is taken"}`), "secret-value")
	f.Add(500, []byte(`{"code":7,"detail":{}}`), "")
	f.Add(404, []byte(`{"detail":[{"loc":[null]},null,{}]}`), "x")
	f.Add(0, []byte(nil), "***")
	f.Fuzz(func(t *testing.T, status int, body []byte, secret string) {
		seen := outcome{call: "CreateEndpoint", status: status, body: body, attempts: 1, secrets: []string{secret}}
		failure := seen.failure(nil)
		if failure == nil {
			if status < 200 || status > 299 {
				t.Errorf("status %d is taken for a success", status)
			}
			return
		}
		if failure.Reason() == "" && !strings.Contains(string(body), "detail") {
			t.Errorf("status %d has no reason: %s", status, body)
		}
		if secret == "" || strings.Contains(mask, secret) {
			return
		}
		said := failure.Detail
		for _, violation := range failure.Violations {
			said += "\n" + violation.Field + "\n" + violation.Description
		}
		if strings.Contains(strings.ReplaceAll(said, mask, ""), secret) && !strings.Contains(secret, "*") {
			t.Errorf("the secret %q is repeated: %s", secret, said)
		}
	})
}

// A reply in the log is the same whatever its secrets are.
func FuzzLoggedReply(f *testing.F) {
	f.Add([]byte(`{"key":"whsec_1","a":[{"token":"t","headers":{"X":"y"}}],"n":12345678901234567890,"s":"secret"}`))
	f.Add([]byte(`{"Key":"whsec_1","k\u0065y":"whsec_2","key":"whsec_3"}`))
	f.Add([]byte(`["key",{"secret":["a",{"b":"c"}]}] {"key":"whsec_1"}`))
	f.Add([]byte(`"token"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		logged := maskedBody(body).String()
		if !utf8.ValidString(logged) {
			t.Errorf("%q is logged as %q", body, logged)
		}
		var value any
		if json.Unmarshal(body, &value) != nil {
			return
		}
		other := maskedBody(encoded(t, replaceSecrets(value, "another"))).String()
		same := maskedBody(encoded(t, replaceSecrets(value, map[string]any{"deep": []any{1}}))).String()
		if other != same {
			t.Errorf("the log tells what is secret:\n%s\n%s", other, same)
		}
		if strings.Contains(other, "another") && !strings.Contains(string(body), "another") {
			t.Errorf("a secret is logged: %s", other)
		}
	})
}

func replaceSecrets(value, secret any) any {
	switch value := value.(type) {
	case map[string]any:
		changed := map[string]any{}
		for name, member := range value {
			if secretMembers[name] {
				changed[name] = secret
			} else {
				changed[name] = replaceSecrets(member, secret)
			}
		}
		return changed
	case []any:
		changed := make([]any, len(value))
		for i := range value {
			changed[i] = replaceSecrets(value[i], secret)
		}
		return changed
	}
	return value
}
