package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

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
		resp.Diagnostics.AddWarning(fmt.Sprintf("Secret %s will only be forgotten", id), fmt.Sprintf(
			"The API cannot delete a directory's secret. The one%s keeps working until a rotation of another secret of directory "+
				"%s makes it inactive, or the directory is deleted.", suffix, directoryID))
		return
	}
	var planned secretModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	if planned.Rotation.Equal(state.Rotation) || state.isRecording() || !planned.DirectoryID.Equal(state.DirectoryID) {
		return
	}
	detail := fmt.Sprintf("The secret of directory %s%s stops working as soon as the new one is made. "+
		"The identity provider cannot send users and groups until it is given the new one.", directoryID, suffix)
	if others := r.otherSecrets(ctx, state); len(others) > 0 {
		detail += " So it is with " + enumerate(others) + ", which the directory has as well."
	}
	// A provider does not see in which order Terraform replaces.
	detail += " It is otherwise with create_before_destroy in the resource's lifecycle: the earlier secrets keep working."
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
