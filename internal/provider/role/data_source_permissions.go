package role

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type permissionsDataSource struct{ tf.DataSource }

// NewPermissionsDataSource returns the data source scalekit_permissions.
func NewPermissionsDataSource() datasource.DataSource { return &permissionsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*permissionsDataSource)(nil)

type permissionsModel struct {
	Type        types.String            `tfsdk:"type"`
	Permissions []permissionModel       `tfsdk:"permissions"`
	IDsByName   map[string]types.String `tfsdk:"ids_by_name"`
}

func (d *permissionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_permissions"
}

func (d *permissionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	all := rolesv1.PermissionType_ALL.String()
	builtIn, own := rolesv1.PermissionType_SCALEKIT.String(), rolesv1.PermissionType_ENVIRONMENT.String()
	resp.Schema = schema.Schema{
		MarkdownDescription: "The permissions of the environment, in the platform's order. The list is read to its end.",
		Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				MarkdownDescription: "Only the permissions of this type: `" + builtIn + "`, those that every environment has, `" + own +
					"`, those of this environment alone, or `" + all + "`. Defaults to `" + all + "`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(all, builtIn, own)},
			},
			"permissions": schema.ListNestedAttribute{
				MarkdownDescription: "The permissions.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                     schema.StringAttribute{Computed: true, MarkdownDescription: "The permission's id, `perm_…`."},
					"name":                   schema.StringAttribute{Computed: true, MarkdownDescription: "The name by which your application, roles and tokens know the permission."},
					"description":            schema.StringAttribute{Computed: true, MarkdownDescription: "What the permission allows, null if there is no description."},
					"is_scalekit_permission": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the permission is one of Scalekit's own, which every environment has."},
				}},
			},
			"ids_by_name": idsByName("permissions"),
		},
	}
}

func (d *permissionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result permissionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	result.Permissions = []permissionModel{}
	var ids tf.IDs
	kind := rolesv1.PermissionType(rolesv1.PermissionType_value[result.Type.ValueString()])
	for permission, err := range listPermissions(ctx, d.Client, kind) {
		if err != nil {
			tf.AddError(&resp.Diagnostics, "Could not list the permissions of the environment", err, nil)
			return
		}
		var item permissionModel
		item.fromAPI(permission)
		result.Permissions = append(result.Permissions, item)
		ids.Add(permission.GetName(), item.ID)
	}
	result.IDsByName = ids.Map(&resp.Diagnostics, "name", "permissions of the environment")
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
