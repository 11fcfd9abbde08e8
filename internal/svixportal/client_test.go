package svixportal_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/retry"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

func none(string) bool { return false }

// A newer server's reply is read, fields that Svix's client does not know and all.
func TestNewerServer(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") != "test/1" {
			t.Errorf("the user agent is %q", r.Header.Get("User-Agent"))
		}
		reply(w, http.StatusOK, fmt.Sprintf(endpointReply, "2026-01-01T00:00:00Z"))
	})
	got, err := s.client().Get(t.Context(), "ep_1")
	if err != nil || got.ID != "ep_1" || len(got.FilterTypes) != 1 || got.RateLimit == nil || *got.RateLimit != 4 || !got.Disabled {
		t.Errorf("%+v, %v", got, err)
	}
}

// messageReply is a message.
const messageReply = `{"id":"msg_1","eventType":"user.login","timestamp":"2026-01-01T00:00:00Z","payload":{"id":"evt_1"}}`

func sendExample(ctx context.Context, client *svixportal.Client) error {
	id, err := client.SendExample(ctx, "ep_1", "user.login")
	if err == nil && id != "msg_1" {
		return fmt.Errorf("the message is %q", id)
	}
	return err
}

// flaky answers the first calls with a failure.
func flaky(failures int32, fail, succeed http.HandlerFunc) (http.HandlerFunc, *atomic.Int32) {
	count := new(atomic.Int32)
	return func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) <= failures {
			fail(w, r)
			return
		}
		succeed(w, r)
	}, count
}

func drop(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}

// hang waits for the client to give up, which a server notices only once it has read the body.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		reply(w, code, `{"code":"x","detail":"y"}`)
	}
}

// Every call is repeated after what may pass, with its whole body, and no oftener than configured.
func TestRetries(t *testing.T) {
	t.Parallel()
	one := fmt.Sprintf(endpointReply, time.Now().UTC().Format(time.RFC3339))
	for name, call := range map[string]struct {
		do      func(*svixportal.Client) error
		succeed http.HandlerFunc
	}{
		"get": {
			func(c *svixportal.Client) error { _, err := c.Get(t.Context(), "ep_1"); return err },
			func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, one) },
		},
		"replace": {
			func(c *svixportal.Client) error {
				_, err := c.Replace(t.Context(), "ep_1", svixportal.Settings{URL: "https://a.example"})
				return err
			},
			withBody(t, `"https://a.example"`, http.StatusOK, one),
		},
		"create": {
			func(c *svixportal.Client) error {
				_, err := c.Create(t.Context(), svixportal.Settings{URL: "https://a.example"}, none)
				return err
			},
			withBody(t, `"https://a.example"`, http.StatusCreated, one),
		},
		"rotate": {
			func(c *svixportal.Client) error { return c.RotateSecret(t.Context(), "ep_1", 90*time.Second) },
			withBody(t, `{"gracePeriodSeconds":90}`, http.StatusNoContent, ""),
		},
		"headers": {
			func(c *svixportal.Client) error {
				return c.ReplaceHeaders(t.Context(), "ep_1", map[string]string{"A": "b"})
			},
			withBody(t, `{"headers":{"A":"b"}}`, http.StatusNoContent, ""),
		},
		"send example": {
			func(c *svixportal.Client) error { return sendExample(t.Context(), c) },
			withBody(t, `{"eventType":"user.login"}`, http.StatusAccepted, messageReply),
		},
		"delete": {
			func(c *svixportal.Client) error { return c.Delete(t.Context(), "ep_1") },
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		},
	} {
		for kind, fail := range map[string]http.HandlerFunc{
			"500": status(http.StatusInternalServerError), "503": status(http.StatusServiceUnavailable), "408": status(http.StatusRequestTimeout),
			"429": status(http.StatusTooManyRequests), "drop": drop, "hang": hang,
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				handler, count := flaky(2, fail, call.succeed)
				quick := func(c *svixportal.Config) { c.RequestTimeout = 500 * time.Millisecond }
				if err := call.do(start(t, handler).client(quick)); err != nil || count.Load() != 3 {
					t.Errorf("%v after %d attempts", err, count.Load())
				}
			})
		}
	}
}

