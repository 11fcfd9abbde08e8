package facts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

var transportFacts = []fact{
	{
		key:      "token.wrong-secret",
		question: "How does the token endpoint refuse a wrong secret?",
		assumed:  "401 invalid_client with error_description",
		mark:     unknown,
		relies:   "The provider tells wrong credentials from a host that is not Scalekit.",
		probe:    func(r *run) string { return r.refusedToken("client_credentials") },
	},
	{
		key:      "token.unknown-grant",
		question: "How does the token endpoint refuse a grant type that it does not know?",
		assumed:  "400 unsupported_grant_type with error_description",
		mark:     inferred,
		relies:   "Nothing depends on it: it completes what is known of the token endpoint's errors.",
		probe:    func(r *run) string { return r.refusedToken("no_such_grant") },
	},
	{
		key:      "call.without-token",
		question: "What is the answer to a call without an access token?",
		assumed:  "refused as unauthenticated",
		mark:     seen,
		relies:   "The provider renews its token when a call is answered so.",
		probe:    func(r *run) string { return r.callWithToken("") },
	},
	{
		key:      "call.wrong-token",
		question: "What is the answer to a call with an access token that means nothing?",
		assumed:  "refused as unauthenticated",
		mark:     inferred,
		relies:   "The provider renews its token when a call is answered so.",
		probe:    func(r *run) string { return r.callWithToken("none") },
	},
	{
		key:      "error.info",
		question: "What does an error carry beside its code and its message?",
		assumed:  "ErrorInfo with an error code and a request id",
		mark:     seen,
		relies:   "The provider's errors name both, for Scalekit's support.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Organizations.GetOrganization, byID(missingOrganization))
			explained := scalekit.Explain(err)
			code := yesNo(explained.ErrorCode != "", "an error code", "no error code")
			id := yesNo(explained.RequestID != "", "a request id", "no request id")
			return yesNo(explained.ErrorCode+explained.RequestID != "", fmt.Sprintf("ErrorInfo with %s and %s", code, id), "no ErrorInfo")
		},
	},
	{
		key:      "error.violations",
		question: "Does an error about one field of a request name the field?",
		assumed:  "organization.display_name",
		mark:     inferred,
		relies:   "The provider puts the error on the attribute.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Organizations.CreateOrganization, &organizationsv1.CreateOrganizationRequest{
				Organization: &organizationsv1.CreateOrganization{DisplayName: strings.Repeat("a", 201)},
			})
			if err == nil {
				giveUp("a display name that is too long was accepted")
			}
			for _, violation := range scalekit.Explain(err).Violations {
				return violation.Field
			}
			return "it names no field"
		},
	},
	{
		key:      "rate-limit.retry-after",
		question: "Does the answer to a call above the rate limit say when to come again?",
		assumed:  "yes, by Retry-After",
		mark:     unknown,
		relies:   "The provider waits as long as it is told, and otherwise longer each time.",
		probe:    (*run).rateLimit,
	},
}

// refusedToken asks for a token with a wrong secret.
func (r *run) refusedToken(grant string) string {
	clientID, _ := r.env.Credentials()
	form := url.Values{"grant_type": {grant}, "client_id": {clientID}, "client_secret": {"wrong"}}
	request, err := http.NewRequestWithContext(r.ctx, http.MethodPost, r.env.URL()+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		giveUp("%v", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := r.httpClient().Do(request)
	if err != nil {
		giveUp("%s", r.redact(err.Error()))
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	if err != nil {
		giveUp("%s", r.redact(err.Error()))
	}
	var body map[string]any
	if json.Unmarshal(content, &body) != nil {
		return fmt.Sprintf("%d with %s that is not JSON", reply.StatusCode, reply.Header.Get("Content-Type"))
	}
	answer := fmt.Sprintf("%d %v", reply.StatusCode, body["error"])
	return answer + yesNo(body["error_description"] != nil, " with error_description", "")
}

// callWithToken lists organizations.
func (r *run) callWithToken(token string) string {
	organizations := organizationsconnect.NewOrganizationServiceClient(r.httpClient(), r.env.URL(), connect.WithGRPC())
	request := connect.NewRequest(&organizationsv1.ListOrganizationsRequest{PageSize: 1})
	if token != "" {
		request.Header().Set("Authorization", "Bearer "+token)
	}
	_, err := organizations.ListOrganization(r.ctx, request)
	if err != nil && connect.CodeOf(err) != connect.CodeUnauthenticated && connect.CodeOf(err) != connect.CodePermissionDenied {
		giveUp("the call failed: %s", r.redact(err.Error()))
	}
	return outcome(err)
}

// rateLimit reads until a call is above the rate limit, but not for long: that would disturb whatever else uses the
// environment. The emulator is asked for a refusal.
func (r *run) rateLimit() string {
	const reads = 60
	if r.env.Emulator != nil {
		fault := emulator.Fault{RPC: "ListOrganization", Kind: emulator.FaultRateLimit, Skip: reads / 2, RetryAfter: time.Second}
		if err := r.env.Emulator.SetFaults([]emulator.Fault{fault}); err != nil {
			giveUp("%v", err)
		}
	}
	clientID, clientSecret := r.env.Credentials()
	client := scalekit.New(scalekit.Config{
		EnvironmentURL: r.env.URL(), ClientID: clientID, ClientSecret: clientSecret, RequestTimeout: 30 * time.Second, UserAgent: "facts",
	})
	for range reads {
		_, err := client.Organizations.ListOrganization(r.ctx, connect.NewRequest(&organizationsv1.ListOrganizationsRequest{PageSize: 1}))
		if connect.CodeOf(err) != connect.CodeResourceExhausted || err == nil {
			continue
		}
		refused := new(connect.Error)
		if errors.As(err, &refused) && refused.Meta().Get("Retry-After") != "" {
			return "yes, by Retry-After"
		}
		return "no"
	}
	giveUp("no call was above the rate limit")
	return ""
}
