package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type directoriesDataSource struct{ tf.DataSource }

// NewListDataSource returns the data source scalekit_directories.
func NewListDataSource() datasource.DataSource { return &directoriesDataSource{} }

var _ datasource.DataSourceWithConfigure = (*directoriesDataSource)(nil)

type directoriesModel struct {
	OrganizationID types.String            `tfsdk:"organization_id"`
	Directories    []readModel             `tfsdk:"directories"`
	IDsByProvider  map[string]types.String `tfsdk:"ids_by_provider"`
}

func (d *directoriesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directories"
}

func (d *directoriesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The directories of an organization, in the platform's order.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"directories": schema.ListNestedAttribute{
				MarkdownDescription: "The directories.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: computedAttributes()},
			},
			"ids_by_provider": schema.MapAttribute{
				MarkdownDescription: "The directories' ids by their providers, such as `OKTA`. Custom directories are left out, and so is a provider that several directories have, with a warning.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *directoriesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result directoriesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	organizationID := result.OrganizationID.ValueString()
	listed, err := list(ctx, d.Client, organizationID)
	if err != nil {
		d.AddReadError(ctx, &resp.Diagnostics, fmt.Sprintf("Could not list the directories of organization %s", organizationID), err, organizationID)
		return
	}
	result.Directories = []readModel{}
	var ids tf.IDs
	for _, directory := range listed {
		item := readModel{model: model{OrganizationID: result.OrganizationID}}
		item.fromAPI(directory)
		result.Directories = append(result.Directories, item)
		ids.Add(item.DirectoryProvider.ValueString(), item.ID)
	}
	result.IDsByProvider = ids.Map(&resp.Diagnostics, "provider", "directories of organization "+organizationID)
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
