package svixportal_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// server is a webhook server that says what it is told to.
type server struct {
	url       string
	exchanges atomic.Int32
	links     atomic.Int32

	mu      sync.Mutex
	tokens  map[string]bool // live sessions
	handler http.HandlerFunc
}

// endpointReply is an endpoint as a newer server has it, with fields that Svix's client does not know.
const endpointReply = `{"id":"ep_1","url":"https://a.example/","description":"","metadata":{},"createdAt":"%s","updatedAt":"2026-01-01T00:00:00Z",
"eventTypes":["user.login"],"throttleRate":4,"disabled":true,"featureFlags":["x"],"custom":{"nested":1}}`

func start(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{tokens: map[string]bool{}, handler: handler}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /base/path/api/v1/auth/one-time-token", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			OneTimeToken string `json:"oneTimeToken"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		token := fmt.Sprintf("session-%d", s.exchanges.Add(1))
		s.mu.Lock()
		s.tokens[token] = true
		s.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]string{"token": token})
	})
	mux.HandleFunc("/base/path/", func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		live := s.tokens[token] || token == "lasting"
		s.mu.Unlock()
		if !live {
			reply(w, http.StatusUnauthorized, `{"code":"authentication_failed","detail":"Invalid token"}`)
			return
		}
		s.handler(w, r)
	})
	test := httptest.NewServer(mux)
	t.Cleanup(test.Close)
	s.url = test.URL + "/base/path"
	return s
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (s *server) expireAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// key is a portal link's key.
func (s *server) key(members map[string]any) []byte {
	if _, ok := members["serverUrl"]; !ok && members["region"] == nil {
		members["serverUrl"] = s.url
	}
	encoded, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return encoded
}

func (s *server) link() string {
	return "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(s.key(map[string]any{"appId": "app_1", "oneTimeToken": "one-time-secret"}))
}

// client uses the server by way of a link; edit changes its configuration.
func (s *server) client(edit ...func(*svixportal.Config)) *svixportal.Client {
	config := svixportal.Config{
		PortalURL: func(context.Context) (string, error) {
			s.links.Add(1)
			return s.link(), nil
		},
		MaxRetries: 3, RequestTimeout: 2 * time.Second, UserAgent: "test/1", RetryInterval: time.Millisecond,
	}
	for _, edit := range edit {
		edit(&config)
	}
	return svixportal.New(config)
}

func listOnce(ctx context.Context, client *svixportal.Client) error {
	for _, err := range client.List(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

const emptyList = `{"data":[],"done":true,"iterator":null}`
