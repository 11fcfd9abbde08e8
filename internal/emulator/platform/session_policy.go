package platform

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// The application's session policy, in minutes. The access token's 5 are documented, the others assumed [U].
const (
	applicationAbsoluteTimeout = 30 * 24 * 60
	applicationIdleTimeout     = 7 * 24 * 60
	accessTokenExpiry          = 5
)

// The ranges documented for an environment's policy, in minutes; that an organization's has the same is inferred [I].
const (
	maxAbsoluteTimeout = 525600
	maxIdleTimeout     = 10080
)

// GetOrganizationSessionPolicy implements the RPC of that name. Timeouts are in minutes, whatever unit they came in.
func (s *organizations) GetOrganizationSessionPolicy(
	_ context.Context, req *connect.Request[orgv1.GetOrganizationSessionPolicyRequest],
) (*connect.Response[orgv1.GetOrganizationSessionPolicyResponse], error) {
	return store.Query(s.store, func() (*orgv1.GetOrganizationSessionPolicyResponse, error) {
		policy, err := s.sessionPolicy(req.Msg.GetOrganizationId())
		return &orgv1.GetOrganizationSessionPolicyResponse{Policy: policy}, err
	})
}

func (s *organizations) sessionPolicy(id string) (*orgv1.OrganizationSessionPolicySettings, error) {
	switch {
	case !s.rows.Has(id):
		return nil, apierr.NotFound("organization", id)
	case !s.sessionPolicies.Has(id):
		return &orgv1.OrganizationSessionPolicySettings{PolicySource: orgv1.SessionPolicyType_APPLICATION}, nil
	}
	return s.sessionPolicies.Get(id)
}

// GetApplicationSessionPolicy implements the RPC of that name.
func (s *organizations) GetApplicationSessionPolicy(
	_ context.Context, req *connect.Request[orgv1.GetApplicationSessionPolicyRequest],
) (*connect.Response[orgv1.GetApplicationSessionPolicyResponse], error) {
	return store.Query(s.store, func() (*orgv1.GetApplicationSessionPolicyResponse, error) {
		if id := req.Msg.GetOrganizationId(); !s.rows.Has(id) {
			return nil, apierr.NotFound("organization", id)
		}
		return &orgv1.GetApplicationSessionPolicyResponse{
			ApplicationPolicy: &orgv1.ApplicationSessionPolicySettings{
				AbsoluteSessionTimeout: applicationAbsoluteTimeout,
				IdleSessionTimeout:     applicationIdleTimeout,
				AccessTokenExpiry:      accessTokenExpiry,
			},
		}, nil
	})
}

// UpdateOrganizationSessionPolicy implements the RPC of that name.
func (s *organizations) UpdateOrganizationSessionPolicy(
	_ context.Context, req *connect.Request[orgv1.UpdateOrganizationSessionPolicyRequest],
) (*connect.Response[orgv1.UpdateOrganizationSessionPolicyResponse], error) {
	return store.Mutate(s.store, func() (*orgv1.UpdateOrganizationSessionPolicyResponse, error) {
		policy, err := s.setSessionPolicy(req.Msg)
		return &orgv1.UpdateOrganizationSessionPolicyResponse{Policy: policy}, err
	})
}

