package organization

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// settingsIdentity is what identifies something that an organization has one of: its features, its session policy, its
// user management.
type settingsIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
}

func settingsIdentitySchema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityschema.StringAttribute{
				Description:       "The organization's id, org_….",
				RequiredForImport: true,
			},
		},
	}
}

// planSettings reports settings that the configuration declares twice. It returns the id of the organization that they are
// planned for, "" if it is not known yet, and whether that is another one than before, or may be.
func planSettings(
	ctx context.Context, data *tf.Data, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, kind run.Kind, what string,
) (organizationID string, moves bool) {
	var planned, before types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("organization_id"), &planned)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("organization_id"), &before)...)
		moves = !planned.Equal(before)
	}
	prior := tf.Prior(ctx, req, resp, before.ValueString())
	if !planned.IsUnknown() {
		data.Claim(&resp.Diagnostics, path.Root("organization_id"), run.In(planned.ValueString(), kind, "planned"), prior,
			fmt.Sprintf("the %s of organization %s", what, planned.ValueString()))
	}
	return planned.ValueString(), moves
}

// addNothingToImportError reports, while settings are being imported, that the organization does not have what.
func addNothingToImportError(diags *diag.Diagnostics, organizationID types.String, what string) {
	diags.AddError("There is nothing to import", fmt.Sprintf(
		"Organization %s has no %s. Leave the import block out: declaring the resource then creates it.", organizationID.ValueString(), what))
}

// importSettings accepts an organization's id.
func importSettings(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if tf.RefuseEmptyImport(req, resp, "organization's settings") {
		return
	}
	if req.ID != "" && !tf.ValidID(idPrefix, req.ID) {
		resp.Diagnostics.AddError("Cannot import the organization's settings",
			fmt.Sprintf("%q is not an organization's id, such as %q.", req.ID, "org_12345678901234567"))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("organization_id"), path.Root("organization_id"), req, resp)
}
