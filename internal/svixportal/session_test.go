package svixportal_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

func TestEveryFormOfLink(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, emptyList) })
	// These make the two alphabets of base64 differ.
	members := func(more map[string]any) []byte {
		more["appId"], more["name"] = "app_1", ">>>>?????"
		return s.key(more)
	}
	oneTime, lasting := members(map[string]any{"oneTimeToken": "once"}), members(map[string]any{"token": "lasting"})
	for name, key := range map[string]string{
		"standard":   "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(oneTime),
		"unpadded":   "https://portal.example/login#key=" + base64.RawStdEncoding.EncodeToString(oneTime),
		"URL-safe":   "https://portal.example/login#key=" + base64.URLEncoding.EncodeToString(oneTime),
		"raw safe":   "https://portal.example/login#key=" + base64.RawURLEncoding.EncodeToString(oneTime),
		"query":      "https://portal.example/login?dark=1&x=%23#key=" + base64.StdEncoding.EncodeToString(oneTime),
		"token":      "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(lasting),
		"more after": "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(lasting) + "&theme=dark",
		"more first": "https://portal.example/login#theme=dark&key=" + base64.RawURLEncoding.EncodeToString(lasting),
		"escaped":    "https://portal.example/login#key=" + strings.NewReplacer("=", "%3D", "+", "%2B", "/", "%2F").Replace(base64.StdEncoding.EncodeToString(oneTime)),
		"both":       "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(members(map[string]any{"token": "lasting", "oneTimeToken": "x"})),
	} {
		client := s.client(func(c *svixportal.Config) {
			c.PortalURL = func(context.Context) (string, error) { return key, nil }
		})
		if err := listOnce(t.Context(), client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// roundTripper is a connection that never leaves the test.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestServerOfLink(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for region, wanted := range map[string]string{
		"": "https://api.svix.com", "us": "https://api.us.svix.com", "eu": "https://api.eu.svix.com", "in": "https://api.in.svix.com",
		"ca": "https://api.ca.svix.com", "au": "https://api.au.svix.com",
	} {
		members := map[string]any{"appId": "app_1", "oneTimeToken": "once", "serverUrl": ""}
		if region != "" {
			members["region"] = region
		}
		var called []string
		client := s.client(func(c *svixportal.Config) {
			c.MaxRetries = 0
			c.PortalURL = func(context.Context) (string, error) {
				return "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(s.key(members)), nil
			}
			c.Transport = roundTripper(func(request *http.Request) (*http.Response, error) {
				called = append(called, request.URL.String())
				return nil, errors.New("not in a test")
			})
		})
		if err := listOnce(t.Context(), client); err == nil {
			t.Errorf("region %q: no error", region)
		}
		if len(called) == 0 || called[0] != wanted+"/api/v1/auth/one-time-token" {
			t.Errorf("region %q: called %v", region, called)
		}
	}
}

// Svix's own servers have their API at the root.
func TestServerWithoutAPath(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 10)
	root := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path
		reply(w, http.StatusOK, emptyList)
	}))
	t.Cleanup(root.Close)
	for _, url := range []string{root.URL, root.URL + "/"} {
		client := svixportal.New(svixportal.Config{
			Direct: &svixportal.Direct{ServerURL: url, ApplicationID: "app_1", Token: "token"}, RequestTimeout: 2 * time.Second,
		})
		if err := listOnce(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if got, want := <-paths, "/api/v1/app/app_1/endpoint"; got != want {
			t.Errorf("%s: the path is %s, and should be %s", url, got, want)
		}
	}
}

func TestLinkOfAnotherForm(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	key := func(members map[string]any) string {
		return "https://portal.example/login#key=" + base64.StdEncoding.EncodeToString(s.key(members))
	}
	const secret = "c2VjcmV0LXRva2Vu"
	for link, found := range map[string]string{
		"":                                 "a text of 0 characters that is not a URL",
		secret:                             "a text of 16 characters that is not a URL",
		"https://portal.example/" + secret: "a link to portal.example without a fragment",
		"https://u:" + secret + "@portal.example/?t=" + secret:                                                     "a link to portal.example without a fragment",
		"https://portal.example/#" + secret + "=":                                                                  "a link to portal.example whose fragment has no key",
		"https://portal.example/#session=" + secret + "&x=1":                                                       "a link to portal.example whose fragment has no key, but session, x",
		"https://portal.example/#key=" + secret + "!":                                                              "a link to portal.example whose key, of 17 characters, is not base64",
		"https://portal.example/#key=" + secret:                                                                    "whose key is base64, but not of a JSON object",
		"https://portal.example/#key=bnVsbA==":                                                                     "whose key is base64, but not of a JSON object",
		key(map[string]any{"application": "a", "oneTimeToken": secret}):                                            "whose key has no appId, but application, oneTimeToken, serverUrl",
		key(map[string]any{"appId": 1, "oneTimeToken": secret}):                                                    "whose key has no appId",
		key(map[string]any{"appId": "app_1", "session": secret, secret + "1": 1}):                                  "whose key has neither oneTimeToken nor token, but appId, serverUrl, session",
		key(map[string]any{"appId": "app_1", "token": secret, "region": "moon"}):                                   `whose key has the unknown region "moon"`,
		key(map[string]any{"appId": "app_1", "token": secret, "region": secret + "/9"}):                            `whose key has an unknown region`,
		key(map[string]any{"appId": "app_1", "token": secret, "serverUrl": "http://hooks.example"}):                `whose key has a serverUrl that is plain http to "hooks.example"`,
		key(map[string]any{"appId": "app_1", "token": secret, "serverUrl": "https://u:" + secret + "@h.example/"}): `whose key has a serverUrl that holds credentials`,
	} {
		client := s.client(func(c *svixportal.Config) {
			c.PortalURL = func(context.Context) (string, error) { return link, nil }
		})
		err := listOnce(t.Context(), client)
		misread := new(svixportal.LinkError)
		if !errors.As(err, &misread) || !strings.Contains(misread.Found, found) {
			t.Errorf("%s: %v, want %q", link, err, found)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

// All calls share one session, also those that begin before it is open; when it ends, one of them renews it for all.
func TestOneSession(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, emptyList) })
	client := s.client()
	all := func() {
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				if err := listOnce(context.Background(), client); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	}
	all()
	if links, exchanges := s.links.Load(), s.exchanges.Load(); links != 1 || exchanges != 1 {
		t.Errorf("%d links, %d exchanges", links, exchanges)
	}
	s.expireAll()
	all()
	if links, exchanges := s.links.Load(), s.exchanges.Load(); links != 2 || exchanges != 2 {
		t.Errorf("after the session's end: %d links, %d exchanges", links, exchanges)
	}
}

