package role

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// readModel is a role as it is read: with what other resources decide.
type readModel struct {
	model
	DefaultCreator types.Bool `tfsdk:"default_creator"`
	DefaultMember  types.Bool `tfsdk:"default_member"`
}

func (m *readModel) fromAPI(role *rolesv1.Role) {
	m.model.fromAPI(role)
	m.DefaultCreator = types.BoolValue(role.GetDefaultCreator())
	m.DefaultMember = types.BoolValue(role.GetDefaultMember())
}

// usableModel is a role that an organization can use, be it its own or the environment's.
type usableModel struct {
	readModel
	IsOrgRole types.Bool `tfsdk:"is_org_role"`
}

func (m *usableModel) fromAPI(role *rolesv1.Role) {
	m.readModel.fromAPI(role)
	m.IsOrgRole = types.BoolValue(role.GetIsOrgRole())
}

// computedAttributes are a role's attributes as they are read.
func computedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":              schema.StringAttribute{Computed: true, MarkdownDescription: "The role's id, `role_…`."},
		"name":            schema.StringAttribute{Computed: true, MarkdownDescription: "The name by which your application, directories and tokens know the role."},
		"display_name":    schema.StringAttribute{Computed: true, MarkdownDescription: "The name that people see."},
		"description":     schema.StringAttribute{Computed: true, MarkdownDescription: "What the role is for, null if there is no description."},
		"extends":         schema.StringAttribute{Computed: true, MarkdownDescription: "The name of the role whose permissions this one has as well, null if there is none."},
		"permissions":     schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The names of the role's own permissions, without those that it gets by `extends`."},
		"default_creator": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether whoever creates an organization gets the role."},
		"default_member":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether new members of an organization get the role."},
	}
}
