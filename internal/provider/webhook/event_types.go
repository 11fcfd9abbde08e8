package webhook

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// builtInEventTypes are those of Scalekit's OpenAPI document, for when the platform cannot be asked.
var builtInEventTypes = []string{
	"organization.created", "organization.updated", "organization.deleted",
	"organization.domain_created", "organization.domain_deleted",
	"organization.domain_dns_verification_success", "organization.domain_dns_verification_failed",
	"organization.directory_enabled", "organization.directory_disabled",
	"organization.sso_created", "organization.sso_enabled", "organization.sso_disabled", "organization.sso_deleted",
	"organization.directory.user_created", "organization.directory.user_updated", "organization.directory.user_deleted",
	"organization.directory.group_created", "organization.directory.group_updated", "organization.directory.group_deleted",
	"user.signup", "user.login", "user.logout", "user.organization_invitation",
	"user.organization_membership_created", "user.organization_membership_updated", "user.organization_membership_deleted",
	"role.created", "role.updated", "role.deleted",
	"permission.created", "permission.updated", "permission.deleted",
	"connected_account.created", "connected_account.updated", "connected_account.status_updated", "connected_account.deleted",
	"connected_account.magic_link_generated", "connected_account.oauth_tokens_fetched",
	"connected_account.token_refresh_succeeded", "connected_account.token_refresh_failed", "connected_account.oauth_succeeded",
}

// knownEventTypes are the platform's, or else the built-in ones. Those that are archived are sent no more.
func knownEventTypes(ctx context.Context, client *svixportal.Client) []string {
	listed, err := client.KnownEventTypes(ctx)
	if err != nil {
		tf.LogSkippedCheck(ctx, "the platform's event types", err)
	}
	var names []string
	for _, one := range listed {
		if !one.Archived {
			names = append(names, one.Name)
		}
	}
	if names == nil {
		return builtInEventTypes
	}
	return names
}

// warnOfUnknownEventTypes names the event types that the platform does not have. They are no error: the platform may
// have types that its list does not show.
func (r *endpointResource) warnOfUnknownEventTypes(ctx context.Context, diags *diag.Diagnostics, planned types.Set) {
	wanted := elements(planned)
	if len(wanted) == 0 {
		return
	}
	known := knownEventTypes(ctx, r.Webhooks)
	// Terraform shows warnings of one summary once, so each has its own.
	for _, one := range wanted {
		if slices.Contains(known, one) {
			continue
		}
		diags.AddAttributeWarning(path.Root("event_types").AtSetValue(types.StringValue(one)), fmt.Sprintf("Unknown event type %q", one), fmt.Sprintf(
			"Scalekit is not known to send events of type %q.%s The endpoint gets no such events unless the platform has the type, and the webhook server may refuse it.",
			one, tf.DidYouMean(one, known)))
	}
}

// eventTypeModel is an event type as the data source has it.
type eventTypeModel struct {
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	Archived    types.Bool   `tfsdk:"archived"`
	Deprecated  types.Bool   `tfsdk:"deprecated"`
}

func (m *eventTypeModel) fromAPI(one svixportal.EventType) {
	m.Name = types.StringValue(one.Name)
	m.Description = types.StringValue(one.Description)
	m.Archived = types.BoolValue(one.Archived)
	m.Deprecated = types.BoolValue(one.Deprecated)
}
