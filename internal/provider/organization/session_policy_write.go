package organization

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// write sets the policy, takes the reply over and reports what the platform stored otherwise. It reports whether there
// is a reply for the state.
func (r *sessionPolicyResource) write(ctx context.Context, m *sessionPolicyModel, diags *diag.Diagnostics) bool {
	object := run.Of(m.OrganizationID.ValueString(), run.SessionPolicy)
	defer r.Run.Lock(object)()
	r.Run.Write(object)
	reply, err := r.Client.Organizations.UpdateOrganizationSessionPolicy(ctx, connect.NewRequest(m.toAPI()))
	if scalekit.IsNotFound(err) && r.AddMissingOrganization(ctx, diags, m.OrganizationID.ValueString()) {
		return false
	}
	if err != nil {
		tf.AddError(diags, fmt.Sprintf("Could not set the session policy of organization %s", m.OrganizationID.ValueString()), err, sessionPolicyFields)
		return false
	}
	wanted := *m
	m.fromAPI(reply.Msg.GetPolicy())
	for _, timeout := range []struct {
		name           string
		wanted, stored types.String
	}{
		{"absolute_session_timeout", wanted.AbsoluteSessionTimeout, m.AbsoluteSessionTimeout},
		{"idle_session_timeout", wanted.IdleSessionTimeout, m.IdleSessionTimeout},
	} {
		sent, isSent := minutes(timeout.wanted)
		if stored, _ := minutes(timeout.stored); isSent && stored != sent {
			diags.AddAttributeError(path.Root(timeout.name), tf.NotStored, fmt.Sprintf(
				"The platform was sent %s and stored %s. Set %s to what the platform stores.", timeout.wanted, timeout.stored, timeout.name))
		}
	}
	enabled := wanted.IdleSessionTimeoutEnabled
	if !enabled.IsNull() && !enabled.IsUnknown() && !enabled.Equal(m.IdleSessionTimeoutEnabled) {
		diags.AddAttributeError(path.Root("idle_session_timeout_enabled"), tf.NotStored, fmt.Sprintf(
			"The platform was sent %s and stored %s.", enabled, m.IdleSessionTimeoutEnabled))
	}
	return true
}

// minutesValidator accepts durations of whole minutes, from one to a maximum.
type minutesValidator struct{ maximum int64 }

func (v minutesValidator) Description(context.Context) string {
	return fmt.Sprintf(`must be a duration of whole minutes, from "1m" to %q, such as "30m" or "8h"; days are no unit`, formatMinutes(v.maximum))
}

func (v minutesValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v minutesValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || value < time.Minute || value%time.Minute != 0 || value > time.Duration(v.maximum)*time.Minute {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// sameDuration keeps the state's way of writing a duration that means the same: "8h" and "480m" are no change.
type sameDuration struct{}

func (sameDuration) Description(context.Context) string {
	return "Durations that mean the same are no change."
}

func (m sameDuration) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameDuration) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	planned, plannedErr := time.ParseDuration(resp.PlanValue.ValueString())
	stored, storedErr := time.ParseDuration(req.StateValue.ValueString())
	if plannedErr == nil && storedErr == nil && planned == stored {
		resp.PlanValue = req.StateValue
	}
}
