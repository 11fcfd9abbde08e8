package organization

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/wrapperspb"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// sessionPolicyModel is an organization's own session policy.
type sessionPolicyModel struct {
	OrganizationID            types.String `tfsdk:"organization_id"`
	AbsoluteSessionTimeout    types.String `tfsdk:"absolute_session_timeout"`
	IdleSessionTimeout        types.String `tfsdk:"idle_session_timeout"`
	IdleSessionTimeoutEnabled types.Bool   `tfsdk:"idle_session_timeout_enabled"`
}

var sessionPolicyFields = tf.Fields{
	"absolute_session_timeout":     path.Root("absolute_session_timeout"),
	"idle_session_timeout":         path.Root("idle_session_timeout"),
	"idle_session_timeout_enabled": path.Root("idle_session_timeout_enabled"),
}

// fromAPI takes over a policy. The platform gives minutes, whatever it was sent; a duration that means the same stays
// written as it was.
func (m *sessionPolicyModel) fromAPI(policy *organizationsv1.OrganizationSessionPolicySettings) {
	m.AbsoluteSessionTimeout = duration(policy.GetAbsoluteSessionTimeout(), policy.GetAbsoluteSessionTimeoutUnit(), m.AbsoluteSessionTimeout)
	m.IdleSessionTimeout = duration(policy.GetIdleSessionTimeout(), policy.GetIdleSessionTimeoutUnit(), m.IdleSessionTimeout)
	m.IdleSessionTimeoutEnabled = types.BoolValue(policy.GetIdleSessionTimeoutEnabled().GetValue())
}

// toAPI is the policy in minutes. What is left to the platform is not sent.
func (m *sessionPolicyModel) toAPI() *organizationsv1.UpdateOrganizationSessionPolicyRequest {
	request := &organizationsv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId: m.OrganizationID.ValueString(),
		PolicySource:   organizationsv1.SessionPolicyType_CUSTOM,
	}
	if value, ok := minutes(m.AbsoluteSessionTimeout); ok {
		request.AbsoluteSessionTimeout = wrapperspb.Int32(int32(value))
		request.AbsoluteSessionTimeoutUnit = commonsv1.TimeUnit_MINUTES.Enum()
	}
	if value, ok := minutes(m.IdleSessionTimeout); ok {
		request.IdleSessionTimeout = wrapperspb.Int32(int32(value))
		request.IdleSessionTimeoutUnit = commonsv1.TimeUnit_MINUTES.Enum()
	}
	if !m.IdleSessionTimeoutEnabled.IsNull() && !m.IdleSessionTimeoutEnabled.IsUnknown() {
		request.IdleSessionTimeoutEnabled = wrapperspb.Bool(m.IdleSessionTimeoutEnabled.ValueBool())
	}
	return request
}

// minutes is a duration in the API's unit; false for one that is null, unknown or no duration.
func minutes(value types.String) (int64, bool) {
	if value.IsNull() || value.IsUnknown() {
		return 0, false
	}
	parsed, err := time.ParseDuration(value.ValueString())
	if err != nil {
		return 0, false
	}
	return int64(parsed / time.Minute), true
}

// duration is the state of a timeout: what it was before if that means the same, else the shortest way to write it. One of
// 0 cannot be set, so it is none.
func duration(value *wrapperspb.Int32Value, unit commonsv1.TimeUnit, before types.String) types.String {
	if value.GetValue() == 0 {
		return types.StringNull()
	}
	count := int64(value.GetValue())
	switch unit {
	case commonsv1.TimeUnit_HOURS:
		count *= 60
	case commonsv1.TimeUnit_DAYS:
		count *= 24 * 60
	}
	if known, ok := minutes(before); ok && known == count {
		return before
	}
	return types.StringValue(formatMinutes(count))
}

// formatMinutes writes minutes as "30m", "8h" or "8h30m".
func formatMinutes(count int64) string {
	var text strings.Builder
	if count < 0 {
		text.WriteByte('-')
		count = -count
	}
	if hours := count / 60; hours > 0 {
		fmt.Fprintf(&text, "%dh", hours)
	}
	if rest := count % 60; rest > 0 || count == 0 {
		fmt.Fprintf(&text, "%dm", rest)
	}
	return text.String()
}
