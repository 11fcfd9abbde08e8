package organization

import (
	"context"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// externalIDImport begins an import id that names an organization by its external id.
const externalIDImport = "external_id:"

type organizationResource struct{ tf.Resource }

// NewResource returns scalekit_organization.
func NewResource() resource.Resource { return &organizationResource{} }

var (
	_ resource.ResourceWithConfigure   = (*organizationResource)(nil)
	_ resource.ResourceWithImportState = (*organizationResource)(nil)
	_ resource.ResourceWithIdentity    = (*organizationResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*organizationResource)(nil)
)

func (r *organizationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization"
}

func (r *organizationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	org, err := r.create(ctx, &resp.Diagnostics, creation(plan))
	if err != nil {
		r.addCreateError(ctx, &resp.Diagnostics, plan, err)
		return
	}
	r.Run.Write(run.InEnvironment(run.Organization, org.GetId()))
	m := plan
	m.fromAPI(org)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: m.ID})...)
	reportDeviations(&resp.Diagnostics, plan.model, m.model)
}

func (r *organizationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: m.ID})...)
	got, err := r.Client.Organizations.GetOrganization(ctx, connect.NewRequest(byID(m.ID)))
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read organization %s", m.ID.ValueString()), err, nil)
		return
	}
	m.fromAPI(got.Msg.GetOrganization())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *organizationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	summary := fmt.Sprintf("Could not update organization %s", state.ID.ValueString())
	org, err := r.update(ctx, plan.model, state.model)
	if err != nil {
		tf.AddError(&resp.Diagnostics, summary, err, fields)
	}
	if org == nil {
		return
	}
	m := plan
	m.fromAPI(org)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: m.ID})...)
	if err == nil {
		reportDeviations(&resp.Diagnostics, plan.model, m.model)
	}
}

func (r *organizationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.DeletionProtection.ValueBool() {
		addProtectedError(&resp.Diagnostics, state.ID.ValueString(), state.DisplayName.ValueString())
		return
	}
	_, err := r.Client.Organizations.DeleteOrganization(ctx, connect.NewRequest(&organizationsv1.DeleteOrganizationRequest{
		Identities: &organizationsv1.DeleteOrganizationRequest_Id{Id: state.ID.ValueString()},
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not delete organization %s", state.ID.ValueString()), err, nil)
	}
}

// ImportState accepts an organization's id, or its external id behind "external_id:".
func (r *organizationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if tf.RefuseEmptyImport(req, resp, "organization") {
		return
	}
	externalID, isExternal := strings.CutPrefix(req.ID, externalIDImport)
	switch {
	case isExternal && externalID != "":
		got, err := r.Client.Organizations.GetOrganizationByExternalId(ctx, connect.NewRequest(byExternalID(externalID)))
		if scalekit.IsNotFound(err) {
			resp.Diagnostics.AddError("Cannot import the organization",
				fmt.Sprintf("No organization of this environment has the external_id %q.", externalID))
			return
		}
		if err != nil {
			tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not look up the organization with external_id %q", externalID), err, nil)
			return
		}
		id := got.Msg.GetOrganization().GetId()
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
	case req.ID == "" || tf.ValidID(idPrefix, req.ID):
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
	default:
		resp.Diagnostics.AddError("Cannot import the organization", fmt.Sprintf(
			"%q is not an import id of an organization. Give its id, such as %q, or its external id as %q.",
			req.ID, "org_12345678901234567", externalIDImport+"acme"))
	}
}
