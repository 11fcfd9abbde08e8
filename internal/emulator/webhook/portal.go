package webhook

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// PortalPath is where the portal's page would be. The emulator has the API behind it alone.
	PortalPath = "/webhook-portal/login"

	// PortalTokenEndpoint is the name of the exchange of one-time tokens in faults and in the request log, and its path.
	PortalTokenEndpoint = "auth/one-time-token"

	// oneTimeTokenLifetime is assumed [U]: long enough to follow a link.
	oneTimeTokenLifetime = 5 * time.Minute
)

// DefaultPortalTokenLifetime is how long a portal session lives unless [Options] says otherwise. It is known to be
// hours; how many is unknown [U].
const DefaultPortalTokenLifetime = 4 * time.Hour

// PortalSession is what a client needs to use the webhook endpoint API without the portal link.
type PortalSession struct {
	ServerURL     string `json:"server_url"`
	ApplicationID string `json:"application_id"`
	Token         string `json:"token"`
}

// Session opens a session on the webhook server.
func (s *Server) Session() PortalSession {
	return PortalSession{ServerURL: s.options.URL() + Base, ApplicationID: applicationID, Token: s.portal.newToken()}
}

// portal holds the sessions on the webhook server. They end with the process, as the platform's access tokens do here.
type portal struct {
	now      func() time.Time
	lifetime time.Duration

	mu      sync.Mutex
	oneTime map[string]time.Time // when each expires
	live    map[string]time.Time
}

func newPortal(options Options) *portal {
	return &portal{
		now: options.Now, lifetime: options.TokenLifetime,
		oneTime: map[string]time.Time{}, live: map[string]time.Time{},
	}
}

func (p *portal) newOneTimeToken() string { return p.add(p.oneTime, "ott_", oneTimeTokenLifetime) }
func (p *portal) newToken() string        { return p.add(p.live, "appsk_", p.lifetime) }

// add makes a token, and forgets those of its kind that have expired.
func (p *portal) add(tokens map[string]time.Time, prefix string, lifetime time.Duration) string {
	token := prefix + rand.Text() + rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for token, expires := range tokens {
		if !now.Before(expires) {
			delete(tokens, token)
		}
	}
	tokens[token] = now.Add(lifetime)
	return token
}

// redeem uses up a one-time token; false means that there is no such token, any more.
func (p *portal) redeem(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	expires, ok := p.oneTime[token]
	delete(p.oneTime, token)
	return ok && p.now().Before(expires)
}

// revokeAll ends all sessions and links.
func (p *portal) revokeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.oneTime)
	clear(p.live)
}

// authorize lets a call with a live token through.
func (p *portal) authorize(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); token == "" || !strings.EqualFold(scheme, "Bearer") {
		return svixUnauthorized("Missing authentication credentials.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if expires, ok := p.live[token]; !ok || !p.now().Before(expires) {
		return svixUnauthorized("Invalid or expired token.")
	}
	return nil
}

// exchangeOneTimeToken answers POST /api/v1/auth/one-time-token. That a token which is used up, expired or made up is
// 401 is inferred [I].
func (s *Server) exchangeOneTimeToken(r *http.Request, body []byte) (int, any, error) {
	if r.Method != http.MethodPost {
		return 0, nil, &svixError{status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "Method not allowed"}
	}
	in := newSvixInput(body)
	token, sent := field[string](in, "oneTimeToken", "a string", false)
	if !sent {
		in.missing("oneTimeToken")
	}
	if err := in.err(); err != nil {
		return 0, nil, err
	}
	if !s.portal.redeem(*token) {
		return 0, nil, svixUnauthorized("Invalid or expired one-time token.")
	}
	return http.StatusOK, map[string]string{"token": s.portal.newToken()}, nil
}

// link is the portal link: the page's address, with all that its script needs in the fragment, which browsers keep to
// themselves.
func (s *Server) link(base string) string {
	if s.quirks.PortalLinkUnknown {
		return base + PortalPath + "/" + rand.Text()
	}
	key := map[string]string{
		"appId":     applicationID,
		"serverUrl": base + Base,
		// These make the two alphabets of base64 differ wherever in the text they come to stand.
		"appName": ">>>>> Scalekit ?????",
	}
	if s.quirks.PortalLinkToken {
		key["token"] = s.portal.newToken()
	} else {
		key["oneTimeToken"] = s.portal.newOneTimeToken()
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(key); err != nil {
		return "" // Strings alone.
	}
	for text.Len()%3 != 1 {
		text.WriteByte(' ') // So that there always is padding.
	}
	encoding := base64.StdEncoding
	if s.quirks.PortalLinkURLSafe {
		encoding = base64.URLEncoding
	}
	if s.quirks.PortalLinkUnpadded {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	query := ""
	if s.quirks.PortalLinkQuery {
		query = "?theme=light&next=%2Fendpoints"
	}
	return base + PortalPath + query + "#key=" + encoding.EncodeToString(text.Bytes())
}
