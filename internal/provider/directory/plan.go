package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// ModifyPlan removes an attribute mapping that was taken out of the configuration, and says what a destroy takes with it.
func (r *directoryResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if req.State.Raw.IsNull() {
		return
	}
	var config, plan, state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	object, what := run.InEnvironment(run.Directory, state.ID.ValueString()), "directory "+state.ID.ValueString()
	if req.Plan.Raw.IsNull() {
		r.Discard(&resp.Diagnostics, object, "scalekit_directory", what)
		r.warnOfDestroy(ctx, &resp.Diagnostics, state)
		return
	}
	r.Keep(&resp.Diagnostics, object, "scalekit_directory", what)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !plan.Enabled.Equal(state.Enabled) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("status"), types.StringUnknown())...)
	}
	if !plan.OrganizationID.Equal(state.OrganizationID) && !plan.OrganizationID.IsUnknown() || !plan.DirectoryType.Equal(state.DirectoryType) || !plan.DirectoryProvider.Equal(state.DirectoryProvider) {
		// The directory is replaced. Warnings of the second step, in which Terraform plans the new one, are not shown.
		r.warnOfDestroy(ctx, &resp.Diagnostics, state)
		return
	}
	if r.Data != nil && plan.Enabled.ValueBool() {
		r.Run.PlanEnabled(run.InEnvironment(run.Directory, plan.ID.ValueString()))
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	noted, diags := req.Private.GetKey(ctx, mappingKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !config.AttributeMapping.IsNull() || string(noted) != "true" || state.AttributeMapping.IsNull() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("attribute_mapping"), types.MapNull(types.StringType))...)
}

// warnOfDestroy says what the platform deletes together with a directory.
func (r *directoryResource) warnOfDestroy(ctx context.Context, diags *diag.Diagnostics, state model) {
	if r.Data == nil || !r.PlanChecks {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	id := state.ID.ValueString()
	has := ""
	directory, err := get(ctx, r.Client, state.OrganizationID.ValueString(), id)
	if err != nil {
		tf.LogSkippedCheck(ctx, "a directory's users and groups", err)
	} else {
		// The two counts that a directory gives are documented alike; a platform may fill in one of them alone.
		users := max(directory.GetTotalUsers(), directory.GetStats().GetTotalUsers())
		groups := max(directory.GetTotalGroups(), directory.GetStats().GetTotalGroups())
		has = fmt.Sprintf(" It has %s and %s now.", tf.Count(int(users), "user"), tf.Count(int(groups), "group"))
	}
	diags.AddWarning(fmt.Sprintf("Directory %s will be deleted", id), fmt.Sprintf(
		"With directory %s of organization %s the platform deletes its users and groups, its secrets and its role assignments.%s "+
			"The identity provider can no longer reach it, and this cannot be undone.", id, state.OrganizationID.ValueString(), has))
}
