package role

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// permissionModel is a permission.
type permissionModel struct {
	ID                   types.String `tfsdk:"id"`
	Name                 types.String `tfsdk:"name"`
	Description          types.String `tfsdk:"description"`
	IsScalekitPermission types.Bool   `tfsdk:"is_scalekit_permission"`
}

// fromAPI takes over the API's view.
func (m *permissionModel) fromAPI(permission *rolesv1.Permission) {
	m.ID = types.StringValue(permission.GetId())
	m.Name = types.StringValue(permission.GetName())
	m.Description = tf.OptionalString(permission.GetDescription())
	m.IsScalekitPermission = types.BoolValue(permission.GetIsScalekitPermission())
}

// toAPI is the permission for the API, which clears a description that is empty.
func (m *permissionModel) toAPI() *rolesv1.CreatePermission {
	return &rolesv1.CreatePermission{Name: m.Name.ValueString(), Description: m.Description.ValueString()}
}
