package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type groupsDataSource struct{ tf.DataSource }

// NewGroupsDataSource returns the data source scalekit_directory_groups.
func NewGroupsDataSource() datasource.DataSource { return &groupsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*groupsDataSource)(nil)

type groupsModel struct {
	within
	Groups    []groupModel            `tfsdk:"groups"`
	IDsByName map[string]types.String `tfsdk:"ids_by_name"`
}

type groupModel struct {
	ID          types.String `tfsdk:"id"`
	DisplayName types.String `tfsdk:"display_name"`
	TotalUsers  types.Int64  `tfsdk:"total_users"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
}

func (m *groupModel) fromAPI(group *directoriesv1.DirectoryGroup) {
	m.ID = types.StringValue(group.GetId())
	m.DisplayName = types.StringValue(group.GetDisplayName())
	m.TotalUsers = types.Int64Value(int64(group.GetTotalUsers()))
	m.UpdatedAt = tf.Timestamp(group.GetUpdatedAt())
}

func (d *groupsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory_groups"
}

func (d *groupsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := directoryAttributes()
	attributes["groups"] = schema.ListNestedAttribute{
		MarkdownDescription: "The groups.",
		Computed:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":           schema.StringAttribute{Computed: true, MarkdownDescription: "The group's id, `dirgroup_…`."},
			"display_name": schema.StringAttribute{Computed: true, MarkdownDescription: "The group's name at the identity provider."},
			"total_users":  schema.Int64Attribute{Computed: true, MarkdownDescription: "How many users the group has."},
			"updated_at":   schema.StringAttribute{Computed: true, MarkdownDescription: "When the group last changed, in RFC 3339 form, UTC."},
		}},
	}
	attributes["ids_by_name"] = schema.MapAttribute{
		MarkdownDescription: "The groups' ids by their names. A name that several groups have is left out, with a warning.",
		Computed:            true,
		ElementType:         types.StringType,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The groups of a directory, in the platform's order. The list is read to its end.",
		Attributes:          attributes,
	}
}

// within names the directory whose contents are read.
type within struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
}

// directoryAttributes are the attributes of within.
func directoryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"organization_id": schema.StringAttribute{
			MarkdownDescription: "The organization's id, `org_…`.",
			Required:            true,
			Validators:          []validator.String{tf.ID(organizationIDPrefix)},
		},
		"directory_id": schema.StringAttribute{
			MarkdownDescription: "The directory's id, `dir_…`.",
			Required:            true,
			Validators:          []validator.String{tf.ID(idPrefix)},
		},
	}
}

// addReadError reports that what is in the directory could not be read. Where something does not exist, it says what: the
// organization, the directory or else the group, which may be null.
func (w within) addReadError(ctx context.Context, d *tf.DataSource, diags *diag.Diagnostics, summary string, err error, groupID types.String) {
	organizationID, directoryID := w.OrganizationID.ValueString(), w.DirectoryID.ValueString()
	if !scalekit.IsNotFound(err) {
		tf.AddError(diags, summary, err, nil)
		return
	}
	if d.AddMissingOrganization(ctx, diags, organizationID) {
		return
	}
	_, directoryErr := get(ctx, d.Client, organizationID, directoryID)
	switch {
	case scalekit.IsNotFound(directoryErr):
		addMissing(diags, path.Root("directory_id"), organizationID, directoryID)
	case directoryErr == nil && !groupID.IsNull():
		diags.AddAttributeError(path.Root("group_id"), "No such group",
			fmt.Sprintf("Directory %s has no group %s.", directoryID, groupID.ValueString()))
	default:
		tf.AddError(diags, summary, err, nil)
	}
}

func (d *groupsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result groupsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	result.Groups = []groupModel{}
	var ids tf.IDs
	for group, err := range listGroups(ctx, d.Client, result.OrganizationID.ValueString(), result.DirectoryID.ValueString()) {
		if err != nil {
			summary := fmt.Sprintf("Could not list the groups of directory %s", result.DirectoryID.ValueString())
			result.addReadError(ctx, &d.DataSource, &resp.Diagnostics, summary, err, types.StringNull())
			return
		}
		var item groupModel
		item.fromAPI(group)
		result.Groups = append(result.Groups, item)
		ids.Add(group.GetDisplayName(), item.ID)
	}
	result.IDsByName = ids.Map(&resp.Diagnostics, "name", "groups of directory "+result.DirectoryID.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
