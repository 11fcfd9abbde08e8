package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// roleAssignmentModel is the role of one group.
type roleAssignmentModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
	GroupID        types.String `tfsdk:"group_id"`
	RoleName       types.String `tfsdk:"role_name"`
}

// roleAssignmentIdentity is what identifies the role of a group.
type roleAssignmentIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
	GroupID        types.String `tfsdk:"group_id"`
}

func (m *roleAssignmentModel) identity() roleAssignmentIdentity {
	return roleAssignmentIdentity{OrganizationID: m.OrganizationID, DirectoryID: m.DirectoryID, GroupID: m.GroupID}
}

func (m *roleAssignmentModel) directory(data *tf.Data) directoryOf {
	return directoryOf{data, m.OrganizationID.ValueString(), m.DirectoryID.ValueString()}
}

// mapping is the group and its role, as far as they are known.
func (m *roleAssignmentModel) mapping() mapping {
	if m.GroupID.IsUnknown() || m.RoleName.IsUnknown() {
		return nil
	}
	return mapping{m.GroupID.ValueString(): m.RoleName.ValueString()}
}

// takenGroupError says that a group has another role.
type takenGroupError struct{ role string }

func (e *takenGroupError) Error() string { return fmt.Sprintf("the group has the role %q", e.role) }

// check refuses to change the role that somebody else gave the group.
func (m *roleAssignmentModel) check(before mapping) error {
	if role, ok := before[m.GroupID.ValueString()]; ok && role != m.RoleName.ValueString() {
		return &takenGroupError{role}
	}
	return nil
}

// finish brings what came of giving the group its role into the state.
func (m *roleAssignmentModel) finish(ctx context.Context, d directoryOf, got mapping, err error, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	groupID, role := m.GroupID.ValueString(), m.RoleName.ValueString()
	summary := fmt.Sprintf("Could not give group %s the role %s", groupID, role)
	if stored, ok := got[groupID]; ok {
		known := *m
		known.RoleName = types.StringValue(stored)
		diags.Append(state.Set(ctx, known)...)
		diags.Append(identity.Set(ctx, known.identity())...)
	}
	switch {
	case errors.Is(err, errOverwritten):
		diags.AddError(summary, fmt.Sprintf("Either %v, or this environment accepts the role and does not store it. Apply again when nobody else "+
			"changes the role assignments of directory %s.", err, m.DirectoryID.ValueString()))
	case err != nil:
		d.addWriteError(ctx, diags, summary, err, roleAssignmentFields, []string{role}, path.Root("role_name"))
	}
}

// roleAssignmentFields are the attributes of the API's fields.
var roleAssignmentFields = tf.Fields{
	"organization_id": path.Root("organization_id"),
	"id":              path.Root("directory_id"),
	"group_id":        path.Root("group_id"),
	"role_name":       path.Root("role_name"),
}

func (r *roleAssignmentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The role of one group of a directory: the members of the group get it. The roles of other groups are left alone, " +
			"so several configurations can share a directory. It refuses to be created for a group that has another role; import it to take that over. " +
			"The API writes a directory's role assignments as a whole, so a run of this provider writes one after the other and looks again whether " +
			"another run has overwritten them.\n\n" +
			"To declare all groups of a directory, use `scalekit_directory_role_assignments`; the two do not go together on one directory, " +
			"which a plan reports as soon as it knows the directory's id.",
		Attributes: map[string]schema.Attribute{
			"organization_id": organizationIDAttribute(),
			"directory_id":    directoryIDAttribute(),
			"group_id": schema.StringAttribute{
				MarkdownDescription: "The group's id, `dirgroup_…`. Groups come from the identity provider: the data source `scalekit_directory_groups` " +
					"has their ids by name. Changing it replaces the resource.",
				Required:      true,
				Validators:    []validator.String{tf.ID(groupIDPrefix)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"role_name": schema.StringAttribute{
				MarkdownDescription: "The name of the role, one of the environment's or of the organization's. Refer to a role that is created here, " +
					"as in `scalekit_role.engineer.name`, so that it exists first.",
				Required:   true,
				Validators: []validator.String{roleName()},
			},
		},
	}
}

func (r *roleAssignmentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityAttribute("The organization's id, org_…."),
			"directory_id":    identityAttribute("The directory's id, dir_…."),
			"group_id":        identityAttribute("The group's id, dirgroup_…."),
		},
	}
}
