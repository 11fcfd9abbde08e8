package organization

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"google.golang.org/protobuf/types/known/wrapperspb"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// plannedIDKey is where a plan notes the organization that it is about. Terraform plans a replacement in two steps,
// the second of which sees no prior state but this note.
const plannedIDKey = "organization_id"

// maxDomainPage is how many domains the API lists at once; it gives no total.
const maxDomainPage = 100

// ModifyPlan refuses what deletion protection forbids, says what a destroy takes with it, and looks for an
// organization that has the planned external_id already.
func (r *organizationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state resourceModel
	isCreate, isDestroy := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !isDestroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}

	if isDestroy {
		if state.DeletionProtection.ValueBool() {
			addProtectedError(&resp.Diagnostics, state)
			return
		}
		r.warnOfDestroy(ctx, &resp.Diagnostics, "Destroying", state.ID.ValueString(), state.DisplayName.ValueString())
		return
	}
	ownID := state.ID.ValueString()
	if isCreate {
		noted, diags := req.Private.GetKey(ctx, plannedIDKey)
		resp.Diagnostics.Append(diags...)
		if json.Unmarshal(noted, &ownID) == nil && ownID != "" {
			r.warnOfDestroy(ctx, &resp.Diagnostics, "Replacing", ownID, plan.DisplayName.ValueString())
		}
	} else if noted, err := json.Marshal(ownID); err == nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedIDKey, noted)...)
	}
	if !plan.ExternalID.Equal(state.ExternalID) {
		r.checkExternalID(ctx, &resp.Diagnostics, plan, ownID)
	}
}

func addProtectedError(diags *diag.Diagnostics, state resourceModel) {
	diags.AddAttributeError(path.Root("deletion_protection"), "The organization is protected from deletion", fmt.Sprintf(
		"Organization %s (%s) has deletion_protection. Set it to false and apply, then destroy it.", state.DisplayName, state.ID.ValueString()))
}

// checkExternalID reports another organization that has the planned external_id.
func (r *organizationResource) checkExternalID(ctx context.Context, diags *diag.Diagnostics, plan resourceModel, ownID string) {
	externalID := plan.ExternalID.ValueString()
	if r.Data == nil || !r.PlanChecks || externalID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	got, err := r.Client.Organizations.GetOrganizationByExternalId(ctx, connect.NewRequest(byExternalID(externalID)))
	if err != nil {
		if !scalekit.IsNotFound(err) {
			tf.LogSkippedCheck(ctx, "the external_id of an organization", err)
		}
		return
	}
	org := got.Msg.GetOrganization()
	switch {
	case org.GetId() == ownID:
	case r.Data.Read.Has(org.GetId()):
		// Terraform plans the replacement of a tainted organization like a create, without a trace of the old one.
		diags.AddAttributeWarning(path.Root("external_id"), "The external_id is in use", fmt.Sprintf(
			"Organization %q (%s), which Terraform's state knows, has the external_id %q. Unless this plan replaces it, the apply will fail.",
			org.GetDisplayName(), org.GetId(), externalID))
	default:
		addConflictError(diags, org, ownID == "")
	}
}

// addConflictError reports an organization that has the wanted external_id already, and how to adopt it if that helps.
func addConflictError(diags *diag.Diagnostics, org *organizationsv1.Organization, adoptable bool) {
	detail := fmt.Sprintf("Organization %q (%s) of this environment has the external_id %q already.",
		org.GetDisplayName(), org.GetId(), org.GetExternalId())
	if adoptable {
		detail += " To manage it here, import it; put the resource's own address in place of NAME:\n\n" +
			tf.ImportBlock("scalekit_organization", org.GetId()) + "\nOtherwise choose another external_id."
	} else {
		detail += " An external_id is unique: choose another one."
	}
	diags.AddAttributeError(path.Root("external_id"), "The external_id is taken", detail)
}

// warnOfDestroy says what the platform deletes together with an organization.
func (r *organizationResource) warnOfDestroy(ctx context.Context, diags *diag.Diagnostics, doing, id, name string) {
	if r.Data == nil || !r.PlanChecks {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	belongings := "It is not known what belongs to it now."
	switch parts := r.belongings(ctx, id); {
	case len(parts) == 1:
		belongings = "With it goes " + parts[0] + "."
	case len(parts) > 1:
		belongings = "With it go " + strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1] + "."
	}
	diags.AddWarning(fmt.Sprintf("%s organization %q", doing, name), fmt.Sprintf(
		"The platform deletes all that belongs to %s (%s): connections, directories, domains, memberships, sessions, and users without another organization. %s It cannot be undone.",
		name, id, belongings))
}

// belongings counts what an organization has. What cannot be counted is left out.
func (r *organizationResource) belongings(ctx context.Context, id string) []string {
	var parts []string
	users, err := r.Client.Users.ListOrganizationUsers(ctx, connect.NewRequest(&usersv1.ListOrganizationUsersRequest{
		OrganizationId: id, PageSize: 1,
	}))
	if err != nil {
		tf.LogSkippedCheck(ctx, "an organization's users", err)
	} else {
		parts = append(parts, tf.Count(int(users.Msg.GetTotalSize()), "user"))
	}
	directories, err := r.Client.Directories.ListDirectories(ctx, connect.NewRequest(&directoriesv1.ListDirectoriesRequest{
		OrganizationId: id,
	}))
	if err != nil {
		tf.LogSkippedCheck(ctx, "an organization's directories", err)
	} else {
		parts = append(parts, tf.CountOf(len(directories.Msg.GetDirectories()), "directory", "directories"))
	}
	domains, err := r.Client.Domains.ListDomains(ctx, connect.NewRequest(&domainsv1.ListDomainRequest{
		Identities: &domainsv1.ListDomainRequest_OrganizationId{OrganizationId: id},
		PageSize:   wrapperspb.Int32(maxDomainPage),
	}))
	if err != nil {
		tf.LogSkippedCheck(ctx, "an organization's domains", err)
	} else if count := len(domains.Msg.GetDomains()); count < maxDomainPage {
		parts = append(parts, tf.Count(count, "domain"))
	} else {
		parts = append(parts, fmt.Sprintf("%d or more domains", count))
	}
	return parts
}
