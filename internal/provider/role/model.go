// Package role serves roles, permissions and the default roles.
package role

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// model is a role, be it the environment's or an organization's.
type model struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	DisplayName types.String `tfsdk:"display_name"`
	Description types.String `tfsdk:"description"`
	Extends     types.String `tfsdk:"extends"`
	Permissions types.Set    `tfsdk:"permissions"`
}

// fromAPI takes over the API's view of a role that was read with its own permissions.
func (m *model) fromAPI(role *rolesv1.Role) {
	m.ID = types.StringValue(role.GetId())
	m.Name = types.StringValue(role.GetName())
	m.DisplayName = types.StringValue(role.GetDisplayName())
	m.Description = tf.OptionalString(role.GetDescription())
	m.Extends = tf.OptionalString(role.GetExtends())
	m.Permissions = stringSet(ownPermissions(role))
}

// ownPermissions are the names of a role's permissions without those that it inherits, which name the role that they
// come from.
func ownPermissions(role *rolesv1.Role) []string {
	var own []string
	for _, permission := range role.GetPermissions() {
		if from := permission.GetRoleName(); from == "" || from == role.GetName() {
			own = append(own, permission.GetName())
		}
	}
	slices.Sort(own)
	return slices.Compact(own)
}

// resourceModel adds what only the resources know.
type resourceModel struct {
	model
	ReassignRoleName types.String `tfsdk:"reassign_role_name"`
}

// organizationModel is a role of an organization.
type organizationModel struct {
	resourceModel
	OrganizationID types.String `tfsdk:"organization_id"`
}

// identityModel is what identifies a role of the environment, and a permission.
type identityModel struct {
	Name types.String `tfsdk:"name"`
}

// organizationIdentityModel is what identifies a role of an organization.
type organizationIdentityModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Name           types.String `tfsdk:"name"`
}

// fields are the attributes of the API's fields.
var fields = tf.Fields{
	"name":               path.Root("name"),
	"role_name":          path.Root("name"),
	"org_id":             path.Root("organization_id"),
	"display_name":       path.Root("display_name"),
	"description":        path.Root("description"),
	"extends":            path.Root("extends"),
	"permissions":        path.Root("permissions"),
	"reassign_role_name": path.Root("reassign_role_name"),
}

// texts returns a set's known elements for the API, sorted.
func texts(set types.Set) []string {
	var elements []string
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			elements = append(elements, text.ValueString())
		}
	}
	slices.Sort(elements)
	return elements
}

func stringSet(elements []string) types.Set {
	values := []attr.Value{}
	for _, element := range elements {
		values = append(values, types.StringValue(element))
	}
	return types.SetValueMust(types.StringType, values)
}

// without returns the elements that others lacks.
func without(elements, others []string) []string {
	return slices.DeleteFunc(slices.Clone(elements), func(element string) bool { return slices.Contains(others, element) })
}
