package domain

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// plannedKey is where a plan notes the domain that it is about: when Terraform plans a replacement, its second step
// sees no prior state but this note.
const plannedKey = "planned"

// ModifyPlan refuses what should not be created, and looks for a domain of the planned name that the organization has
// already.
func (r *domainResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if req.Plan.Raw.IsNull() {
		return
	}
	if !req.State.Raw.IsNull() {
		var state model
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		note, err := json.Marshal(state.ID.ValueString())
		if err == nil {
			resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedKey, note)...)
		}
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	note, diags := req.Private.GetKey(ctx, plannedKey)
	resp.Diagnostics.Append(diags...)
	organizationID, name := plan.OrganizationID.ValueString(), plan.Domain.ValueString()
	if name != "" {
		checkName(&resp.Diagnostics, name)
	}
	if resp.Diagnostics.HasError() || r.Data == nil || !r.PlanChecks || organizationID == "" || name == "" {
		return
	}
	var replacedID string
	if len(note) > 0 && json.Unmarshal(note, &replacedID) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	domain, err := find(ctx, r.Client, organizationID, name)
	if err != nil && !scalekit.IsNotFound(err) {
		tf.LogSkippedCheck(ctx, "an organization's domains", err)
	}
	if domain == nil || domain.GetId() == replacedID {
		return
	}
	if r.Run.Refreshed(run.InEnvironment(run.Domain, domain.GetId())) {
		// Terraform plans the replacement of a tainted domain like a create, without a trace of the old one.
		resp.Diagnostics.AddAttributeWarning(path.Root("domain"), "The organization has the domain", fmt.Sprintf(
			"Domain %q (%s), which Terraform's state knows, belongs to organization %s. Unless this plan replaces it, the apply will fail.",
			name, domain.GetId(), organizationID))
		return
	}
	resp.Diagnostics.AddAttributeError(path.Root("domain"), "The organization has the domain already", fmt.Sprintf(
		"Organization %s has the domain %q (%s). To manage it here, import it; put the resource's own address in place of NAME:\n\n%s",
		organizationID, name, domain.GetId(), tf.ImportBlock("scalekit_organization_domain", organizationID+"/"+domain.GetId())))
}
