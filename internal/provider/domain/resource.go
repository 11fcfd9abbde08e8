package domain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type domainResource struct{ tf.Resource }

// NewResource returns scalekit_organization_domain.
func NewResource() resource.Resource { return &domainResource{} }

var (
	_ resource.ResourceWithConfigure   = (*domainResource)(nil)
	_ resource.ResourceWithImportState = (*domainResource)(nil)
	_ resource.ResourceWithIdentity    = (*domainResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*domainResource)(nil)
)

func (r *domainResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_domain"
	resp.ResourceBehavior.MutableIdentity = true // a domain of another type or organization has another id
}

func (r *domainResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	domain, err := r.create(ctx, &resp.Diagnostics, m)
	if err != nil {
		r.addCreateError(ctx, &resp.Diagnostics, m, err)
		return
	}
	r.Run.Write(run.InEnvironment(run.Domain, domain.GetId()))
	m.fromAPI(domain)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

// create makes the domain exactly once: the platform refuses a second domain of the name.
func (r *domainResource) create(ctx context.Context, diags *diag.Diagnostics, m model) (*domainsv1.Domain, error) {
	started := time.Now()
	organizationID, name := m.OrganizationID.ValueString(), m.Domain.ValueString()
	domainType := domainsv1.DomainType(domainsv1.DomainType_value[m.DomainType.ValueString()])
	return scalekit.Create(ctx, r.Client, scalekit.Creation[*domainsv1.Domain]{
		Create: func(ctx context.Context) (*domainsv1.Domain, error) {
			reply, err := r.Client.Domains.CreateDomain(ctx, connect.NewRequest(&domainsv1.CreateDomainRequest{
				Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: organizationID},
				Domain:     &domainsv1.CreateDomain{Domain: name, DomainType: domainType},
			}))
			if err != nil {
				return nil, err
			}
			return reply.Msg.GetDomain(), nil
		},
		Find: func(ctx context.Context) (*domainsv1.Domain, bool, error) {
			domain, err := find(ctx, r.Client, organizationID, name)
			if err != nil || domain == nil {
				return nil, false, err
			}
			ours := !r.Run.Wrote(run.InEnvironment(run.Domain, domain.GetId())) && typeOf(domain) == domainType &&
				r.Client.RecentEnough(domain.GetCreateTime().AsTime(), started)
			return domain, ours, nil
		},
		Adopted: func(domain *domainsv1.Domain) { tf.AddAdopted(diags, "domain "+domain.GetId()) },
		Unique:  true,
	})
}

// addCreateError reports a failed create. The platform says in words only that the domain is taken, so whose it is is
// looked up.
func (r *domainResource) addCreateError(ctx context.Context, diags *diag.Diagnostics, m model, err error) {
	organizationID, name := m.OrganizationID.ValueString(), m.Domain.ValueString()
	summary := fmt.Sprintf("Could not create domain %s of organization %s", name, organizationID)
	if unknown := new(scalekit.UnknownOutcomeError); errors.As(err, &unknown) {
		diags.AddError(summary, fmt.Sprintf("It is not known whether the domain was created: %s.\n\nApply again: if the domain exists, "+
			"the plan says so and gives the import block.", tf.Text(err.Error())))
		return
	}
	if scalekit.IsNotFound(err) && r.AddMissingOrganization(ctx, diags, organizationID) {
		return
	}
	if len(scalekit.Explain(err).Violations) == 0 && connect.CodeOf(err) == connect.CodeInvalidArgument {
		if domain, lookErr := find(ctx, r.Client, organizationID, name); lookErr == nil && domain != nil {
			addConflictError(diags, organizationID, domain)
			return
		}
		if holder, lookErr := r.holder(ctx, name); lookErr == nil && holder != nil {
			diags.AddAttributeError(path.Root("domain"), tf.KeyIsTaken, fmt.Sprintf(
				"Organization %s of this environment has the domain %q (%s), and a domain belongs to one organization. Remove it there first, or "+
					"manage it there:\n\n%s", holder.GetOrganizationId(), name, holder.GetId(),
				tf.ImportBlock(resourceType, holder.GetOrganizationId()+"/"+holder.GetId())))
			return
		}
	}
	tf.AddError(diags, summary, err, fields)
}

// mostLooked is among how many of the newest organizations one with a domain is looked for, which the API does not do.
const mostLooked = 100