func withBody(t *testing.T, wanted string, code int, body string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		if got, _ := io.ReadAll(r.Body); !strings.Contains(string(got), wanted) {
			t.Errorf("the body is %q", got)
		}
		if body == "" {
			w.WriteHeader(code)
			return
		}
		reply(w, code, body)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	handler, count := flaky(1, status(http.StatusTooManyRequests, "Retry-After", "1"), func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, emptyList)
	})
	client := start(t, handler).client()
	started := time.Now()
	if err := listOnce(t.Context(), client); err != nil || count.Load() != 2 {
		t.Errorf("%v after %d attempts", err, count.Load())
	}
	if took := time.Since(started); took < time.Second {
		t.Errorf("repeated after %s", took)
	}
}

func TestNotRetried(t *testing.T) {
	t.Parallel()
	for _, code := range []int{400, 403, 409, 422, 501, 302} {
		handler, count := flaky(9, status(code, "Location", "https://elsewhere.example"), nil)
		err := listOnce(t.Context(), start(t, handler).client())
		failure := new(svixportal.Error)
		if !errors.As(err, &failure) || failure.Status != code || count.Load() != 1 {
			t.Errorf("%d: %v after %d attempts", code, err, count.Load())
		}
	}
	handler, count := flaky(9, status(http.StatusBadGateway), nil)
	err := listOnce(t.Context(), start(t, handler).client())
	failure := new(svixportal.Error)
	if !errors.As(err, &failure) || failure.Status != http.StatusBadGateway || failure.Attempts != 4 || count.Load() != 4 {
		t.Errorf("%v after %d attempts", err, count.Load())
	}
}

// All attempts at a create have one idempotency key, and another create has another.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	keys := map[string]int{}
	handler, _ := flaky(2, status(http.StatusServiceUnavailable), func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusCreated, fmt.Sprintf(endpointReply, "2026-01-01T00:00:00Z"))
	})
	client := start(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		keys[r.Header.Get("Idempotency-Key")]++
		mu.Unlock()
		handler(w, r)
	}).client()
	for range 2 {
		if _, err := client.Create(t.Context(), svixportal.Settings{URL: "https://a.example"}, none); err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) != 2 || keys[""] != 0 {
		t.Errorf("the keys are %v", keys)
	}
}

// A create whose outcome stays unknown adopts the endpoint that it made, and no other.
func TestCreateIsLost(t *testing.T) {
	t.Parallel()
	wanted := svixportal.Settings{URL: "https://a.example", Disabled: true, FilterTypes: []string{"user.login"}, RateLimit: new(int32(4))}
	now, old := time.Now().UTC().Format(time.RFC3339), time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	for name, made := range map[string]struct {
		list  string
		taken func(string) bool
		found bool
	}{
		"made":      {fmt.Sprintf(endpointReply, now), none, true},
		"not made":  {"", none, false},
		"older":     {fmt.Sprintf(endpointReply, old), none, false},
		"sibling's": {fmt.Sprintf(endpointReply, now), func(id string) bool { return id == "ep_1" }, false},
		"different": {strings.Replace(fmt.Sprintf(endpointReply, now), "a.example", "b.example", 1), none, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := start(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					drop(w, r)
					return
				}
				reply(w, http.StatusOK, `{"data":[`+made.list+`],"done":true,"iterator":null}`)
			}).client(func(c *svixportal.Config) { c.RequestTimeout = 200 * time.Millisecond })
			got, err := client.Create(t.Context(), wanted, made.taken)
			unknown := new(svixportal.UnknownOutcomeError)
			if made.found && (err != nil || got.ID != "ep_1") || !made.found && !errors.As(err, &unknown) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// A session that ends while the outcome of a create is unknown makes its key worthless, so the create is not repeated.
// The reply to a create is waited for when the user cancels the run, and nothing new is begun.
func TestCancelledCreateIsWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var calls []string
	client := start(t, func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Method)
		cancel()
		time.Sleep(100 * time.Millisecond)
		reply(w, http.StatusCreated, fmt.Sprintf(endpointReply, time.Now().UTC().Format(time.RFC3339)))
	}).client()
	got, err := client.Create(ctx, svixportal.Settings{URL: "https://a.example"}, none)
	if err != nil || got.ID != "ep_1" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := listOnce(ctx, client); !errors.Is(err, context.Canceled) {
		t.Errorf("a call after the cancellation: %v", err)
	}
	if !slices.Equal(calls, []string{http.MethodPost}) {
		t.Errorf("the calls are %v", calls)
	}
}

