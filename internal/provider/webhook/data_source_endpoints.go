package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type endpointsDataSource struct{ tf.DataSource }

// NewEndpointsDataSource returns the data source scalekit_webhook_endpoints.
func NewEndpointsDataSource() datasource.DataSource { return &endpointsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*endpointsDataSource)(nil)

type endpointsModel struct {
	WebhookEndpoints []model                 `tfsdk:"webhook_endpoints"`
	IDsByURL         map[string]types.String `tfsdk:"ids_by_url"`
	IDsByUID         map[string]types.String `tfsdk:"ids_by_uid"`
}

func (d *endpointsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_webhook_endpoints"
}

func (d *endpointsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All webhook endpoints of the environment, without their secrets, in the API's order. The list is read to its end.\n\n" + inferred,
		Attributes: map[string]schema.Attribute{
			"webhook_endpoints": schema.ListNestedAttribute{
				MarkdownDescription: "The endpoints.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "The endpoint's id, `ep_…`."},
					"url":         schema.StringAttribute{Computed: true, MarkdownDescription: "Where events are sent."},
					"description": schema.StringAttribute{Computed: true, MarkdownDescription: "What the endpoint is for."},
					"event_types": schema.SetAttribute{
						Computed: true, ElementType: types.StringType, MarkdownDescription: "The types of the events that the endpoint receives, null if it receives every event.",
					},
					"enabled":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether events are sent."},
					"channels":   schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The channels that the endpoint listens to, null if it listens to all."},
					"rate_limit": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many events are sent in a second at most, null if there is no limit."},
					"metadata":   schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Your own data about the endpoint, null if there is none."},
					"uid":        schema.StringAttribute{Computed: true, MarkdownDescription: "Your own id of the endpoint, null if it has none."},
					"create_time": schema.StringAttribute{
						Computed: true, MarkdownDescription: "When the endpoint was created, in RFC 3339 form, UTC.",
					},
				}},
			},
			"ids_by_url": schema.MapAttribute{
				MarkdownDescription: "The endpoints' ids by their URLs. A URL that several endpoints have is left out, with a warning.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"ids_by_uid": schema.MapAttribute{
				MarkdownDescription: "The endpoints' ids by your own ids of them. Endpoints without one are left out.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *endpointsDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	result := endpointsModel{WebhookEndpoints: []model{}}
	var byURL, byUID tf.IDs
	for endpoint, err := range d.Webhooks.List(ctx) {
		if err != nil {
			addError(&resp.Diagnostics, "Could not list the webhook endpoints", err)
			return
		}
		var item model
		item.fromAPI(endpoint)
		result.WebhookEndpoints = append(result.WebhookEndpoints, item)
		byURL.Add(endpoint.URL, item.ID)
		byUID.Add(item.UID.ValueString(), item.ID)
	}
	result.IDsByURL = byURL.Map(&resp.Diagnostics, "url", "webhook endpoints")
	result.IDsByUID = byUID.Map(&resp.Diagnostics, "uid", "webhook endpoints")
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
