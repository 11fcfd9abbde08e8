package directory

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type directoriesDataSource struct{ tf.DataSource }

// NewListDataSource returns the data source scalekit_directories.
func NewListDataSource() datasource.DataSource { return &directoriesDataSource{} }

var _ datasource.DataSourceWithConfigure = (*directoriesDataSource)(nil)

type directoriesModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Directories    []readModel  `tfsdk:"directories"`
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
	listed, err := d.Client.Directories.ListDirectories(ctx, connect.NewRequest(&directoriesv1.ListDirectoriesRequest{OrganizationId: organizationID}))
	if err != nil {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not list the directories of organization %s", organizationID), err, nil)
		return
	}
	result.Directories = []readModel{}
	for _, directory := range listed.Msg.GetDirectories() {
		item := readModel{model: model{OrganizationID: result.OrganizationID}}
		item.fromAPI(directory)
		result.Directories = append(result.Directories, item)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
