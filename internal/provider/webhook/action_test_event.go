package webhook

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

const testEventType = "scalekit_webhook_test_event"

// eventTypePattern is what both APIs take for the name of an event type. It is a part of a URL's path, where dots alone
// would mean something else.
var eventTypePattern = regexp.MustCompile(`^[a-zA-Z0-9\-_][a-zA-Z0-9\-_.]{0,254}$`)

type testEventAction struct{ tf.Action }

// NewTestEventAction returns the action scalekit_webhook_test_event.
func NewTestEventAction() action.Action { return &testEventAction{} }

var (
	_ action.ActionWithConfigure  = (*testEventAction)(nil)
	_ action.ActionWithModifyPlan = (*testEventAction)(nil)
)

type testEventModel struct {
	EventType  types.String `tfsdk:"event_type"`
	EndpointID types.String `tfsdk:"endpoint_id"`
}

func (a *testEventAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = testEventType
}

func (a *testEventAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends an example of an event, to see that a webhook endpoint receives and verifies what it is sent. Nothing has happened in the " +
			"environment, and the ids in the example need not exist. **The action does not wait until the event is delivered.** It reports the id of the event " +
			"or its message, to look for at the receiver or in the delivery log of the webhook portal.\n\n" +
			"With `endpoint_id` the webhook portal sends the example to that endpoint, whatever event types it receives. Without it Scalekit sends a test event of " +
			"its own, by a call that is a preview; that such an event goes to every endpoint that receives its type is inferred.\n\n" +
			"Needs Terraform 1.14 or newer. Trigger it by an event of a resource's `lifecycle`, or invoke it alone: " +
			"`terraform apply -invoke=action." + testEventType + ".NAME`. The latter is also how to repeat one that failed: the next apply need not do it.\n\n" + inferred,
		Attributes: map[string]schema.Attribute{
			"event_type": schema.StringAttribute{
				MarkdownDescription: "The event's type, such as `organization.created`; the data source `scalekit_webhook_event_types` lists them. " +
					"A type that the platform is not known to have is a warning in the plan.",
				Required: true,
				Validators: []validator.String{stringvalidator.RegexMatches(eventTypePattern,
					"must be 1 to 255 letters, digits, hyphens, underscores and dots, and must not begin with a dot")},
			},
			"endpoint_id": schema.StringAttribute{
				MarkdownDescription: "The id of the one endpoint that gets the example, `ep_…`. A disabled endpoint gets none. " +
					"Left out, the event goes to all endpoints that receive its type.",
				Optional:   true,
				Validators: []validator.String{tf.ID(idPrefix), stringvalidator.RegexMatches(namePattern, nameRule)},
			},
		},
	}
}

// ModifyPlan reports an endpoint that does not exist, and warns of one that is disabled, unless this run plans to enable
// it, and of an event type that the platform is not known to have. Terraform calls it in the plan and, with everything
// known, in the apply.
func (a *testEventAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m testEventModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || a.Data == nil || !a.PlanChecks {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	if !m.EventType.IsUnknown() {
		a.checkEventType(ctx, &resp.Diagnostics, m.EventType.ValueString())
	}
	if !m.EndpointID.IsUnknown() && !m.EndpointID.IsNull() {
		a.checkEndpoint(ctx, &resp.Diagnostics, m)
	}
}

func (a *testEventAction) checkEventType(ctx context.Context, diags *diag.Diagnostics, eventType string) {
	known := knownEventTypes(ctx, a.Webhooks)
	if slices.Contains(known, eventType) {
		return
	}
	diags.AddAttributeWarning(path.Root("event_type"), fmt.Sprintf("Unknown event type %q", eventType), fmt.Sprintf(
		"Scalekit is not known to send events of type %q.%s Unless the platform has the type, it refuses to send an example of it.",
		eventType, tf.DidYouMean(eventType, known)))
}

func (a *testEventAction) checkEndpoint(ctx context.Context, diags *diag.Diagnostics, m testEventModel) {
	endpoint, err := a.Webhooks.Get(ctx, m.EndpointID.ValueString())
	switch {
	case svixportal.IsNotFound(err):
		m.addNotFoundError(diags)
	case err != nil:
		tf.LogSkippedCheck(ctx, "the webhook endpoint to send an example to", err)
	case endpoint.Disabled && !a.Run.PlansEnabled(endpointObject(endpoint.ID)):
		diags.AddAttributeWarning(path.Root("endpoint_id"), fmt.Sprintf("Webhook endpoint %s is disabled", endpoint.ID), fmt.Sprintf(
			"Webhook endpoint %s gets no events as long as it is disabled. Unless it is enabled before, the example does not reach it.", endpoint.ID))
	}
}

// Invoke sends the event.
func (a *testEventAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m testEventModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	report := func(format string, arguments ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, arguments...)})
	}
	eventType, endpointID := m.EventType.ValueString(), m.EndpointID.ValueString()
	if m.EndpointID.IsNull() {
		report("Asking Scalekit for a test event of type %s.", eventType)
		eventID, err := a.Client.SendTestEvent(ctx, eventType)
		if err != nil {
			addTestEventError(&resp.Diagnostics, eventType, err)
			return
		}
		report("Scalekit sends test event%s to the endpoints that receive events of type %s.", withID(eventID), eventType)
		return
	}
	report("Asking the webhook portal for an example of %s for endpoint %s.", eventType, endpointID)
	messageID, err := a.Webhooks.SendExample(ctx, endpointID, eventType)
	if err != nil {
		a.addExampleError(ctx, &resp.Diagnostics, m, err)
		return
	}
	report("The webhook portal sends message%s, an example of %s, to endpoint %s.", withID(messageID), eventType, endpointID)
}

