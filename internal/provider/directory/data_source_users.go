package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// maxGroupIDLength is what the API's rule for this filter allows a group's id.
const maxGroupIDLength = 37

type usersDataSource struct{ tf.DataSource }

// NewUsersDataSource returns the data source scalekit_directory_users.
func NewUsersDataSource() datasource.DataSource { return &usersDataSource{} }

var _ datasource.DataSourceWithConfigure = (*usersDataSource)(nil)

type usersModel struct {
	within
	GroupID       types.String            `tfsdk:"group_id"`
	UpdatedAfter  types.String            `tfsdk:"updated_after"`
	IncludeDetail types.Bool              `tfsdk:"include_detail"`
	Users         []userModel             `tfsdk:"users"`
	IDsByEmail    map[string]types.String `tfsdk:"ids_by_email"`
}

type userModel struct {
	ID                types.String   `tfsdk:"id"`
	Email             types.String   `tfsdk:"email"`
	PreferredUsername types.String   `tfsdk:"preferred_username"`
	GivenName         types.String   `tfsdk:"given_name"`
	FamilyName        types.String   `tfsdk:"family_name"`
	Emails            []types.String `tfsdk:"emails"`
	GroupIDs          []types.String `tfsdk:"group_ids"`
	UpdatedAt         types.String   `tfsdk:"updated_at"`
	Detail            types.String   `tfsdk:"detail"`
}

func (m *userModel) fromAPI(user *directoriesv1.DirectoryUser) error {
	m.ID = types.StringValue(user.GetId())
	m.Email = types.StringValue(user.GetEmail())
	m.PreferredUsername = tf.OptionalString(user.GetPreferredUsername())
	m.GivenName = tf.OptionalString(user.GetGivenName())
	m.FamilyName = tf.OptionalString(user.GetFamilyName())
	m.UpdatedAt = tf.Timestamp(user.GetUpdatedAt())
	m.Emails, m.GroupIDs = []types.String{}, []types.String{}
	for _, email := range user.GetEmails() {
		m.Emails = append(m.Emails, types.StringValue(email))
	}
	for _, group := range user.GetGroups() {
		m.GroupIDs = append(m.GroupIDs, types.StringValue(group.GetId()))
	}
	if user.GetUserDetail() == nil {
		return nil
	}
	detail, err := tf.StableJSON(protojson.Marshal(user.GetUserDetail()))
	m.Detail = types.StringValue(detail)
	return err
}

func (d *usersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory_users"
}

func (d *usersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := directoryAttributes()
	attributes["group_id"] = schema.StringAttribute{
		MarkdownDescription: "Only the users of this group, `dirgroup_…`.",
		Optional:            true,
		Validators:          []validator.String{tf.LongID(groupIDPrefix, maxGroupIDLength)},
	}
	attributes["updated_after"] = schema.StringAttribute{
		MarkdownDescription: "Only the users that changed after this time, in RFC 3339 form, such as `2026-01-31T00:00:00Z`.",
		Optional:            true,
		Validators:          []validator.String{tf.Time()},
	}
	attributes["include_detail"] = schema.BoolAttribute{
		MarkdownDescription: "Whether to read each user's `detail`. Defaults to `false`.",
		Optional:            true,
	}
	attributes["users"] = schema.ListNestedAttribute{
		MarkdownDescription: "The users.",
		Computed:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "The user's id in the directory, `diruser_…`."},
			"email":              schema.StringAttribute{Computed: true, MarkdownDescription: "The primary e-mail address."},
			"preferred_username": schema.StringAttribute{Computed: true, MarkdownDescription: "The user name, null if there is none."},
			"given_name":         schema.StringAttribute{Computed: true, MarkdownDescription: "The given name, null if there is none."},
			"family_name":        schema.StringAttribute{Computed: true, MarkdownDescription: "The family name, null if there is none."},
			"emails":             schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "All e-mail addresses."},
			"group_ids":          schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The ids of the user's groups, as far as the platform lists them with the user."},
			"updated_at":         schema.StringAttribute{Computed: true, MarkdownDescription: "When the user last changed, in RFC 3339 form, UTC."},
			"detail":             schema.StringAttribute{Computed: true, MarkdownDescription: "What the identity provider says of the user, as JSON for `jsondecode`; null unless asked for."},
		}},
	}
	attributes["ids_by_email"] = schema.MapAttribute{
		MarkdownDescription: "The users' ids by their primary e-mail addresses. An address that several users have is left out, with a warning.",
		Computed:            true,
		ElementType:         types.StringType,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The users of a directory, in the platform's order. The list is read to its end, in pages of 30.",
		Attributes:          attributes,
	}
}

func (d *usersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result usersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	request := &directoriesv1.ListDirectoryUsersRequest{
		OrganizationId:   result.OrganizationID.ValueString(),
		DirectoryId:      result.DirectoryID.ValueString(),
		DirectoryGroupId: result.GroupID.ValueStringPointer(),
		IncludeDetail:    result.IncludeDetail.ValueBoolPointer(),
	}
	if after, err := time.Parse(time.RFC3339, result.UpdatedAfter.ValueString()); err == nil {
		request.UpdatedAfter = timestamppb.New(after)
	}
	summary := fmt.Sprintf("Could not list the users of directory %s", result.DirectoryID.ValueString())
	result.Users = []userModel{}
	var ids tf.IDs
	for user, err := range listUsers(ctx, d.Client, request) {
		if err != nil {
			result.addReadError(ctx, &d.DataSource, &resp.Diagnostics, summary, err, result.GroupID)
			return
		}
		var item userModel
		if err := item.fromAPI(user); err != nil {
			resp.Diagnostics.AddError(summary, fmt.Sprintf("The detail of user %s cannot be written as JSON: %v.", user.GetId(), err))
			return
		}
		result.Users = append(result.Users, item)
		ids.Add(user.GetEmail(), item.ID)
	}
	result.IDsByEmail = ids.Map(&resp.Diagnostics, "email", "users of directory "+result.DirectoryID.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
