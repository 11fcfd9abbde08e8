package facts_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// documentedEventTypes are those of Scalekit's OpenAPI document.
const documentedEventTypes = `
	organization.created organization.updated organization.deleted organization.domain_created organization.domain_deleted
	organization.domain_dns_verification_success organization.domain_dns_verification_failed organization.directory_enabled
	organization.directory_disabled organization.sso_created organization.sso_enabled organization.sso_disabled
	organization.sso_deleted organization.directory.user_created organization.directory.user_updated
	organization.directory.user_deleted organization.directory.group_created organization.directory.group_updated
	organization.directory.group_deleted user.signup user.login user.logout user.organization_invitation
	user.organization_membership_created user.organization_membership_updated user.organization_membership_deleted
	role.created role.updated role.deleted permission.created permission.updated permission.deleted
	connected_account.created connected_account.updated connected_account.status_updated connected_account.deleted
	connected_account.magic_link_generated connected_account.oauth_tokens_fetched connected_account.token_refresh_succeeded
	connected_account.token_refresh_failed connected_account.oauth_succeeded`

var webhookFacts = []fact{
	{
		key:      "webhook.link",
		question: "What does the webhook portal's link have in its fragment?",
		assumed:  "a key with appId, oneTimeToken and serverUrl",
		mark:     inferred,
		relies:   "scalekit_webhook_endpoint opens its session with the link; the webhooks block does without.",
		probe: func(r *run) string {
			members, _ := r.linkKey()
			if members == nil {
				return "no key"
			}
			var found []string
			for _, name := range []string{"appId", "oneTimeToken", "token", "region", "serverUrl"} {
				if members[name] != "" {
					found = append(found, name)
				}
			}
			if len(found) == 0 {
				return "a key without all that is needed"
			}
			last := len(found) - 1
			return "a key with " + strings.Join(found[:last], ", ") + yesNo(last > 0, " and ", "") + found[last]
		},
		variants: []variant{
			{emulator.Quirks{PortalLinkToken: true}, "a key with appId, token and serverUrl"},
			{emulator.Quirks{PortalLinkUnknown: true}, "no key"},
		},
	},
	{
		key:      "webhook.link-encoding",
		question: "How is the key in the webhook portal's link encoded?",
		assumed:  "standard base64 with padding",
		mark:     inferred,
		relies:   "The provider reads every form of base64.",
		probe: func(r *run) string {
			_, encoding := r.linkKey()
			return encoding
		},
		variants: []variant{
			{emulator.Quirks{PortalLinkURLSafe: true}, "URL-safe base64 with padding"},
			{emulator.Quirks{PortalLinkUnpadded: true}, "standard base64 without padding"},
		},
	},
	{
		key:      "webhook.link-query",
		question: "Has the webhook portal's link a query?",
		assumed:  "no",
		mark:     inferred,
		relies:   "The provider does not look at it.",
		probe: func(r *run) string {
			before, _, _ := strings.Cut(r.link(), "#")
			return yesNo(strings.Contains(before, "?"), "yes", "no")
		},
		variants: []variant{{emulator.Quirks{PortalLinkQuery: true}, "yes"}},
	},
	{
		key:      "webhook.one-time-token",
		question: "What is the answer to a one-time token that comes a second time?",
		assumed:  "401",
		mark:     inferred,
		relies:   "The provider takes a fresh link where the answer to an exchange was lost.",
		probe: func(r *run) string {
			portal := r.portal()
			if portal.oneTimeToken == "" {
				return "there is no one-time token"
			}
			return fmt.Sprint(portal.send(http.MethodPost, "/api/v1/auth/one-time-token", map[string]any{"oneTimeToken": portal.oneTimeToken}, "").status)
		},
	},
	{
		key:      "webhook.event-types",
		question: "Does the webhook server list the event types of the OpenAPI document?",
		assumed:  "all of them",
		mark:     inferred,
		relies:   "The plan warns of event types that are not listed.",
		probe: func(r *run) string {
			listed := map[string]bool{}
			for one, err := range r.env.Webhooks().EventTypes(r.ctx) {
				if err != nil {
					giveUp("the event types cannot be listed: %s", r.redact(err.Error()))
				}
				listed[one.Name] = true
			}
			missing := map[string]bool{}
			for name := range strings.FieldsSeq(documentedEventTypes) {
				missing[name] = !listed[name]
			}
			for name, isMissing := range missing {
				if !isMissing {
					delete(missing, name)
				}
			}
			return yesNo(len(missing) == 0, "all of them", "not "+sorted(missing))
		},
	},
	{
		key:      "webhook.endpoint-fields",
		question: "Under which names does the webhook server have an endpoint's event types and rate limit?",
		assumed:  "eventTypes, filterTypes, rateLimit, throttleRate",
		mark:     unknown,
		relies:   "The provider reads and writes the older names, which both kinds of servers know.",
		probe: func(r *run) string {
			reply := r.endpoint(map[string]any{"filterTypes": []string{"user.login"}, "rateLimit": 5})
			if reply.status != http.StatusCreated {
				return reply.outcome()
			}
			names := map[string]bool{}
			for _, name := range []string{"filterTypes", "eventTypes", "rateLimit", "throttleRate"} {
				if reply.body[name] != nil {
					names[name] = true
				}
			}
			return yesNo(len(names) > 0, sorted(names), "none")
		},
		variants: []variant{{emulator.Quirks{OldEndpointFields: true}, "filterTypes, rateLimit"}},
	},
	{
		key:      "webhook.endpoint-url",
		question: "How does the webhook server keep an endpoint's URL?",
		assumed:  "as a parser of URLs writes it",
		mark:     inferred,
		relies:   "scalekit_webhook_endpoint takes URLs that mean the same to be equal.",
		probe: func(r *run) string {
			sent := "HTTPS://Hooks." + r.name("acme") + ".example:443"
			reply := r.endpoint(map[string]any{"url": sent})
			if reply.status != http.StatusCreated {
				return reply.outcome()
			}
			switch reply.body["url"] {
			case sent:
				return "as it was sent"
			case "https://hooks." + r.name("acme") + ".example/":
				return "as a parser of URLs writes it"
			default:
				return "otherwise"
			}
		},
		variants: []variant{{emulator.Quirks{KeepsEndpointURL: true}, "as it was sent"}},
	},
	{
		key:      "webhook.endpoint-http",
		question: "What is the answer to an endpoint at a plain http address?",
		assumed:  "accepted",
		mark:     unknown,
		relies:   "The provider lets plain http through for loopback hosts alone.",
		probe: func(r *run) string {
			return r.endpoint(map[string]any{"url": "http://hooks." + r.name("acme") + ".example"}).outcome()
		},
		variants: []variant{{emulator.Quirks{EndpointsNeedHTTPS: true}, "refused with 422"}},
	},
	{
		key:      "webhook.endpoint-event-type",
		question: "What is the answer to an endpoint for an event type that does not exist?",
		assumed:  "accepted",
		mark:     inferred,
		relies:   "The plan warns of it, and does not fail.",
		probe: func(r *run) string {
			return r.endpoint(map[string]any{"filterTypes": []string{"no.such_event"}}).outcome()
		},
		variants: []variant{{emulator.Quirks{ChecksEventTypes: true}, "refused with 422"}},
	},
	{
		key:      "webhook.idempotency",
		question: "What is the answer to an idempotency key that comes again with another body?",
		assumed:  "the first reply",
		mark:     inferred,
		relies:   "The provider uses a key for one body alone.",
		probe: func(r *run) string {
			portal, key := r.portal(), r.name("key")
			first := portal.create(map[string]any{"description": "one"}, key)
			second := portal.create(map[string]any{"description": "two"}, key)
			switch {
			case first.status != http.StatusCreated:
				return first.outcome()
			case second.status >= http.StatusBadRequest:
				return second.outcome()
			default:
				return yesNo(first.body["id"] == second.body["id"], "the first reply", "a second endpoint")
			}
		},
		variants: []variant{{emulator.Quirks{IdempotencyChecksBody: true}, "refused with 409"}},
	},
}