// A server that refuses every session is asked twice, not for ever.
func TestSessionRenewedOnce(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusUnauthorized, `{"code":"authentication_failed","detail":"No"}`)
	})
	err := listOnce(t.Context(), s.client())
	failure := new(svixportal.Error)
	if !errors.As(err, &failure) || failure.Status != http.StatusUnauthorized || s.exchanges.Load() != 2 {
		t.Errorf("%v after %d exchanges", err, s.exchanges.Load())
	}
	given := s.client(func(c *svixportal.Config) {
		c.Direct = &svixportal.Direct{ServerURL: s.url, ApplicationID: "app_1", Token: "wrong"}
	})
	if err := listOnce(t.Context(), given); !errors.As(err, &failure) || s.exchanges.Load() != 2 {
		t.Errorf("%v after %d exchanges", err, s.exchanges.Load())
	}
}

// An exchange whose reply is lost uses up its token, so the next one takes another link.
func TestExchangeIsLost(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, emptyList) })
	lost := 0
	client := s.client(func(c *svixportal.Config) {
		c.Transport = roundTripper(func(request *http.Request) (*http.Response, error) {
			response, err := http.DefaultTransport.RoundTrip(request)
			if err == nil && strings.HasSuffix(request.URL.Path, "one-time-token") && lost < 2 {
				lost++
				_ = response.Body.Close()
				return nil, errors.New("connection reset")
			}
			return response, err
		})
	})
	if err := listOnce(t.Context(), client); err != nil || s.links.Load() != 3 || s.exchanges.Load() != 3 {
		t.Errorf("%v after %d links and %d exchanges", err, s.links.Load(), s.exchanges.Load())
	}
}

func TestExchangeRefused(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusOK} {
		client := s.client(func(c *svixportal.Config) {
			c.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
				recorder := newReply(status, `{"code":"x","detail":"token one-time-secret was used"}`)
				return recorder, nil
			})
		})
		err := listOnce(t.Context(), client)
		refused := new(svixportal.SessionError)
		if !errors.As(err, &refused) || refused.Server != s.url || strings.Contains(err.Error(), "one-time-secret") {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestOpeningIsCancelled(t *testing.T) {
	t.Parallel()
	release, opening := make(chan struct{}), make(chan struct{})
	s := start(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, emptyList) })
	client := s.client(func(c *svixportal.Config) {
		c.PortalURL = func(context.Context) (string, error) {
			close(opening)
			<-release
			return s.link(), nil
		}
	})
	opened := make(chan error)
	go func() { opened <- listOnce(context.Background(), client) }()
	<-opening
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := listOnce(ctx, client); err == nil {
		t.Error("a cancelled call has a session")
	}
	close(release)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

func TestSameURL(t *testing.T) {
	t.Parallel()
	for pair, same := range map[[2]string]bool{
		{"https://a.example", "https://a.example/"}:                            true,
		{"HTTPS://A.Example:443/x", "https://a.example/x"}:                     true,
		{"http://a.example:80/", "http://a.example"}:                           true,
		{"https://a.example/a/../b/./c", "https://a.example/b/c"}:              true,
		{"https://a.example/é?q=ä b", "https://a.example/%C3%A9?q=%C3%A4%20b"}: true,
		{"https://a.example/x", "https://a.example/X"}:                         false,
		{"https://a.example/x", "https://a.example/x/"}:                        false,
		{"https://a.example", "http://a.example"}:                              false,
		{"https://a.example", "https://a.example:8443"}:                        false,
		{"https://a.example?", "https://a.example?x"}:                          false,
		{"https://a.example#a", "https://a.example#b"}:                         false,
		{"", "https://a.example"}:                                              false,
	} {
		if got := svixportal.SameURL(pair[0], pair[1]); got != same {
			t.Errorf("%s and %s: %t", pair[0], pair[1], got)
		}
	}
}

func newReply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: readCloser{strings.NewReader(body)},
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