// withID is an id after a space; empty if the platform gave none.
func withID(id string) string {
	if id == "" {
		return ""
	}
	return " " + id
}

// addTestEventError reports a test event that Scalekit did not send, or perhaps did.
func addTestEventError(diags *diag.Diagnostics, eventType string, err error) {
	summary := fmt.Sprintf("Could not send a test event of type %s", eventType)
	switch {
	case scalekit.IsUnimplemented(err):
		diags.AddError(summary, "This environment does not offer test events: the call is a preview. "+
			"Give endpoint_id to have the webhook portal send an example to one endpoint instead.")
	case scalekit.IsOutcomeUnknown(err):
		addUnknownOutcome(diags, summary, err)
	default:
		tf.AddErrorOr(diags, summary, err, tf.Fields{"event_type": path.Root("event_type")}, tf.InvokeAgain(testEventType))
	}
}

// addExampleError reports an example that the webhook server did not send, or perhaps did. It says of an endpoint and of
// an event type alike that it does not have them, so the endpoint is looked up.
func (a *testEventAction) addExampleError(ctx context.Context, diags *diag.Diagnostics, m testEventModel, err error) {
	summary := fmt.Sprintf("Could not send an example of %s to webhook endpoint %s", m.EventType.ValueString(), m.EndpointID.ValueString())
	switch {
	case svixportal.IsUncertain(err):
		addUnknownOutcome(diags, summary, err)
		return
	case svixportal.IsNotFound(err):
		_, lookErr := a.Webhooks.Get(ctx, m.EndpointID.ValueString())
		if svixportal.IsNotFound(lookErr) {
			m.addNotFoundError(diags)
			return
		}
		if lookErr == nil {
			eventType := m.EventType.ValueString()
			diags.AddAttributeError(path.Root("event_type"), summary, fmt.Sprintf("The webhook server has no event type %q, or no example of it.%s",
				eventType, tf.DidYouMean(eventType, knownEventTypes(ctx, a.Webhooks))))
			return
		}
	}
	addErrorOr(diags, summary, err, tf.InvokeAgain(testEventType))
}

func addUnknownOutcome(diags *diag.Diagnostics, summary string, err error) {
	diags.AddError(summary, fmt.Sprintf("It is not known whether the event was sent: %s. Look at the receiver, or at the deliveries in the webhook portal of "+
		"the Scalekit dashboard. Another example does no harm, if the receiver takes it for one.\n\n%s", tf.Text(err.Error()), tf.InvokeAgain(testEventType)))
}

func (m *testEventModel) addNotFoundError(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("endpoint_id"), "No such webhook endpoint", fmt.Sprintf(
		"This environment has no webhook endpoint %s.", m.EndpointID.ValueString()))
}
