package organization

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// NewListResource returns the list resource scalekit_organization.
func NewListResource() list.ListResource { return &organizationResource{} }

var _ list.ListResourceWithConfigure = (*organizationResource)(nil)

func (r *organizationResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the organizations of the environment, newest first.",
	}
}

func (r *organizationResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		for org, err := range r.Client.AllOrganizations(ctx) {
			if err != nil {
				tf.AddError(&results.Diagnostics, "Could not list the organizations", err, nil)
				return
			}
			var m resourceModel
			m.fromAPI(org)
			name := tf.Qualified(org.GetDisplayName(), org.GetExternalId())
			if !results.Add(ctx, name, identityModel{ID: m.ID}, m) {
				return
			}
		}
	})
}
