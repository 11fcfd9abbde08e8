package webhook

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type eventTypesDataSource struct{ tf.DataSource }

// NewEventTypesDataSource returns the data source scalekit_webhook_event_types.
func NewEventTypesDataSource() datasource.DataSource { return &eventTypesDataSource{} }

var _ datasource.DataSourceWithConfigure = (*eventTypesDataSource)(nil)

type eventTypesModel struct {
	EventTypes []eventTypeModel `tfsdk:"event_types"`
}

func (d *eventTypesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_webhook_event_types"
}

func (d *eventTypesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The types of events that webhook endpoints may receive, archived ones included, in the API's order. The list is read to its end.\n\n" + inferred,
		Attributes: map[string]schema.Attribute{
			"event_types": schema.ListNestedAttribute{
				MarkdownDescription: "The event types.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":        schema.StringAttribute{Computed: true, MarkdownDescription: "The type's name, such as `organization.created`."},
					"description": schema.StringAttribute{Computed: true, MarkdownDescription: "What such an event says."},
					"archived":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether events of the type are sent no more."},
					"deprecated":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the type should no longer be used."},
				}},
			},
		},
	}
}

func (d *eventTypesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	result := eventTypesModel{EventTypes: []eventTypeModel{}}
	for one, err := range d.Webhooks.EventTypes(ctx) {
		if err != nil {
			addError(&resp.Diagnostics, "Could not list the webhook event types", err)
			return
		}
		var item eventTypeModel
		item.fromAPI(one)
		result.EventTypes = append(result.EventTypes, item)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
