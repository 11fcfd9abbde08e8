package domain

import (
	"context"

	listresource "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// NewListResource returns the list resource scalekit_organization_domain.
func NewListResource() listresource.ListResource { return &domainResource{} }

var _ listresource.ListResourceWithConfigure = (*domainResource)(nil)

func (r *domainResource) ListResourceConfigSchema(_ context.Context, _ listresource.ListResourceSchemaRequest, resp *listresource.ListResourceSchemaResponse) {
	resp.Schema = tf.OrganizationsSchema("the domains", "")
}

func (r *domainResource) List(ctx context.Context, req listresource.ListRequest, stream *listresource.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		for org := range results.Organizations(ctx, r.Client) {
			for domain, err := range list(ctx, r.Client, org.GetId()) {
				if scalekit.IsNotFound(err) {
					break // the organization has just been deleted
				}
				if err != nil {
					tf.AddError(&results.Diagnostics, "Could not list the domains of organization "+org.GetId(), err, nil)
					return
				}
				m := model{OrganizationID: types.StringValue(org.GetId())}
				m.fromAPI(domain)
				if !results.Add(ctx, tf.Qualified(domain.GetDomain(), org.GetDisplayName()), m.identity(), m) {
					return
				}
			}
		}
	})
}