func TestCreateIsNotRepeatedInAnotherSession(t *testing.T) {
	t.Parallel()
	var s *server
	var posts atomic.Int32
	s = start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			s.expireAll()
			drop(w, r)
			return
		}
		reply(w, http.StatusOK, `{"data":[`+fmt.Sprintf(endpointReply, time.Now().UTC().Format(time.RFC3339))+`],"done":true,"iterator":null}`)
	})
	got, err := s.client().Create(t.Context(), svixportal.Settings{
		URL: "https://a.example", Disabled: true, FilterTypes: []string{"user.login"}, RateLimit: new(int32(4)),
	}, none)
	if err != nil || got.ID != "ep_1" || posts.Load() != 1 {
		t.Errorf("%+v, %v after %d creates", got, err, posts.Load())
	}
}

// "Not found" of an endpoint is told from that of the application, and from a page that is not there.
func TestNotFound(t *testing.T) {
	t.Parallel()
	const gone = `{"code":"not_found","detail":"Entity not found"}`
	for name, handler := range map[string]struct {
		serve    http.HandlerFunc
		notFound bool
	}{
		"endpoint": {func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "ep_1") {
				reply(w, http.StatusNotFound, gone)
				return
			}
			reply(w, http.StatusOK, emptyList)
		}, true},
		"application": {func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusNotFound, gone) }, false},
		"page": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<html>"))
		}, false},
	} {
		_, err := start(t, handler.serve).client().Get(t.Context(), "ep_1")
		if err == nil || svixportal.IsNotFound(err) != handler.notFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for body, reason := range map[string]string{
		`{"code":"conflict","detail":"Taken."}`: "Taken.",
		`{"detail":[{"loc":["body","url"],"msg":"is bad","type":"value_error"},{"loc":["body",0],"msg":"odd","type":"x"}]}`: "url: is bad; odd",
		`<html>secret</html>`: "the webhook server answered with HTTP status 422 Unprocessable Entity",
		`{"detail":{"a":1}}`:  "the webhook server answered with HTTP status 422 Unprocessable Entity",
		``:                    "the webhook server answered with HTTP status 422 Unprocessable Entity",
	} {
		client := start(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusUnprocessableEntity, body) }).client()
		failure := new(svixportal.Error)
		if err := listOnce(t.Context(), client); !errors.As(err, &failure) || failure.Reason() != reason {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestEndlessList(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(number int64, iterator string) string{
		"the same page": func(int64, string) string { return `{"data":[],"done":false,"iterator":"same"}` },
		"two pages in turns": func(_ int64, iterator string) string {
			return fmt.Sprintf(`{"data":[],"done":false,"iterator":%q}`, map[string]string{"": "one", "one": "two", "two": "one"}[iterator])
		},
		"ever new pages": func(number int64, _ string) string {
			return fmt.Sprintf(`{"data":[],"done":false,"iterator":"%d"}`, number)
		},
	} {
		var asked atomic.Int64
		client := start(t, func(w http.ResponseWriter, r *http.Request) {
			reply(w, http.StatusOK, handler(asked.Add(1), r.URL.Query().Get("iterator")))
		}).client()
		if err := listOnce(t.Context(), client); !errors.Is(err, retry.ErrRepeated) && !errors.Is(err, retry.ErrBarren) {
			t.Errorf("%s: %v, want an error that says that the list has no end", name, err)
		}
	}
}

// A secret in a refusal is masked in whatever form it comes back.
func TestSecretsOfRefusalsAreMasked(t *testing.T) {
	t.Parallel()
	const secret = "hush/hush 1\"2"
	forms := []string{
		secret, `hush/hush 1\"2`, url.QueryEscape(secret), url.PathEscape(secret), strings.ToLower(url.QueryEscape(secret)),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret),
	}
	for _, form := range forms {
		encoded, err := json.Marshal("no " + form + ".")
		if err != nil {
			t.Fatal(err)
		}
		client := start(t, func(w http.ResponseWriter, _ *http.Request) {
			reply(w, http.StatusUnprocessableEntity, fmt.Sprintf(`{"code":"x","detail":%s}`, encoded))
		}).client()
		err = client.ReplaceHeaders(t.Context(), "ep_1", map[string]string{"A": secret})
		if err == nil || !strings.Contains(err.Error(), "no ***") || strings.Contains(err.Error(), form) {
			t.Errorf("the error is %v", err)
		}
	}
}

