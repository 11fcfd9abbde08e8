package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// ModifyPlan says what a rotation does to the identity provider, and that a destroy leaves the secret as it is.
func (r *secretResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	if req.State.Raw.IsNull() {
		return
	}
	var state secretModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, directoryID := state.ID.ValueString(), state.DirectoryID.ValueString()
	suffix := ""
	if !state.SecretSuffix.IsNull() {
		suffix = " that ends in " + state.SecretSuffix.String()
	}
	if req.Plan.Raw.IsNull() {
		r.Discard(&resp.Diagnostics, run.InEnvironment(run.DirectorySecret, id), "scalekit_directory_secret", "directory secret "+id)
		resp.Diagnostics.AddWarning(fmt.Sprintf("Secret %s will only be forgotten", id), fmt.Sprintf(
			"The API cannot delete a directory's secret. The one%s keeps working until a rotation of another secret of directory "+
				"%s makes it inactive, or the directory is deleted.", suffix, directoryID))
		return
	}
	var planned secretModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	r.Keep(&resp.Diagnostics, run.InEnvironment(run.DirectorySecret, id), "scalekit_directory_secret", "directory secret "+id)
	if planned.DirectoryID.IsUnknown() || planned.OrganizationID.IsUnknown() {
		for _, attribute := range []string{"id", "secret", "secret_suffix", "expire_time"} {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(attribute), types.StringUnknown())...)
		}
		resp.Diagnostics.AddAttributeWarning(path.Root("directory_id"), fmt.Sprintf("Secret %s may give way to another directory's secret", id), fmt.Sprintf(
			"The directory is known after the apply only. If it is still %s, the secret stays as it is. Otherwise a secret is created for the "+
				"other directory, and this one is forgotten.", directoryID))
	}
	if planned.Rotation.Equal(state.Rotation) || state.isRecording() || !planned.DirectoryID.Equal(state.DirectoryID) && !planned.DirectoryID.IsUnknown() {
		return
	}
	detail := fmt.Sprintf("The secret of directory %s%s stops working as soon as the new one is made. "+
		"The identity provider cannot send users and groups until it is given the new one.", directoryID, suffix)
	if others := r.otherSecrets(ctx, state); len(others) > 0 {
		detail += " So it is with " + enumerate(others) + ", which the directory has as well."
	}
	// A provider does not see in which order Terraform replaces.
	detail += " Unless create_before_destroy is set in the resource's lifecycle: then the earlier secrets keep working."
	resp.Diagnostics.AddWarning(fmt.Sprintf("Secret %s will be replaced", id), detail)
}

// otherSecrets are the directory's other secrets that work. None are found when plans may not look things up.
func (r *secretResource) otherSecrets(ctx context.Context, state secretModel) []*directoriesv1.Secret {
	if r.Data == nil || !r.PlanChecks {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	directory, err := get(ctx, r.Client, state.OrganizationID.ValueString(), state.DirectoryID.ValueString())
	if err != nil {
		tf.LogSkippedCheck(ctx, "a directory's other secrets", err)
		return nil
	}
	return slices.DeleteFunc(usables(directory), func(secret *directoriesv1.Secret) bool { return secret.GetId() == state.ID.ValueString() })
}
