package directory

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// roleName validates the name of a role by the API's own rule.
func roleName() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^[a-zA-Z0-9_]{1,64}$`), "must be 1 to 64 letters, digits and underscores")
}

// roleAssignmentsModel is a directory's whole mapping.
type roleAssignmentsModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
	RoleByGroupID  types.Map    `tfsdk:"role_by_group_id"`
}

func (m *roleAssignmentsModel) fromAPI(roles mapping) {
	elements := make(map[string]attr.Value, len(roles))
	for groupID, role := range roles {
		elements[groupID] = types.StringValue(role)
	}
	m.RoleByGroupID = types.MapValueMust(types.StringType, elements)
}

// roleAssignmentsIdentity is what identifies a directory's mapping.
type roleAssignmentsIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
}

func (m *roleAssignmentsModel) identity() roleAssignmentsIdentity {
	return roleAssignmentsIdentity{OrganizationID: m.OrganizationID, DirectoryID: m.DirectoryID}
}

func (m *roleAssignmentsModel) directory(data *tf.Data) directoryOf {
	return directoryOf{data, m.OrganizationID.ValueString(), m.DirectoryID.ValueString()}
}

// mapping is what the model says, as far as it is known.
func (m *roleAssignmentsModel) mapping() mapping {
	roles := mapping(tf.Strings(m.RoleByGroupID))
	maps.DeleteFunc(roles, func(groupID, _ string) bool { return m.isUnknown(groupID) })
	return roles
}

// isUnknown reports whether a group of the model has a role that is not known yet.
func (m *roleAssignmentsModel) isUnknown(groupID string) bool {
	element, ok := m.RoleByGroupID.Elements()[groupID]
	return ok && element.IsUnknown()
}

// changed are the parts that the state does not have.
func (m *roleAssignmentsModel) changed(state roleAssignmentsModel) []planned {
	before := state.mapping()
	var parts []planned
	for _, groupID := range slices.Sorted(maps.Keys(m.RoleByGroupID.Elements())) {
		role := m.mapping()[groupID]
		if previous, ok := before[groupID]; ok && previous == role {
			continue
		}
		at := path.Root("role_by_group_id").AtMapKey(groupID)
		parts = append(parts, planned{groupID: groupID, role: role, groupPath: at, rolePath: at})
	}
	return parts
}

func (m *roleAssignmentsModel) failure() string {
	return fmt.Sprintf("Could not set the role assignments of directory %s", m.DirectoryID.ValueString())
}

// reportDeviations says where the platform stored something else than was planned.
func (m *roleAssignmentsModel) reportDeviations(diags *diag.Diagnostics, got mapping) {
	wanted := m.mapping()
	kept := maps.Clone(got)
	maps.DeleteFunc(kept, func(groupID, _ string) bool { _, ok := wanted[groupID]; return ok })
	switch {
	case len(kept) > 0:
		diags.AddAttributeError(path.Root("role_by_group_id"), tf.NotStored, fmt.Sprintf(
			"Directory %s kept role assignments that are not in the configuration: %s. This environment adds role assignments and does not "+
				"remove them. Remove them in the Scalekit dashboard, or declare them.", m.DirectoryID.ValueString(), kept.describe()))
	case !maps.Equal(wanted, got):
		diags.AddAttributeError(path.Root("role_by_group_id"), tf.NotStored, fmt.Sprintf(
			"Directory %s has other role assignments than it was sent: %s. Either this environment does not take them as they are, or somebody "+
				"else changes them at the same time.", m.DirectoryID.ValueString(), got.describe()))
	}
}

// mappingFields are the attributes of the API's fields.
var mappingFields = tf.Fields{
	"organization_id": path.Root("organization_id"),
	"id":              path.Root("directory_id"),
	"group_id":        path.Root("role_by_group_id"),
	"role_name":       path.Root("role_by_group_id"),
}

func (r *roleAssignmentsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The roles of all groups of a directory: the members of a group get its role. The resource is authoritative: " +
			"role assignments that are not in it are removed. It refuses to be created over role assignments that it does not have; " +
			"import it to take them over. Destroying it removes all role assignments of the directory.\n\n" +
			"To leave other groups alone, use `scalekit_directory_role_assignment`; the two do not go together on one directory, " +
			"which a plan reports as soon as it knows the directory's id.",
		Attributes: map[string]schema.Attribute{
			"organization_id": organizationIDAttribute(),
			"directory_id":    directoryIDAttribute(),
			"role_by_group_id": schema.MapAttribute{
				MarkdownDescription: "The name of a role by the id of a group, `dirgroup_…`. A group has one role. Groups come from the identity provider: the data " +
					"source `scalekit_directory_groups` has their ids by name. Refer to a role that is created here, as in `scalekit_role.engineer.name`, so that it exists first.",
				ElementType: types.StringType,
				Required:    true,
				Validators: []validator.Map{
					mapvalidator.KeysAre(tf.ID(groupIDPrefix)),
					mapvalidator.ValueStringsAre(roleName()),
				},
			},
		},
	}
}

func (r *roleAssignmentsResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityAttribute("The organization's id, org_…."),
			"directory_id":    identityAttribute("The directory's id, dir_…."),
		},
	}
}
