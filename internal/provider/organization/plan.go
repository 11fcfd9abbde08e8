package organization

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/wrapperspb"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// planned is what a plan is about.
type planned struct {
	ID        string `json:"id"`
	Protected bool   `json:"protected"`
}

// maxDomainPage is how many domains the API lists at once; it gives no total.
const maxDomainPage = 100

// ModifyPlan refuses what deletion protection forbids, says what a destroy takes with it, and looks for an
// organization that has the planned external_id already.
func (r *organizationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
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

	object, name := run.InEnvironment(run.Organization, state.ID.ValueString()), "organization "+state.ID.ValueString()
	if isDestroy {
		if state.DeletionProtection.ValueBool() {
			addProtectedError(&resp.Diagnostics, state.ID.ValueString(), state.DisplayName.ValueString())
			return
		}
		r.Discard(&resp.Diagnostics, object, "scalekit_organization", name)
		r.warnOfDestroy(ctx, &resp.Diagnostics, state)
		return
	}
	prior := tf.Prior(ctx, req, resp, planned{ID: state.ID.ValueString(), Protected: state.DeletionProtection.ValueBool()})
	if isCreate && prior.Protected {
		addProtectedError(&resp.Diagnostics, prior.ID, plan.DisplayName.ValueString())
		return
	}
	if !isCreate {
		r.Keep(&resp.Diagnostics, object, "scalekit_organization", name)
	}
	for attribute, key := range map[string]types.String{"external_id": plan.ExternalID, "slug": plan.Slug} {
		if key.ValueString() != "" {
			r.Claim(&resp.Diagnostics, path.Root(attribute), run.In(attribute, run.Organization, key.ValueString()), prior.ID,
				fmt.Sprintf("an organization with %s %s", attribute, key))
		}
	}
	if !plan.ExternalID.Equal(state.ExternalID) {
		r.checkExternalID(ctx, &resp.Diagnostics, plan, prior.ID)
	}
}

func addProtectedError(diags *diag.Diagnostics, id, name string) {
	diags.AddAttributeError(path.Root("deletion_protection"), "The organization is protected from deletion", fmt.Sprintf(
		"Organization %s (%s) has deletion_protection. Set it to false and apply, then destroy or replace it.", tf.Quote(name), id))
}

// checkExternalID reports another organization that has the planned external_id.
func (r *organizationResource) checkExternalID(ctx context.Context, diags *diag.Diagnostics, plan resourceModel, ownID string) {
	externalID := plan.ExternalID.ValueString()
	if r.Data == nil || !r.PlanChecks || externalID == "" {
		return
	}
	r.LookUp(ctx, "the external_id of an organization", func(ctx context.Context) error {
		got, err := r.Client.Organizations.GetOrganizationByExternalId(ctx, connect.NewRequest(byExternalID(externalID)))
		if err == nil && got.Msg.GetOrganization().GetId() != ownID {
			addConflictError(diags, "external_id", externalID, got.Msg.GetOrganization(), ownID == "")
		}
		if scalekit.IsNotFound(err) {
			return nil
		}
		return err
	})
}

// addConflictError reports an organization that has the wanted value of a unique attribute already, and what to do about
// it.
func addConflictError(diags *diag.Diagnostics, attribute, value string, org *organizationsv1.Organization, isCreate bool) {
	holder, key := fmt.Sprintf("Organization %s (%s)", tf.Quote(org.GetDisplayName()), tf.Text(org.GetId())), fmt.Sprintf("the %s %q", attribute, value)
	if isCreate {
		tf.AddTaken(diags, tf.Taken{
			Attribute: path.Root(attribute), Key: key, Holder: holder, ResourceType: "scalekit_organization", ImportID: org.GetId(),
		})
		return
	}
	diags.AddAttributeError(path.Root(attribute), tf.KeyIsTaken, fmt.Sprintf(
		"%s already has %s. No two organizations have the same %s: choose another one.", holder, key, attribute))
}

// warnOfDestroy says what the platform deletes together with an organization.
func (r *organizationResource) warnOfDestroy(ctx context.Context, diags *diag.Diagnostics, state resourceModel) {
	if r.Data == nil || !r.PlanChecks {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	id, name := state.ID.ValueString(), state.DisplayName.ValueString()
	has := ""
	if parts := r.belongings(ctx, id); len(parts) > 0 {
		has = " It has " + tf.Enumerate(parts) + " now."
	}
	diags.AddWarning(fmt.Sprintf("Organization %s will be deleted", tf.Quote(name)), fmt.Sprintf(
		"With %s (%s) the platform deletes its connections, directories, domains, memberships and sessions, and the users "+
			"that belong to no other organization.%s This cannot be undone.", tf.Quote(name), id, has))
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