// holder returns the domain of the name that another organization has, nil if none is found among the newest.
func (r *domainResource) holder(ctx context.Context, name string) (*domainsv1.Domain, error) {
	looked := 0
	for organization, err := range r.Client.AllOrganizations(ctx) {
		if looked++; err != nil || looked > mostLooked {
			return nil, err
		}
		domain, err := find(ctx, r.Client, organization.GetId(), name)
		if err == nil && domain != nil {
			domain.OrganizationId = organization.GetId()
			return domain, nil
		}
		if err != nil && !scalekit.IsNotFound(err) {
			return nil, err
		}
	}
	return nil, nil //nolint:nilnil // absence is no error
}

// find returns the organization's domain of the name, nil if there is none.
func find(ctx context.Context, client *scalekit.Client, organizationID, name string) (*domainsv1.Domain, error) {
	for domain, err := range list(ctx, client, organizationID) {
		if err != nil {
			return nil, err
		}
		if domain.GetDomain() == name {
			return domain, nil
		}
	}
	return nil, nil //nolint:nilnil // absence is no error
}

func (r *domainResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	got, err := r.Client.Domains.GetDomain(ctx, connect.NewRequest(&domainsv1.GetDomainRequest{
		Identities: &domainsv1.GetDomainRequest_OrganizationId{OrganizationId: m.OrganizationID.ValueString()},
		Id:         m.ID.ValueString(),
	}))
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read domain %s", m.ID.ValueString()), err, nil)
		return
	}
	m.fromAPI(got.Msg.GetDomain())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update gives the domain another type or organization. The platform can do neither, and a domain exists once, so the old
// one is deleted before the new one is created.
func (r *domainResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.OrganizationID.Equal(state.OrganizationID) && plan.DomainType.Equal(state.DomainType) {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...) // the organization was only unknown
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
		return
	}
	if r.remove(ctx, state, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	domain, err := r.create(ctx, &resp.Diagnostics, plan)
	if err != nil {
		r.addCreateError(ctx, &resp.Diagnostics, plan, err)
		return
	}
	r.Run.Write(run.InEnvironment(run.Domain, domain.GetId()))
	plan.fromAPI(domain)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *domainResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		r.remove(ctx, m, &resp.Diagnostics)
	}
}

// remove deletes a domain; one that is gone is fine.
func (r *domainResource) remove(ctx context.Context, m model, diags *diag.Diagnostics) {
	_, err := r.Client.Domains.DeleteDomain(ctx, connect.NewRequest(&domainsv1.DeleteDomainRequest{
		Identities: &domainsv1.DeleteDomainRequest_OrganizationId{OrganizationId: m.OrganizationID.ValueString()},
		Id:         m.ID.ValueString(),
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(diags, fmt.Sprintf("Could not delete domain %s (%s)", m.Domain.ValueString(), m.ID.ValueString()), err, nil)
	}
}

// ImportState accepts ORGANIZATION_ID/ID and ORGANIZATION_ID/DOMAIN.
func (r *domainResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		var identity identityModel
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		r.imported(ctx, resp, identity.OrganizationID.ValueString(), identity.ID.ValueString())
		return
	}
	organizationID, name, ok := strings.Cut(req.ID, "/")
	if !ok || name == "" || !tf.ValidID(organizationIDPrefix, organizationID) {
		resp.Diagnostics.AddError("Cannot import the domain", fmt.Sprintf(
			"%q is not an import id of a domain. Give the organization's id and the domain or its id, such as %q or %q.",
			req.ID, "org_12345678901234567/acme.example", "org_12345678901234567/dom_12345678901234567"))
		return
	}
	if tf.ValidID(idPrefix, name) {
		r.imported(ctx, resp, organizationID, name)
		return
	}
	domain, err := find(ctx, r.Client, organizationID, name)
	switch {
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not look up domain %s of organization %s", name, organizationID), err, nil)
	case domain == nil:
		resp.Diagnostics.AddError("Cannot import the domain", fmt.Sprintf("Organization %s has no domain %q.", organizationID, name))
	default:
		r.imported(ctx, resp, organizationID, domain.GetId())
	}
}

func (r *domainResource) imported(ctx context.Context, resp *resource.ImportStateResponse, organizationID, id string) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("organization_id"), organizationID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("organization_id"), organizationID)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
}
