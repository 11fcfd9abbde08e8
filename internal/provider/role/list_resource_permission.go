package role

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// NewPermissionListResource returns the list resource scalekit_permission.
func NewPermissionListResource() list.ListResource { return &permissionResource{} }

var _ list.ListResourceWithConfigure = (*permissionResource)(nil)

func (r *permissionResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	all := rolesv1.PermissionType_ALL.String()
	builtIn, own := rolesv1.PermissionType_SCALEKIT.String(), rolesv1.PermissionType_ENVIRONMENT.String()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the permissions of the environment, in the platform's order.",
		Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				MarkdownDescription: "Only the permissions of this type: `" + own + "`, those of this environment alone, `" + builtIn +
					"`, those that every environment has, or `" + all + "`. Roles name the built-in ones, `sk_…`, without a resource, and " +
					"they cannot be deleted. Defaults to `" + own + "`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(all, builtIn, own)},
			},
		},
	}
}

func (r *permissionResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		var configured types.String
		results.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("type"), &configured)...)
		if results.Diagnostics.HasError() {
			return
		}
		kind := rolesv1.PermissionType_ENVIRONMENT
		if !configured.IsNull() {
			kind = rolesv1.PermissionType(rolesv1.PermissionType_value[configured.ValueString()])
		}
		for permission, err := range listPermissions(ctx, r.Client, kind) {
			if err != nil {
				tf.AddError(&results.Diagnostics, "Could not list the permissions of the environment", err, nil)
				return
			}
			var m permissionModel
			m.fromAPI(permission)
			if !results.Add(ctx, permission.GetName(), identityModel{Name: m.Name}, m) {
				return
			}
		}
	})
}
