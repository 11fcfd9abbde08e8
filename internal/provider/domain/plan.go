package domain

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const resourceType = "scalekit_organization_domain"

// ModifyPlan refuses what should not be created, what is declared twice, and a domain of the planned name that the
// organization has already.
func (r *domainResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state model
	isCreate := req.State.Raw.IsNull()
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	object, what := run.InEnvironment(run.Domain, state.ID.ValueString()), fmt.Sprintf("domain %s of organization %s", state.Domain.ValueString(), state.OrganizationID.ValueString())
	if req.Plan.Raw.IsNull() {
		r.Discard(&resp.Diagnostics, object, resourceType, what)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	prior := tf.Prior(ctx, req, resp, state.ID.ValueString())
	if !isCreate {
		r.Keep(&resp.Diagnostics, object, resourceType, what)
		if plan.OrganizationID.IsUnknown() {
			resp.Diagnostics.AddAttributeWarning(path.Root("organization_id"), "The domain may move to another organization", fmt.Sprintf(
				"The organization of domain %s is known after the apply only. If it is still %s, nothing changes. Otherwise the domain is "+
					"deleted there and created in the other one.", state.Domain, state.OrganizationID))
		}
	}
	organizationID, name := plan.OrganizationID.ValueString(), plan.Domain.ValueString()
	if name != "" && isCreate {
		checkName(&resp.Diagnostics, name)
	}
	if resp.Diagnostics.HasError() || r.Data == nil || organizationID == "" || name == "" {
		return
	}
	r.Claim(&resp.Diagnostics, path.Root("domain"), run.In(organizationID, run.Domain, name), prior,
		fmt.Sprintf("domain %s of organization %s", name, organizationID))
	if !r.PlanChecks || !isCreate && plan.OrganizationID.Equal(state.OrganizationID) {
		return
	}
	r.LookUp(ctx, "an organization's domains", func(ctx context.Context) error {
		domains, err := r.planned(ctx, organizationID)
		if scalekit.IsNotFound(err) {
			resp.Diagnostics.AddAttributeWarning(path.Root("organization_id"), "No such organization",
				fmt.Sprintf("This environment has no organization with id %q. Unless it is created before, the apply will fail.", organizationID))
			return nil
		}
		if domain := domains[name]; domain != nil && domain.GetId() != prior {
			addConflictError(&resp.Diagnostics, organizationID, domain)
		}
		return err
	})
}

// planned are an organization's domains by name, which all plans of a run share.
func (r *domainResource) planned(ctx context.Context, organizationID string) (map[string]*domainsv1.Domain, error) {
	never := func(map[string]*domainsv1.Domain) bool { return false }
	return run.LookUp(r.Run, run.Of(organizationID, run.Domain), never, func() (map[string]*domainsv1.Domain, error) {
		domains := map[string]*domainsv1.Domain{}
		for domain, err := range list(ctx, r.Client, organizationID) {
			if err != nil {
				return nil, err
			}
			domains[domain.GetDomain()] = domain
		}
		return domains, nil
	})
}

// addConflictError reports that the organization has a domain already, and what to do about it.
func addConflictError(diags *diag.Diagnostics, organizationID string, domain *domainsv1.Domain) {
	tf.AddTaken(diags, tf.Taken{
		Attribute: path.Root("domain"), Key: fmt.Sprintf("the domain %q (%s)", domain.GetDomain(), domain.GetId()),
		Holder: "Organization " + organizationID, ResourceType: resourceType, ImportID: organizationID + "/" + domain.GetId(),
	})
}
