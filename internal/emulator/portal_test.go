package emulator_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

func (env *environment) portalLink(t *testing.T) string {
	t.Helper()
	got := env.send(t, http.MethodGet, env.URL()+"/api/v1/webhooks/portal-url", env.token, nil)
	if got.status != http.StatusOK {
		t.Fatalf("portal-url: %d %s", got.status, got.text)
	}
	return fmt.Sprint(got.body["url"])
}

func (env *environment) exchangeToken(t *testing.T, token any) *reply {
	t.Helper()
	return env.send(t, http.MethodPost, env.URL()+"/_svix/api/v1/auth/one-time-token", "", object{"oneTimeToken": token})
}

// The link leads to the endpoint API, whichever form it has.
func TestPortalLink(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks   emulator.Quirks
		encoding *base64.Encoding
		letters  string // that the key has beside letters and digits
		query    bool
	}{
		"usual":    {emulator.Quirks{}, base64.StdEncoding, "+/=", false},
		"URL-safe": {emulator.Quirks{PortalLinkURLSafe: true}, base64.URLEncoding, "-_=", false},
		"unpadded": {emulator.Quirks{PortalLinkUnpadded: true}, base64.RawStdEncoding, "+/", false},
		"all": {
			emulator.Quirks{PortalLinkURLSafe: true, PortalLinkUnpadded: true, PortalLinkQuery: true, PortalLinkToken: true},
			base64.RawURLEncoding, "-_", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{Quirks: test.quirks})
			link := env.portalLink(t)
			if !strings.HasPrefix(link, env.URL()+"/webhook-portal/login") {
				t.Errorf("link %s", link)
			}
			key, parsed := portalKey(t, link, test.encoding)
			for _, letter := range "+/-_=" {
				_, text, _ := strings.Cut(link, "#key=")
				if strings.ContainsRune(text, letter) != strings.ContainsRune(test.letters, letter) {
					t.Errorf("key %s: has %q: %t", text, letter, strings.ContainsRune(text, letter))
				}
			}
			if (parsed.RawQuery != "") != test.query {
				t.Errorf("query %q", parsed.RawQuery)
			}
			token := key["token"]
			if !test.quirks.PortalLinkToken {
				got := env.exchangeToken(t, key["oneTimeToken"])
				if got.status != http.StatusOK {
					t.Fatalf("exchange: %d %s", got.status, got.text)
				}
				token = fmt.Sprint(got.body["token"])
			}
			list := env.send(t, http.MethodGet, key["serverUrl"]+"/api/v1/app/"+key["appId"]+"/endpoint", token, nil)
			if list.status != http.StatusOK || !isTrue(list.body["done"]) {
				t.Errorf("list: %d %s", list.status, list.text)
			}
		})
	}
	env := start(t, emulator.Options{Quirks: emulator.Quirks{PortalLinkUnknown: true}})
	if link := env.portalLink(t); strings.Contains(link, "#") {
		t.Errorf("unknown form: %s", link)
	}
}

// One-time tokens work once and for minutes, sessions for hours; both can be revoked.
func TestPortalTokens(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := start(t, emulator.Options{Now: clock.Now, PortalTokenLifetime: time.Hour})
	oneTime := func() string {
		key, _ := portalKey(t, env.portalLink(t), base64.StdEncoding)
		return key["oneTimeToken"]
	}
	refused := func(what string, got *reply) {
		t.Helper()
		if got.status != http.StatusUnauthorized || got.body["code"] != "authentication_failed" || got.body["detail"] == "" {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}

	first := oneTime()
	got := env.exchangeToken(t, first)
	if got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.text)
	}
	refused("used", env.exchangeToken(t, first))
	refused("made up", env.exchangeToken(t, "ott_x"))
	late := oneTime()
	clock.advance(6 * time.Minute)
	refused("expired", env.exchangeToken(t, late))

	session := env.svix()
	session.token = fmt.Sprint(got.body["token"])
	session.must(t, http.StatusOK, http.MethodGet, "endpoint", nil)
	clock.advance(time.Hour)
	refused("expired session", session.call(t, http.MethodGet, "endpoint", nil))
	session.token = ""
	refused("no token", session.call(t, http.MethodGet, "endpoint", nil))

	session, unused := env.svix(), oneTime()
	env.RevokeTokens()
	refused("revoked session", session.call(t, http.MethodGet, "endpoint", nil))
	refused("revoked link", env.exchangeToken(t, unused))

	for _, body := range []any{object{}, object{"oneTimeToken": 1}, object{"oneTimeToken": nil}, []int{1}} {
		got := env.send(t, http.MethodPost, env.URL()+"/_svix/api/v1/auth/one-time-token", "", body)
		if got.status != http.StatusUnprocessableEntity || got.body["detail"] == nil {
			t.Errorf("%v: %d %s", body, got.status, got.text)
		}
	}
}

