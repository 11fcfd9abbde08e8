package directory

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const syncType = "scalekit_directory_sync"

type syncAction struct{ tf.Action }

// NewSyncAction returns the action scalekit_directory_sync.
func NewSyncAction() action.Action { return &syncAction{} }

var (
	_ action.ActionWithConfigure  = (*syncAction)(nil)
	_ action.ActionWithModifyPlan = (*syncAction)(nil)
)

type syncModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
}

func (a *syncAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = syncType
}

func (a *syncAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts a sync of a directory: Scalekit fetches users and groups from the identity provider. " +
			"**The action does not wait for the sync to end.** The API has no state of a sync to wait for; what there is to see of it is " +
			"`last_synced_at` of the data source `scalekit_directory`.\n\n" +
			"A sync makes sense for a directory that Scalekit polls (`directory_type` is `POLL`). To a SCIM directory the identity provider sends its users and " +
			"groups by itself; what the platform makes of a sync of one is not documented, and neither is that of a disabled directory. The call is a preview.\n\n" +
			"Needs Terraform 1.14 or newer. Trigger it by an event of a resource's `lifecycle`, or invoke it alone: " +
			"`terraform apply -invoke=action." + syncType + ".NAME`. The latter is also how to repeat one that failed: the next apply need not do it.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"directory_id": schema.StringAttribute{
				MarkdownDescription: "The directory's id, `dir_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(idPrefix)},
			},
		},
	}
}

// ModifyPlan reports a directory that does not exist, and warns of one that is disabled unless this run plans to enable it.
// Terraform calls it in the plan and, with everything known, in the apply.
func (a *syncAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m syncModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || a.Data == nil || !a.PlanChecks || m.OrganizationID.IsUnknown() || m.DirectoryID.IsUnknown() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	directory, err := get(ctx, a.Client, m.OrganizationID.ValueString(), m.DirectoryID.ValueString())
	switch {
	case scalekit.IsNotFound(err):
		m.addNotFoundError(&resp.Diagnostics)
	case err != nil:
		tf.LogSkippedCheck(ctx, "the directory to sync", err)
	case !directory.GetEnabled() && !a.Run.PlansEnabled(run.InEnvironment(run.Directory, m.DirectoryID.ValueString())):
		resp.Diagnostics.AddAttributeWarning(path.Root("directory_id"), fmt.Sprintf("Directory %s is disabled", m.DirectoryID.ValueString()), fmt.Sprintf(
			"Directory %s takes in no users and groups as long as it is disabled. Unless it is enabled before the sync, the platform may refuse the sync.",
			m.DirectoryID.ValueString()))
	}
}

// Invoke starts the sync. Where it is not known whether it was started, the client asks for it again: one more brings in
// nothing else.
func (a *syncAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m syncModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	directory := fmt.Sprintf("directory %s of organization %s", m.DirectoryID.ValueString(), m.OrganizationID.ValueString())
	resp.SendProgress(action.InvokeProgressEvent{Message: "Starting a sync of " + directory + "."})
	_, err := a.Client.Directories.TriggerDirectorySync(ctx, connect.NewRequest(&directoriesv1.TriggerDirectorySyncRequest{
		OrganizationId: m.OrganizationID.ValueString(), DirectoryId: m.DirectoryID.ValueString(),
	}))
	if err != nil {
		a.addError(ctx, &resp.Diagnostics, m, err)
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: "Scalekit has taken on the sync of " + directory + ". It goes on by itself and is not waited for."})
}

func (a *syncAction) addError(ctx context.Context, diags *diag.Diagnostics, m syncModel, err error) {
	summary := fmt.Sprintf("Could not start a sync of directory %s", m.DirectoryID.ValueString())
	switch {
	case scalekit.IsNotFound(err):
		m.addNotFoundError(diags)
	case scalekit.IsUnimplemented(err):
		diags.AddError(summary, "This environment does not offer to start a sync: the call is a preview.")
	case scalekit.IsOutcomeUnknown(err):
		diags.AddError(summary, fmt.Sprintf("It is not known whether the sync was started: %s. Starting another does no harm.\n\n%s", tf.Text(err.Error()), tf.InvokeAgain(syncType)))
	default:
		summary += a.describe(ctx, m, err)
		tf.AddErrorOr(diags, summary, err, fields, tf.InvokeAgain(syncType))
	}
}

// describe says what about the directory may explain that its sync was refused, empty if nothing does.
func (a *syncAction) describe(ctx context.Context, m syncModel, err error) string {
	if code := connect.CodeOf(err); code != connect.CodeInvalidArgument && code != connect.CodeFailedPrecondition {
		return ""
	}
	directory, err := get(ctx, a.Client, m.OrganizationID.ValueString(), m.DirectoryID.ValueString())
	if err != nil {
		return ""
	}
	var facts []string
	if !directory.GetEnabled() {
		facts = append(facts, "disabled")
	}
	if directory.GetDirectoryType() != directoriesv1.DirectoryType_POLL {
		facts = append(facts, fmt.Sprintf("of type %s, not POLL", directory.GetDirectoryType()))
	}
	if len(facts) == 0 {
		return ""
	}
	return ", which is " + tf.Enumerate(facts)
}

func (m *syncModel) addNotFoundError(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("directory_id"), "No such directory", fmt.Sprintf(
		"Organization %s has no directory %s.", m.OrganizationID.ValueString(), m.DirectoryID.ValueString()))
}
