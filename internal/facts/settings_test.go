package facts_test

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/wrapperspb"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// The names of features. The directory's is documented as dir_sync, and once as scim.
const (
	featureSSO     = "sso"
	featureDirSync = "dir_sync"
	featureSCIM    = "scim"
)

var settingsFacts = []fact{
	{
		key:      "features.directory-name",
		question: "Which name has the feature of directories?",
		assumed:  "dir_sync",
		mark:     contradictory,
		relies:   "scalekit_organization_features sends the name that the organization lists, and dir_sync where it lists none.",
		probe: func(r *run) string {
			var names []string
			for _, name := range []string{featureDirSync, featureSCIM} {
				features, err := r.setFeatures(r.organization(), name, true)
				if err == nil && features[name] {
					names = append(names, name)
				}
			}
			return yesNo(names == nil, "neither dir_sync nor scim", strings.Join(names, " and "))
		},
		variants: []variant{{emulator.Quirks{ScimFeatureName: true}, "scim"}},
	},
	{
		key:      "features.fresh",
		question: "Which features does a new organization list?",
		assumed:  "dir_sync off, sso on",
		mark:     seen,
		relies:   "scalekit_organization_features takes a feature that is not listed to be off.",
		probe: func(r *run) string {
			listed := map[string]bool{}
			for name, enabled := range features(r.organization()) {
				listed[name+" "+onOff(enabled)] = true
			}
			return yesNo(len(listed) == 0, "none", sorted(listed))
		},
		variants: []variant{{emulator.Quirks{NoFreshFeatures: true}, "none"}, {emulator.Quirks{FreshFeaturesListed: true}, "dir_sync off, domain_verification off, session_policy off, sso off"}},
	},
	{
		key:      "features.update",
		question: "What does an update of one feature do to the others?",
		assumed:  "nothing",
		mark:     inferred,
		relies:   "scalekit_organization_features sends those that it declares alone.",
		probe: func(r *run) string {
			org := r.organization()
			if _, err := r.setFeatures(org, featureSSO, true); err != nil {
				giveUp("a feature cannot be turned on: %s", outcome(err))
			}
			after, err := r.setFeatures(org, "domain_verification", true)
			if err != nil {
				giveUp("a feature cannot be turned on: %s", outcome(err))
			}
			return yesNo(after[featureSSO], "nothing", "turns them off")
		},
		variants: []variant{{emulator.Quirks{FeaturesReplace: true}, "turns them off"}},
	},
	{
		key:      "session-policy.needs-feature",
		question: "What is the answer to a session policy for an organization whose session_policy feature is off?",
		assumed:  "accepted",
		mark:     contradictory,
		relies:   "scalekit_organization_session_policy says in its error that the feature may be missing.",
		probe: func(r *run) string {
			_, err := r.setPolicy(r.organization(), 480, 60)
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{SessionPolicyNeedsFeature: true}, "refused as invalid_argument"}},
	},
	{
		key:      "session-policy.update",
		question: "What does an update of a session policy do to a timeout that it does not send?",
		assumed:  "nothing",
		mark:     unknown,
		relies:   "scalekit_organization_session_policy sends what is declared, and shows the rest as the platform keeps it.",
		probe: func(r *run) string {
			org := r.organization()
			r.enableSessionPolicy(org)
			if _, err := r.setPolicy(org, 480, 60); err != nil {
				giveUp("a session policy is refused: %s", outcome(err))
			}
			got, err := r.setPolicy(org, 600, 0)
			if err != nil {
				return outcome(err)
			}
			return yesNo(got.GetIdleSessionTimeout().GetValue() == 60, "nothing", "drops it")
		},
		variants: []variant{{emulator.Quirks{SessionPolicyReplaces: true}, "drops it"}},
	},
	{
		key:      "session-policy.order",
		question: "How is an idle timeout that is longer than the absolute one refused?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "The plan refuses such a policy beforehand.",
		probe: func(r *run) string {
			org := r.organization()
			r.enableSessionPolicy(org)
			_, err := r.setPolicy(org, 60, 120)
			return outcome(err)
		},
	},
	{
		key:      "session-policy.disabled-idle",
		question: "What is the answer to an idle timeout that is off and longer than the absolute one?",
		assumed:  "refused as invalid_argument",
		mark:     unknown,
		relies:   "The plan leaves it to the platform.",
		probe: func(r *run) string {
			org := r.organization()
			r.enableSessionPolicy(org)
			request := policy(org, 60, 120)
			request.IdleSessionTimeoutEnabled = wrapperspb.Bool(false)
			_, err := try(r, r.client.Organizations.UpdateOrganizationSessionPolicy, request)
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{DisabledIdleTimeoutIsFree: true}, "accepted"}},
	},
	{
		key:      "session-policy.no-idle",
		question: "Which idle timeout is read of a session policy that has none?",
		assumed:  "none",
		mark:     unknown,
		relies:   "scalekit_organization_session_policy takes 0 for none.",
		probe: func(r *run) string {
			org := r.organization()
			r.enableSessionPolicy(org)
			got, err := r.setPolicy(org, 480, 0)
			if err != nil {
				return outcome(err)
			}
			idle := got.GetIdleSessionTimeout()
			return yesNo(idle == nil, "none", fmt.Sprint(idle.GetValue()))
		},
		variants: []variant{{emulator.Quirks{ZeroIdleTimeout: true}, "0"}},
	},
	{
		key:      "user-management.fresh",
		question: "Which limit of users does a new organization have?",
		assumed:  "none",
		mark:     unknown,
		relies:   "Nothing depends on it: scalekit_organization_user_management shows what it reads.",
		probe: func(r *run) string {
			reply := must(r, r.client.Organizations.GetOrganizationUserManagementSetting, &organizationsv1.GetOrganizationUserManagementSettingsRequest{
				OrganizationId: r.organization().GetId(),
			})
			limit := reply.GetSettings().GetMaxAllowedUsers()
			return yesNo(limit == nil, "none", fmt.Sprint(limit.GetValue()))
		},
	},
	{
		key:      "user-management.limit",
		question: "How is a user above the limit of an organization refused?",
		assumed:  "refused as invalid_argument",
		mark:     unknown,
		relies:   "Nothing depends on it but the emulator.",
		probe: func(r *run) string {
			org := r.organization()
			must(r, r.client.Organizations.UpsertUserManagementSettings, &organizationsv1.UpsertUserManagementSettingsRequest{
				OrganizationId: org.GetId(), Settings: &organizationsv1.OrganizationUserManagementSettings{MaxAllowedUsers: wrapperspb.Int32(1)},
			})
			if _, err := r.user(org, "first"); err != nil {
				giveUp("the first user is refused: %s", outcome(err))
			}
			_, err := r.user(org, "second")
			return outcome(err)
		},
	},
}

