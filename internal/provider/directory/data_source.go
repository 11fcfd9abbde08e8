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

type directoryDataSource struct{ tf.DataSource }

// NewDataSource returns the data source scalekit_directory.
func NewDataSource() datasource.DataSource { return &directoryDataSource{} }

var _ datasource.DataSourceWithConfigure = (*directoryDataSource)(nil)

// readModel is a directory as it is read: with what only the platform changes.
type readModel struct {
	model
	TotalUsers   types.Int64  `tfsdk:"total_users"`
	TotalGroups  types.Int64  `tfsdk:"total_groups"`
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
}

func (m *readModel) fromAPI(directory *directoriesv1.Directory) {
	m.model.fromAPI(directory)
	users, groups := directory.GetTotalUsers(), directory.GetTotalGroups()
	if stats := directory.GetStats(); stats != nil {
		users, groups = stats.GetTotalUsers(), stats.GetTotalGroups()
	}
	m.TotalUsers, m.TotalGroups = types.Int64Value(int64(users)), types.Int64Value(int64(groups))
	m.LastSyncedAt = tf.Timestamp(directory.GetLastSyncedAt())
}

// directoryModel is a directory with what only its own page is sure to show.
type directoryModel struct {
	readModel
	RoleByGroupID map[string]string `tfsdk:"role_by_group_id"`
	Secrets       []readSecretModel `tfsdk:"secrets"`
}

// readSecretModel is a secret as the platform shows it, without its value.
type readSecretModel struct {
	ID           types.String `tfsdk:"id"`
	SecretSuffix types.String `tfsdk:"secret_suffix"`
	Usable       types.Bool   `tfsdk:"usable"`
	CreateTime   types.String `tfsdk:"create_time"`
	ExpireTime   types.String `tfsdk:"expire_time"`
}

func (m *directoryModel) fromAPI(directory *directoriesv1.Directory) {
	m.readModel.fromAPI(directory)
	m.RoleByGroupID = toMapping(directory.GetRoleAssignments())
	m.Secrets = []readSecretModel{}
	for _, secret := range directory.GetSecrets() {
		var shown secretModel
		shown.fromAPI(secret)
		m.Secrets = append(m.Secrets, readSecretModel{
			ID: shown.ID, SecretSuffix: shown.SecretSuffix, ExpireTime: shown.ExpireTime,
			Usable: types.BoolValue(usable(secret)), CreateTime: tf.Timestamp(secret.GetCreateTime()),
		})
	}
}

func (d *directoryDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory"
}

func (d *directoryDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := computedAttributes()
	attributes["organization_id"] = schema.StringAttribute{
		MarkdownDescription: "The organization's id, `org_…`.",
		Required:            true,
		Validators:          []validator.String{tf.ID(organizationIDPrefix)},
	}
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The directory's id, `dir_…`. Left out, it is the first directory that the organization lists.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{tf.ID(idPrefix)},
	}
	attributes["role_by_group_id"] = schema.MapAttribute{
		MarkdownDescription: "The names of the roles that the directory's groups give, by the groups' ids.",
		ElementType:         types.StringType,
		Computed:            true,
	}
	attributes["secrets"] = schema.ListNestedAttribute{
		MarkdownDescription: "The directory's secrets, in the platform's order and without their values, which the platform shows once.",
		Computed:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "The secret's id, `sec_…`."},
			"secret_suffix": schema.StringAttribute{Computed: true, MarkdownDescription: "The last characters of the value, by which the dashboard shows it."},
			"usable":        schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the identity provider can use the secret: it is active and has not expired."},
			"create_time":   schema.StringAttribute{Computed: true, MarkdownDescription: "When the secret was made, in RFC 3339 form, UTC."},
			"expire_time":   schema.StringAttribute{Computed: true, MarkdownDescription: "When the secret expires, in RFC 3339 form, UTC; null if never."},
		}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A directory of an organization, by its id, or the organization's first. One that does not exist is an error.",
		Attributes:          attributes,
	}
}

// computedAttributes are a directory's attributes as they are read.
func computedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "The directory's id, `dir_…`."},
		"organization_id":    schema.StringAttribute{Computed: true, MarkdownDescription: "The organization's id, `org_…`."},
		"directory_type":     schema.StringAttribute{Computed: true, MarkdownDescription: "`SCIM`, `LDAP` or `POLL`."},
		"directory_provider": schema.StringAttribute{Computed: true, MarkdownDescription: "The identity provider, null for a custom one."},
		"enabled":            schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the directory takes in users and groups."},
		"attribute_mapping":  schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Which attribute of the identity provider becomes which attribute of a user, null if there is no mapping."},
		"name":               schema.StringAttribute{Computed: true, MarkdownDescription: "The directory's name."},
		"status":             schema.StringAttribute{Computed: true, MarkdownDescription: "How far the directory is set up: `DRAFT`, `IN_PROGRESS` or `COMPLETED`."},
		"directory_endpoint": schema.StringAttribute{Computed: true, MarkdownDescription: "The URL that the identity provider is given."},
		"total_users":        schema.Int64Attribute{Computed: true, MarkdownDescription: "How many users the directory has."},
		"total_groups":       schema.Int64Attribute{Computed: true, MarkdownDescription: "How many groups the directory has."},
		"last_synced_at":     schema.StringAttribute{Computed: true, MarkdownDescription: "When the directory was last synchronised, in RFC 3339 form, UTC; null before that."},
	}
}

func (d *directoryDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m directoryModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	organizationID := m.OrganizationID.ValueString()
	if m.ID.IsNull() {
		listed, err := list(ctx, d.Client, organizationID)
		switch {
		case err != nil:
			d.AddReadError(ctx, &resp.Diagnostics, fmt.Sprintf("Could not list the directories of organization %s", organizationID), err, organizationID)
			return
		case len(listed) == 0:
			// Whether there is nothing or an error where there is no organization is not documented.
			if !d.AddMissingOrganization(ctx, &resp.Diagnostics, organizationID) {
				resp.Diagnostics.AddAttributeError(path.Root("organization_id"), "No such directory",
					fmt.Sprintf("Organization %s has no directory.", organizationID))
			}
			return
		}
		m.ID = types.StringValue(listed[0].GetId())
	}
	// The list may hold less of a directory than the directory's own page.
	directory, err := get(ctx, d.Client, organizationID, m.ID.ValueString())
	switch {
	case scalekit.IsNotFound(err):
		if !d.AddMissingOrganization(ctx, &resp.Diagnostics, organizationID) {
			addMissing(&resp.Diagnostics, path.Root("id"), organizationID, m.ID.ValueString())
		}
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read directory %s", m.ID.ValueString()), err, nil)
		return
	}
	m.fromAPI(directory)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// addMissing reports that a directory does not exist.
func addMissing(diags *diag.Diagnostics, at path.Path, organizationID, id string) {
	diags.AddAttributeError(at, "No such directory", fmt.Sprintf("Organization %s has no directory %s.", organizationID, id))
}
