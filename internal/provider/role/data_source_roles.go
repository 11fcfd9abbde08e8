package role

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type rolesDataSource struct{ tf.DataSource }

// NewListDataSource returns the data source scalekit_roles.
func NewListDataSource() datasource.DataSource { return &rolesDataSource{} }

var _ datasource.DataSourceWithConfigure = (*rolesDataSource)(nil)

type rolesModel struct {
	Roles     []readModel             `tfsdk:"roles"`
	IDsByName map[string]types.String `tfsdk:"ids_by_name"`
}

func (d *rolesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_roles"
}

func (d *rolesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The roles of the environment, Scalekit's own among them, in the platform's order. " +
			"For the roles of an organization see `scalekit_organization_roles`.",
		Attributes: map[string]schema.Attribute{
			"roles": schema.ListNestedAttribute{
				MarkdownDescription: "The roles.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: computedAttributes()},
			},
			"ids_by_name": idsByName("roles"),
		},
	}
}

// idsByName is the map of a list's ids.
func idsByName(things string) schema.Attribute {
	return schema.MapAttribute{
		MarkdownDescription: "The " + things + "' ids by their names. A name that several " + things + " have is left out, with a warning.",
		Computed:            true,
		ElementType:         types.StringType,
	}
}

func (d *rolesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	roles, err := scope{Data: d.Data}.listIncluding(ctx, new(withPermissions))
	if err != nil {
		tf.AddError(&resp.Diagnostics, "Could not list the roles of the environment", err, nil)
		return
	}
	result := rolesModel{Roles: []readModel{}}
	var ids tf.IDs
	for _, role := range roles {
		var item readModel
		item.fromAPI(role)
		result.Roles = append(result.Roles, item)
		ids.Add(role.GetName(), item.ID)
	}
	result.IDsByName = ids.Map(&resp.Diagnostics, "name", "roles of the environment")
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
