package role

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type organizationRolesDataSource struct{ tf.DataSource }

// NewOrganizationListDataSource returns the data source scalekit_organization_roles.
func NewOrganizationListDataSource() datasource.DataSource { return &organizationRolesDataSource{} }

var _ datasource.DataSourceWithConfigure = (*organizationRolesDataSource)(nil)

type organizationRolesModel struct {
	OrganizationID types.String            `tfsdk:"organization_id"`
	Roles          []usableModel           `tfsdk:"roles"`
	IDsByName      map[string]types.String `tfsdk:"ids_by_name"`
}

func (d *organizationRolesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_roles"
}

func (d *organizationRolesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := computedAttributes()
	attributes["default_member"] = schema.BoolAttribute{
		MarkdownDescription: "Whether new members of this organization get the role.",
		Computed:            true,
	}
	attributes["is_org_role"] = schema.BoolAttribute{
		MarkdownDescription: "Whether the role is the organization's own, and not the environment's.",
		Computed:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The roles that the members of an organization can have, the environment's and the organization's own, in the platform's order.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationPrefix)},
			},
			"roles": schema.ListNestedAttribute{
				MarkdownDescription: "The roles.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
			"ids_by_name": idsByName("roles"),
		},
	}
}

func (d *organizationRolesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result organizationRolesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	organizationID := result.OrganizationID.ValueString()
	roles, err := scope{Data: d.Data, organizationID: organizationID}.listIncluding(ctx, new(withPermissions))
	if err != nil {
		d.AddReadError(ctx, &resp.Diagnostics, "Could not list the roles of organization "+organizationID, err, organizationID)
		return
	}
	result.Roles = []usableModel{}
	var ids tf.IDs
	for _, role := range roles {
		var item usableModel
		item.fromAPI(role)
		result.Roles = append(result.Roles, item)
		ids.Add(role.GetName(), item.ID)
	}
	result.IDsByName = ids.Map(&resp.Diagnostics, "name", "roles of organization "+organizationID)
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