func features(org *organizationsv1.Organization) map[string]bool {
	enabled := map[string]bool{}
	for _, feature := range org.GetSettings().GetFeatures() {
		enabled[feature.GetName()] = feature.GetEnabled()
	}
	return enabled
}

// setFeatures turns one feature on or off and returns those that the organization has then.
func (r *run) setFeatures(org *organizationsv1.Organization, name string, enabled bool) (map[string]bool, error) {
	_, err := try(r, r.client.Organizations.UpdateOrganizationSettings, &organizationsv1.UpdateOrganizationSettingsRequest{
		Id: org.GetId(),
		Settings: &organizationsv1.OrganizationSettings{Features: []*organizationsv1.OrganizationSettingsFeature{
			{Name: name, Enabled: enabled},
		}},
	})
	if err != nil {
		return nil, err
	}
	return features(must(r, r.client.Organizations.GetOrganization, byID(org.GetId())).GetOrganization()), nil
}

// enableSessionPolicy makes a probe of session policies independent of whether they need the feature.
func (r *run) enableSessionPolicy(org *organizationsv1.Organization) {
	if _, err := r.setFeatures(org, "session_policy", true); err != nil {
		giveUp("the session_policy feature cannot be turned on: %s", outcome(err))
	}
}

// policy is a request for a session policy of its own, in minutes; an idle timeout of 0 is left out.
func policy(org *organizationsv1.Organization, absolute, idle int32) *organizationsv1.UpdateOrganizationSessionPolicyRequest {
	request := &organizationsv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId:             org.GetId(),
		PolicySource:               organizationsv1.SessionPolicyType_CUSTOM,
		AbsoluteSessionTimeout:     wrapperspb.Int32(absolute),
		AbsoluteSessionTimeoutUnit: commonsv1.TimeUnit_MINUTES.Enum(),
	}
	if idle != 0 {
		request.IdleSessionTimeoutEnabled = wrapperspb.Bool(true)
		request.IdleSessionTimeout, request.IdleSessionTimeoutUnit = wrapperspb.Int32(idle), commonsv1.TimeUnit_MINUTES.Enum()
	}
	return request
}

// setPolicy sets timeouts in minutes; an idle one of 0 is not sent.
func (r *run) setPolicy(org *organizationsv1.Organization, absolute, idle int32) (*organizationsv1.OrganizationSessionPolicySettings, error) {
	if _, err := try(r, r.client.Organizations.UpdateOrganizationSessionPolicy, policy(org, absolute, idle)); err != nil {
		return nil, err
	}
	return must(r, r.client.Organizations.GetOrganizationSessionPolicy, &organizationsv1.GetOrganizationSessionPolicyRequest{
		OrganizationId: org.GetId(),
	}).GetPolicy(), nil
}
