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
}

func (r *domainResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	domain, err := r.create(ctx, m)
	if err != nil {
		addCreateError(&resp.Diagnostics, m, err)
		return
	}
	r.Run.Write(run.InEnvironment(run.Domain, domain.GetId()))
	m.fromAPI(domain)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

// create makes the domain exactly once: the platform refuses a second domain of the name.
func (r *domainResource) create(ctx context.Context, m model) (*domainsv1.Domain, error) {
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
				scalekit.RecentEnough(domain.GetCreateTime().AsTime(), started)
			return domain, ours, nil
		},
		Unique: true,
	})
}

// addCreateError reports a failed create.
func addCreateError(diags *diag.Diagnostics, m model, err error) {
	summary := fmt.Sprintf("Could not create domain %s of organization %s", m.Domain.ValueString(), m.OrganizationID.ValueString())
	if unknown := new(scalekit.UnknownOutcomeError); errors.As(err, &unknown) {
		diags.AddError(summary, fmt.Sprintf("It is not known whether the domain was created: %v.\n\nApply again: if the domain exists, "+
			"the plan says so and gives the import block.", err))
		return
	}
	tf.AddError(diags, summary, err, fields)
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
	r.Run.Refresh(run.InEnvironment(run.Domain, m.ID.ValueString()))
	m.fromAPI(got.Msg.GetDomain())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update is never called: every change replaces the domain.
func (r *domainResource) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("The provider has a bug", "A domain cannot be updated, only replaced. Please report this.")
}

func (r *domainResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, err := r.Client.Domains.DeleteDomain(ctx, connect.NewRequest(&domainsv1.DeleteDomainRequest{
		Identities: &domainsv1.DeleteDomainRequest_OrganizationId{OrganizationId: m.OrganizationID.ValueString()},
		Id:         m.ID.ValueString(),
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not delete domain %s (%s)", m.Domain.ValueString(), m.ID.ValueString()), err, nil)
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
