package facts_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// run is one probe's use of an environment.
type run struct {
	t        *testing.T
	ctx      context.Context
	env      *acctest.Env
	client   *scalekit.Client
	cleanups []func(context.Context)
}

func newRun(t *testing.T, env *acctest.Env) *run {
	t.Helper()
	return &run{t: t, ctx: t.Context(), env: env, client: env.Client()}
}

// later removes something after the probe. What an organization has goes with it.
func (r *run) later(remove func(context.Context)) { r.cleanups = append(r.cleanups, remove) }

// cleanUp removes what the probe has created, the newest first. What cannot be removed is left to the environment's own
// sweep, which says so.
func (r *run) cleanUp() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), time.Minute)
	defer cancel()
	for _, remove := range slices.Backward(r.cleanups) {
		remove(ctx)
	}
}

// failures are the codes of errors that say nothing about the fact.
var failures = []connect.Code{
	connect.CodeUnavailable, connect.CodeDeadlineExceeded, connect.CodeResourceExhausted, connect.CodeCanceled,
	connect.CodeUnauthenticated, connect.CodePermissionDenied, connect.CodeUnimplemented, connect.CodeInternal, connect.CodeUnknown,
}

// try makes a call whose error may be the answer.
func try[Q, R any](r *run, call func(context.Context, *connect.Request[Q]) (*connect.Response[R], error), request *Q) (*R, error) {
	reply, err := call(r.ctx, connect.NewRequest(request))
	if err != nil {
		if code := connect.CodeOf(err); slices.Contains(failures, code) {
			giveUp("a call failed as %s: %s", code, r.redact(err.Error()))
		}
		return nil, err
	}
	return reply.Msg, nil
}

// must makes a call that has to succeed for the probe to go on.
func must[Q, R any](r *run, call func(context.Context, *connect.Request[Q]) (*connect.Response[R], error), request *Q) *R {
	reply, err := try(r, call, request)
	if err != nil {
		giveUp("a call that should succeed was refused: %s", r.redact(err.Error()))
	}
	return reply
}

// outcome is what came of a call: "accepted", or the code of the refusal.
func outcome(err error) string {
	if err == nil {
		return "accepted"
	}
	return "refused as " + connect.CodeOf(err).String()
}

// ids are the platform's ids in a text.
var ids = regexp.MustCompile(`\b([a-z]+\d?[a-z]*_)\d[0-9A-Za-z]{5,}\b`)

const longestReason = 300

// redact makes a text that the platform has written fit for a public report.
func (r *run) redact(text string) string {
	clientID, clientSecret := r.env.Credentials()
	host := strings.TrimPrefix(strings.TrimPrefix(r.env.URL(), "https://"), "http://")
	for secret, name := range map[string]string{clientSecret: "CLIENT_SECRET", clientID: "CLIENT_ID", host: "ENVIRONMENT"} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, name)
		}
	}
	text = strings.Join(strings.Fields(ids.ReplaceAllString(text, "${1}…")), " ")
	if runes := []rune(text); len(runes) > longestReason {
		text = string(runes[:longestReason]) + "…"
	}
	return text
}

// name is a name of the test's own that may stand in names of roles and permissions, in domains and in e-mail addresses
// as well.
func (r *run) name(base string) string { return base + strings.ReplaceAll(r.env.Name(""), "-", "") }

// organization makes one, with a name of the test's own; edit may add to it.
func (r *run) organization(edit ...func(*organizationsv1.CreateOrganization)) *organizationsv1.Organization {
	wanted := &organizationsv1.CreateOrganization{DisplayName: r.env.Name("Fact")}
	for _, change := range edit {
		change(wanted)
	}
	org := must(r, r.client.Organizations.CreateOrganization, &organizationsv1.CreateOrganizationRequest{Organization: wanted}).GetOrganization()
	r.removeOrganization(org.GetId())
	return org
}

// removeOrganization removes an organization after the probe.
func (r *run) removeOrganization(id string) {
	r.later(func(ctx context.Context) {
		_, _ = r.client.Organizations.DeleteOrganization(ctx, connect.NewRequest(&organizationsv1.DeleteOrganizationRequest{
			Identities: &organizationsv1.DeleteOrganizationRequest_Id{Id: id},
		}))
	})
}

// missingOrganization is an id that no organization has.
const missingOrganization = "org_100000000000000009"

// yesNo chooses an answer.
func yesNo(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// onOff prints a switch.
func onOff(on bool) string { return yesNo(on, "on", "off") }

// httpClient speaks HTTP/1.1 or 2 by TLS, and HTTP/2 with prior knowledge to a loopback http server, as the provider does.
func (r *run) httpClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if strings.HasPrefix(r.env.URL(), "http://") {
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	r.later(func(context.Context) { transport.CloseIdleConnections() })
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

// form describes a text by its letters and digits, without giving it away: "org_ and 18 digits".
func form(text string) string {
	prefix, rest, found := strings.Cut(text, "_")
	if !found {
		prefix, rest = "", text
	} else {
		prefix += "_ and "
	}
	switch {
	case regexp.MustCompile(`^\d+$`).MatchString(rest):
		return fmt.Sprintf("%s%d digits", prefix, len(rest))
	case regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`).MatchString(rest):
		return prefix + "a UUID"
	case regexp.MustCompile(`^[0-9A-Za-z]+$`).MatchString(rest):
		return fmt.Sprintf("%s%d letters and digits", prefix, len(rest))
	default:
		return fmt.Sprintf("%s%d characters", prefix, len(rest))
	}
}