// link is a fresh link to the webhook portal. It is a credential.
func (r *run) link() string {
	link, err := r.client.PortalURL(r.ctx)
	if err != nil {
		giveUp("there is no link to a webhook portal: %s", r.redact(err.Error()))
	}
	return link
}

// linkKey reads the key in a fresh link's fragment: the members that are texts, and how they are encoded. No members are
// no key.
func (r *run) linkKey() (members map[string]string, encoding string) {
	_, fragment, _ := strings.Cut(r.link(), "#")
	for part := range strings.SplitSeq(fragment, "&") {
		key, ok := strings.CutPrefix(part, "key=")
		if !ok {
			continue
		}
		if unescaped, err := url.PathUnescape(key); err == nil {
			key = unescaped
		}
		encoding = yesNo(strings.ContainsAny(key, "-_"), "URL-safe base64", "standard base64")
		encoding += yesNo(strings.HasSuffix(key, "="), " with padding", " without padding")
		key = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(key), "=")
		decoded, err := base64.RawStdEncoding.DecodeString(key)
		var values map[string]any
		if err != nil || json.Unmarshal(decoded, &values) != nil {
			return nil, "not base64 of an object"
		}
		members = map[string]string{}
		for name, value := range values {
			if text, ok := value.(string); ok {
				members[name] = text
			}
		}
	}
	return members, encoding
}