// A server that opens no session is waited for once, by all calls together.
func TestFailedSessionIsShared(t *testing.T) {
	t.Parallel()
	s := start(t, func(http.ResponseWriter, *http.Request) {})
	var links atomic.Int32
	client := s.client(func(c *svixportal.Config) {
		c.PortalURL = func(context.Context) (string, error) {
			links.Add(1)
			time.Sleep(20 * time.Millisecond)
			return "", errors.New("no link")
		}
	})
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			if err := listOnce(t.Context(), client); err == nil || err.Error() != "no link" {
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	if links.Load() != 1 {
		t.Errorf("%d links were asked for, want 1", links.Load())
	}
}

type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) Debug(_ context.Context, message string, fields map[string]any) {
	encoded, err := json.Marshal(fields)
	if err != nil {
		encoded = []byte(err.Error())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.text, "%s %v %s\n", message, fields, encoded)
}

func (r *recorder) Trace(ctx context.Context, message string, fields map[string]any) {
	r.Debug(ctx, message, fields)
}

// No token and no secret is in the log or in an error, whatever the server repeats of them.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	log := new(recorder)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/secret"):
			reply(w, http.StatusOK, `{"key":"whsec_do-not-log"}`)
		case strings.HasSuffix(r.URL.Path, "/headers"):
			reply(w, http.StatusUnprocessableEntity, `{"detail":[{"loc":["body","headers"],"msg":"do-not-log is no value","type":"x"}]}`)
		default:
			reply(w, http.StatusOK, emptyList)
		}
	})
	client := s.client(func(c *svixportal.Config) { c.Logger = log })
	if secret, err := client.Secret(t.Context(), "ep_1"); err != nil || secret != "whsec_do-not-log" {
		t.Errorf("%s, %v", secret, err)
	}
	err := client.ReplaceHeaders(t.Context(), "ep_1", map[string]string{"A": "do-not-log"})
	if err == nil || strings.Contains(err.Error(), "do-not-log") {
		t.Errorf("the error is %v", err)
	}
	logged := log.text.String()
	if !strings.Contains(logged, "call:GetEndpointSecret") || !strings.Contains(logged, `"http_status":422`) {
		t.Errorf("the log lacks the calls:\n%s", logged)
	}
	for _, secret := range []string{"whsec_do-not-log", "session-1", "one-time-secret", "#key="} {
		if strings.Contains(logged, secret) {
			t.Errorf("the log has %q:\n%s", secret, logged)
		}
	}
}