func (s *organizations) setSessionPolicy(
	wanted *orgv1.UpdateOrganizationSessionPolicyRequest,
) (*orgv1.OrganizationSessionPolicySettings, error) {
	org, err := s.rows.Get(wanted.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	switch wanted.GetPolicySource() {
	case orgv1.SessionPolicyType_APPLICATION:
		s.sessionPolicies.Delete(org.GetId()) // APPLICATION drops the timeouts, those just sent too.
		s.touch(org)
		return s.sessionPolicy(org.GetId())
	case orgv1.SessionPolicyType_CUSTOM:
		// Below.
	default:
		// Whether leaving it out keeps the source is unknown [U].
		return nil, apierr.InvalidField("policy_source", "enum.not_in", "must be APPLICATION or CUSTOM")
	}
	if s.quirks.SessionPolicyNeedsFeature && !featureEnabled(org, featureSessionPolicy) {
		return nil, apierr.New(connect.CodeInvalidArgument, "the session_policy feature is not enabled for this organization")
	}
	policy, err := s.customPolicy(wanted)
	if err != nil {
		return nil, err
	}
	s.sessionPolicies.Put(org.GetId(), org.GetId(), policy)
	s.touch(org)
	return policy, nil
}

// customPolicy lays the fields that are sent over the present policy, and checks the result.
func (s *organizations) customPolicy(
	wanted *orgv1.UpdateOrganizationSessionPolicyRequest,
) (*orgv1.OrganizationSessionPolicySettings, error) {
	policy, err := s.sessionPolicy(wanted.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	if s.quirks.SessionPolicyReplaces {
		policy = &orgv1.OrganizationSessionPolicySettings{}
	}
	policy.PolicySource = orgv1.SessionPolicyType_CUSTOM
	if sent := wanted.GetAbsoluteSessionTimeout(); sent != nil {
		minutes, err := toMinutes("absolute_session_timeout", sent, wanted.AbsoluteSessionTimeoutUnit, maxAbsoluteTimeout)
		if err != nil {
			return nil, err
		}
		policy.AbsoluteSessionTimeout = minutes
		policy.AbsoluteSessionTimeoutUnit = commonsv1.TimeUnit_MINUTES.Enum()
	}
	if sent := wanted.GetIdleSessionTimeout(); sent != nil {
		minutes, err := toMinutes("idle_session_timeout", sent, wanted.IdleSessionTimeoutUnit, maxIdleTimeout)
		if err != nil {
			return nil, err
		}
		policy.IdleSessionTimeout = minutes
		policy.IdleSessionTimeoutUnit = commonsv1.TimeUnit_MINUTES.Enum()
	}
	if sent := wanted.GetIdleSessionTimeoutEnabled(); sent != nil {
		policy.IdleSessionTimeoutEnabled = proto.CloneOf(sent)
	}
	if s.quirks.ZeroIdleTimeout && policy.GetIdleSessionTimeout() == nil {
		policy.IdleSessionTimeout = wrapperspb.Int32(0)
	}
	return policy, s.checkCustomPolicy(policy)
}

// toMinutes converts a timeout. Without a unit it is in minutes already.
func toMinutes(
	field string, sent *wrapperspb.Int32Value, unit *commonsv1.TimeUnit, longest int64,
) (*wrapperspb.Int32Value, error) {
	minutes := int64(sent.GetValue())
	if unit != nil {
		switch *unit {
		case commonsv1.TimeUnit_MINUTES, commonsv1.TimeUnit_SESSION_TIME_UNIT_UNSPECIFIED:
			// Minutes are the default.
		case commonsv1.TimeUnit_HOURS:
			minutes *= 60
		case commonsv1.TimeUnit_DAYS:
			minutes *= 24 * 60
		default:
			return nil, apierr.InvalidField(field+"_unit", "enum.defined_only", "must be MINUTES, HOURS or DAYS")
		}
	}
	if minutes < 1 || minutes > longest {
		return nil, apierr.InvalidField(field, "int32.gte_lte", "must be 1 to %d minutes", longest)
	}
	return wrapperspb.Int32(int32(minutes)), nil
}

// checkCustomPolicy holds a policy against the documented order: absolute > idle > access token expiry. That an idle
// timeout counts even while it is not enabled is assumed [U].
func (s *organizations) checkCustomPolicy(policy *orgv1.OrganizationSessionPolicySettings) error {
	absolute, idle := policy.GetAbsoluteSessionTimeout(), policy.GetIdleSessionTimeout()
	if idle.GetValue() == 0 || s.quirks.DisabledIdleTimeoutIsFree && !policy.GetIdleSessionTimeoutEnabled().GetValue() {
		idle = nil
	}
	switch {
	case absolute == nil:
		return apierr.InvalidField("absolute_session_timeout", "required", "a CUSTOM policy needs one")
	case idle == nil && policy.GetIdleSessionTimeoutEnabled().GetValue():
		return apierr.InvalidField("idle_session_timeout", "required", "is enabled, and has no value")
	case absolute.GetValue() <= accessTokenExpiry:
		return apierr.InvalidField("absolute_session_timeout", "session_policy.order",
			"must be longer than the access token's %d minutes", accessTokenExpiry)
	case idle != nil && idle.GetValue() <= accessTokenExpiry:
		return apierr.InvalidField("idle_session_timeout", "session_policy.order",
			"must be longer than the access token's %d minutes", accessTokenExpiry)
	case idle != nil && absolute.GetValue() <= idle.GetValue():
		return apierr.InvalidField("absolute_session_timeout", "session_policy.order", "must be longer than idle_session_timeout")
	}
	return nil
}
