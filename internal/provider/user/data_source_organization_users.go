package user

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type organizationUsersDataSource struct{ tf.DataSource }

// NewOrganizationListDataSource returns the data source scalekit_organization_users.
func NewOrganizationListDataSource() datasource.DataSource { return &organizationUsersDataSource{} }

var _ datasource.DataSourceWithConfigure = (*organizationUsersDataSource)(nil)

type organizationUsersModel struct {
	OrganizationID types.String            `tfsdk:"organization_id"`
	Users          []memberModel           `tfsdk:"users"`
	IDsByEmail     map[string]types.String `tfsdk:"ids_by_email"`
}

// memberModel is a user and what the user is in one organization.
type memberModel struct {
	model
	membershipModel
}

func (m *memberModel) fromAPI(user *usersv1.User, organizationID string) {
	m.model.fromAPI(user)
	var membership *commonsv1.OrganizationMembership
	for _, candidate := range user.GetMemberships() {
		if candidate.GetOrganizationId() == organizationID {
			membership = candidate
		}
	}
	m.membershipModel.fromAPI(membership)
}

func (d *organizationUsersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_users"
}

func (d *organizationUsersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := computedAttributes()
	maps.Copy(attributes, membershipAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "The users of an organization, in whatever state their membership is, in the platform's order. The list is read to its end.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"users": schema.ListNestedAttribute{
				MarkdownDescription: "The users.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
			"ids_by_email": schema.MapAttribute{
				MarkdownDescription: "The users' ids by their e-mail addresses. An address that several users have is left out, with a warning.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *organizationUsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result organizationUsersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	organizationID := result.OrganizationID.ValueString()
	result.Users = []memberModel{}
	var ids tf.IDs
	for user, err := range list(ctx, d.Client, organizationID) {
		if err != nil {
			d.AddReadError(ctx, &resp.Diagnostics, fmt.Sprintf("Could not list the users of organization %s", organizationID), err, organizationID)
			return
		}
		var item memberModel
		item.fromAPI(user, organizationID)
		result.Users = append(result.Users, item)
		ids.Add(user.GetEmail(), item.ID)
	}
	result.IDsByEmail = ids.Map(&resp.Diagnostics, "email", "users of organization "+organizationID)
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