// The REST paths answer errors in the platform's shape.
func TestWebhookREST(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for _, test := range []struct {
		method, path, token string
		status              int
		errorCode           string
	}{
		{"GET", "portal-url", "", 401, "UNAUTHENTICATED"},
		{"GET", "portal-url", "x", 401, "UNAUTHENTICATED"},
		{"POST", "portal-url", env.token, 501, "UNIMPLEMENTED"},
		{"GET", "test-event/role.created", env.token, 501, "UNIMPLEMENTED"},
		{"POST", "test-event/role.exploded", env.token, 400, "INVALID_ARGUMENT"},
		{"POST", "test-event/" + strings.Repeat("x", 256), env.token, 400, "INVALID_ARGUMENT"},
		{"POST", "test-event/", env.token, 400, "INVALID_ARGUMENT"},
		{"POST", "test-event/a/b", env.token, 404, "NOT_FOUND"},
		{"GET", "nothing", env.token, 404, "NOT_FOUND"},
		{"GET", "wb/api/v1/app", env.token, 403, "PERMISSION_DENIED"},
		{"DELETE", "wb/endpoint", env.token, 403, "PERMISSION_DENIED"},
		{"PATCH", "wb", "", 401, "UNAUTHENTICATED"},
	} {
		got := env.send(t, test.method, env.URL()+"/api/v1/webhooks/"+test.path, test.token, nil)
		details, _ := got.body["details"].([]any)
		if got.status != test.status || len(details) != 1 {
			t.Errorf("%+v: %d %s", test, got.status, got.text)
			continue
		}
		info, _ := details[0].(object)
		if info["error_code"] != test.errorCode || info["request_info"].(object)["request_id"] == "" {
			t.Errorf("%+v: %s", test, got.text)
		}
	}
	got := env.send(t, http.MethodPost, env.URL()+"/api/v1/webhooks/test-event/role.created", env.token, nil)
	payload, _ := got.body["event_payload"].(object)
	if got.status != http.StatusOK || got.body["event_type"] != "role.created" || payload["type"] != "role.created" {
		t.Errorf("test event: %d %s", got.status, got.text)
	}
	if status, text := env.do(t, http.MethodGet, "/webhook-portal/login", "", ""); status != http.StatusOK || text == "" {
		t.Errorf("page: %d %s", status, text)
	}
}

// The same methods over gRPC: these messages have the same wire form as the service's own.
func TestWebhookGRPC(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	const service = "/scalekit.v1.webhooks.WebhookService/"
	portal := connect.NewClient[emptypb.Empty, wrapperspb.StringValue](
		env.http, env.URL()+service+"GetPortalURL", connect.WithGRPC(), bearer(env.token))
	link, err := portal.CallUnary(t.Context(), connect.NewRequest(&emptypb.Empty{}))
	if err != nil {
		t.Fatal(err)
	}
	if key, _ := portalKey(t, link.Msg.GetValue(), base64.StdEncoding); key["appId"] == "" {
		t.Errorf("link %s", link.Msg.GetValue())
	}
	event := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](
		env.http, env.URL()+service+"SendTestEvent", connect.WithGRPC(), bearer(env.token))
	sent, err := event.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("user.login")))
	if err != nil || sent.Msg.GetValue() != "user.login" {
		t.Errorf("test event %v (%v)", sent, err)
	}
	_, err = event.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("")))
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	for name, code := range map[string]connect.Code{
		"WebhookWrapper": connect.CodePermissionDenied, "SendWebhookEvent": connect.CodeUnimplemented,
	} {
		other := connect.NewClient[emptypb.Empty, emptypb.Empty](env.http, env.URL()+service+name, connect.WithGRPC(), bearer(env.token))
		if _, err := other.CallUnary(t.Context(), connect.NewRequest(&emptypb.Empty{})); connect.CodeOf(err) != code {
			t.Errorf("%s: %v, want %v", name, err, code)
		}
	}
	anonymous := connect.NewClient[emptypb.Empty, emptypb.Empty](env.http, env.URL()+service+"GetPortalURL", connect.WithGRPC())
	_, err = anonymous.CallUnary(t.Context(), connect.NewRequest(&emptypb.Empty{}))
	wantError(t, err, connect.CodeUnauthenticated, "UNAUTHENTICATED")
}
