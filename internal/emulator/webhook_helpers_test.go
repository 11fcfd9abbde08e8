package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// object is a JSON object.
type object = map[string]any

func isTrue(value any) bool { yes, ok := value.(bool); return ok && yes }

// svix is a session on an environment's webhook server.
type svix struct {
	*environment
	base  string
	app   string
	token string
}

func startSvix(t *testing.T, options emulator.Options) *svix {
	t.Helper()
	return start(t, options).svix()
}

func (env *environment) svix() *svix {
	session := env.PortalSession()
	return &svix{env, session.ServerURL + "/api/v1/", session.ApplicationID, session.Token}
}

// reply is a reply of the webhook server, or of a REST path.
type reply struct {
	status int
	header http.Header
	text   string
	body   object
}

// send makes a JSON request; headers are names and values in turn.
func (env *environment) send(t *testing.T, method, address, token string, body any, headers ...string) *reply {
	t.Helper()
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = strings.NewReader(string(encoded))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, content)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := env.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := &reply{status: resp.StatusCode, header: resp.Header, text: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &out.body); err != nil {
			t.Fatalf("%s %s: %s: %v", method, address, text, err)
		}
	}
	return out
}

// call makes a call of the endpoint API; path follows the application's.
func (s *svix) call(t *testing.T, method, path string, body any, headers ...string) *reply {
	t.Helper()
	return s.send(t, method, s.base+"app/"+s.app+"/"+path, s.token, body, headers...)
}

// must makes a call that ends with a status.
func (s *svix) must(t *testing.T, status int, method, path string, body any, headers ...string) object {
	t.Helper()
	got := s.call(t, method, path, body, headers...)
	if got.status != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, got.status, got.text, status)
	}
	return got.body
}

// create makes an endpoint with an URL and more fields, and returns its path.
func (s *svix) create(t *testing.T, address string, fields object) string {
	t.Helper()
	body := object{"url": address}
	for name, value := range fields {
		body[name] = value
	}
	return "endpoint/" + fmt.Sprint(s.must(t, http.StatusCreated, http.MethodPost, "endpoint", body)["id"])
}

// portalKey reads the key of a portal link.
func portalKey(t *testing.T, link string, encoding *base64.Encoding) (key map[string]string, parsed *url.URL) {
	t.Helper()
	parsed, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	// Not Fragment, where a plus sign could be changed.
	_, fragment, _ := strings.Cut(link, "#key=")
	content, err := encoding.DecodeString(fragment)
	if err == nil {
		err = json.Unmarshal(content, &key)
	}
	if err != nil {
		t.Fatalf("%s: %v", link, err)
	}
	return key, parsed
}
