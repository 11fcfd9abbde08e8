package organization

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type organizationsDataSource struct{ tf.DataSource }

// NewListDataSource returns the data source scalekit_organizations.
func NewListDataSource() datasource.DataSource { return &organizationsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*organizationsDataSource)(nil)

type organizationsModel struct {
	Organizations   []model                 `tfsdk:"organizations"`
	IDsByExternalID map[string]types.String `tfsdk:"ids_by_external_id"`
}

func (d *organizationsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organizations"
}

func (d *organizationsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All organizations of the environment, newest first. The list is read to its end.",
		Attributes: map[string]schema.Attribute{
			"organizations": schema.ListNestedAttribute{
				MarkdownDescription: "The organizations.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: computedAttributes()},
			},
			"ids_by_external_id": schema.MapAttribute{
				MarkdownDescription: "The organizations' ids by their external ids. Organizations without one are left out.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *organizationsDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	result := organizationsModel{Organizations: []model{}}
	var ids tf.IDs
	for org, err := range d.Client.AllOrganizations(ctx) {
		if err != nil {
			tf.AddError(&resp.Diagnostics, "Could not list the organizations", err, nil)
			return
		}
		var item model
		item.fromAPI(org)
		result.Organizations = append(result.Organizations, item)
		ids.Add(org.GetExternalId(), item.ID)
	}
	result.IDsByExternalID = ids.Map(&resp.Diagnostics, "external_id", "organizations")
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
