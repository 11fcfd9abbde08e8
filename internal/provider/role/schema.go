package role

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

const (
	// maxPermissions is how many permissions the API takes in one request, and with it a role.
	maxPermissions = 100

	organizationPrefix = "org_"
)

// The API's own rules for names.
var (
	rolePattern       = regexp.MustCompile(`^[a-zA-Z0-9_]{1,64}$`)
	permissionPattern = regexp.MustCompile(`^[a-zA-Z0-9_:]{1,64}$`)
)

func roleName() validator.String {
	return stringvalidator.RegexMatches(rolePattern, "must be 1 to 64 letters, digits and underscores")
}

func permissionName() validator.String {
	return stringvalidator.RegexMatches(permissionPattern, "must be 1 to 64 letters, digits, underscores and colons")
}

// attributes are what the two kinds of roles have in common. Emptying says what can be done about permissions that a
// role shall no longer have.
func attributes(emptying string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "The role's id, `role_…`.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "The name by which your application, directories and tokens know the role: 1 to 64 letters, digits and underscores. " +
				"A change renames the role, and what uses it follows.",
			Required:   true,
			Validators: []validator.String{roleName()},
		},
		"display_name": schema.StringAttribute{
			MarkdownDescription: "The name that people see, 1 to 100 characters.",
			Required:            true,
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 100)},
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "What the role is for, 1 to 2000 characters. Left out, it stays as it is: the API has no way to clear it.",
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 2000)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"extends": schema.StringAttribute{
			MarkdownDescription: "The name of the role whose permissions this one has as well. Removing it from the configuration ends that.",
			Optional:            true,
			Validators:          []validator.String{roleName()},
		},
		"permissions": schema.SetAttribute{
			MarkdownDescription: "The names of the role's own permissions, at most 100, without those that it gets by `extends`. " +
				"The set is authoritative: a permission that is not in it is taken from the role. " + emptying +
				" Left out, the permissions stay as they are. A permission that does not exist is an error; refer to one of the same " +
				"configuration by its resource, as in `scalekit_permission.billing_read.name`, so that it is created first.",
			ElementType: types.StringType,
			Optional:    true,
			Computed:    true,
			Validators: []validator.Set{
				setvalidator.SizeAtMost(maxPermissions),
				setvalidator.NoNullValues(),
				setvalidator.ValueStringsAre(permissionName()),
			},
			PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
		},
		"reassign_role_name": schema.StringAttribute{
			MarkdownDescription: "The name of the role that takes this one's place when it is destroyed or replaced: its users get it, and " +
				"it becomes the default where this one is. Without it the platform does not delete a role that is in use. It has to be " +
				"applied before the destroy. Known to Terraform only.",
			Optional:   true,
			Validators: []validator.String{roleName()},
		},
	}
}

// organizationID is the attribute of what belongs to an organization.
func organizationID() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The organization's id, `org_…`.",
		Required:            true,
		Validators:          []validator.String{tf.ID(organizationPrefix)},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}