// portal is a session on the webhook server.
type portal struct {
	run                        *run
	server, application, token string
	oneTimeToken               string
	client                     *http.Client
}

// portal opens a session as the portal's page does.
func (r *run) portal() *portal {
	members, _ := r.linkKey()
	p := &portal{
		run: r, client: &http.Client{}, server: members["serverUrl"], application: members["appId"], token: members["token"],
		oneTimeToken: members["oneTimeToken"],
	}
	if p.server == "" {
		p.server = "https://api.svix.com"
		if members["region"] != "" {
			p.server = "https://api." + members["region"] + ".svix.com"
		}
	}
	if p.token == "" && p.oneTimeToken != "" {
		opened := p.send(http.MethodPost, "/api/v1/auth/one-time-token", map[string]any{"oneTimeToken": p.oneTimeToken}, "")
		p.token, _ = opened.body["token"].(string)
	}
	if p.token == "" || p.application == "" {
		giveUp("the webhook portal's link opens no session")
	}
	return p
}

// portalReply is what the webhook server answers.
type portalReply struct {
	status int
	body   map[string]any
}

func (reply portalReply) outcome() string {
	if reply.status < http.StatusBadRequest {
		return "accepted"
	}
	return fmt.Sprintf("refused with %d", reply.status)
}

func (p *portal) send(method, path string, body any, idempotencyKey string) portalReply {
	encoded, err := json.Marshal(body)
	if err != nil {
		giveUp("%v", err)
	}
	request, err := http.NewRequestWithContext(p.run.ctx, method, strings.TrimRight(p.server, "/")+path, bytes.NewReader(encoded))
	if err != nil {
		giveUp("the webhook server's URL cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	if idempotencyKey != "" {
		request.Header.Set("Idempotency-Key", idempotencyKey)
	}
	response, err := p.client.Do(request)
	if err != nil {
		giveUp("the webhook server does not answer: %s", p.run.redact(err.Error()))
	}
	defer response.Body.Close()
	reply := portalReply{status: response.StatusCode}
	content, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	_ = json.Unmarshal(content, &reply.body)
	if slices.Contains([]int{http.StatusTooManyRequests, http.StatusForbidden}, reply.status) || reply.status >= http.StatusInternalServerError {
		giveUp("the webhook server answered with %d", reply.status)
	}
	return reply
}

// create makes an endpoint that gets nothing, at an address of the test's own.
func (p *portal) create(fields map[string]any, idempotencyKey string) portalReply {
	body := map[string]any{"url": "https://hooks." + p.run.name("acme") + ".example", "disabled": true}
	for name, value := range fields {
		body[name] = value
	}
	endpoints := "/api/v1/app/" + p.application + "/endpoint"
	reply := p.send(http.MethodPost, endpoints, body, idempotencyKey)
	if id, ok := reply.body["id"].(string); ok {
		p.run.later(func(ctx context.Context) { _ = p.run.env.Webhooks().Delete(ctx, id) })
	}
	return reply
}

func (r *run) endpoint(fields map[string]any) portalReply { return r.portal().create(fields, "") }
