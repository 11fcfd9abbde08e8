package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// NewListResource returns the list resource scalekit_webhook_endpoint.
func NewListResource() list.ListResource { return &endpointResource{} }

var _ list.ListResourceWithConfigure = (*endpointResource)(nil)

func (r *endpointResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the webhook endpoints of the environment, in the API's order. Their signing secrets are left out; an " +
			"import reads them.\n\n" + inferred,
	}
}

// List leaves the signing secrets out, which no generated configuration holds: terraform query -json writes resources
// without regard to what is sensitive. An import reads them.
func (r *endpointResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		for endpoint, err := range r.Webhooks.List(ctx) {
			if err != nil {
				addError(&results.Diagnostics, "Could not list the webhook endpoints", err)
				return
			}
			m := resourceModel{HeadersWO: types.MapNull(types.StringType), SecretRotation: types.MapNull(types.StringType)}
			m.fromAPI(endpoint)
			if !results.Add(ctx, tf.Qualified(endpoint.URL, m.UID.ValueString()), identityModel{ID: m.ID}, m) {
				return
			}
		}
	})
}
