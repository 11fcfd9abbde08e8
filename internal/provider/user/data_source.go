package user

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// What the API's rules allow an external id, and a search, which is how a user is found by e-mail address.
const (
	maxExternalID = 510
	minSearch     = 3
	maxSearch     = 100
)

type userDataSource struct{ tf.DataSource }

// NewDataSource returns the data source scalekit_user.
func NewDataSource() datasource.DataSource { return &userDataSource{} }

var _ datasource.DataSourceWithConfigure = (*userDataSource)(nil)

// readModel is a user with all memberships.
type readModel struct {
	model
	Memberships []userMembershipModel `tfsdk:"memberships"`
}

type userMembershipModel struct {
	membershipModel
	OrganizationID types.String `tfsdk:"organization_id"`
}

func (m *readModel) fromAPI(user *usersv1.User) {
	m.model.fromAPI(user)
	m.Memberships = []userMembershipModel{}
	for _, membership := range user.GetMemberships() {
		item := userMembershipModel{OrganizationID: types.StringValue(membership.GetOrganizationId())}
		item.fromAPI(membership)
		m.Memberships = append(m.Memberships, item)
	}
}

func (d *userDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user"
}

func (d *userDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	memberships := membershipAttributes()
	memberships["organization_id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The organization's id, `org_…`."}
	attributes := computedAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The user's id, `usr_…`. Give one of this, `external_id` and `email`.",
		Optional:            true,
		Computed:            true,
		Validators: []validator.String{
			tf.ID(idPrefix),
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("external_id"), path.MatchRoot("email")),
		},
	}
	attributes["external_id"] = schema.StringAttribute{
		MarkdownDescription: "Your own id of the user, null if there is none. Give one of this, `id` and `email`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, maxExternalID)},
	}
	attributes["email"] = schema.StringAttribute{
		MarkdownDescription: "The e-mail address, in whatever case. Give one of this, `id` and `external_id`. The user is looked up by the " +
			"platform's search, which takes 3 to 100 characters.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{stringvalidator.UTF8LengthBetween(minSearch, maxSearch)},
	}
	attributes["memberships"] = schema.ListNestedAttribute{
		MarkdownDescription: "What the user is in which organizations.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: memberships},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A user, by its id, its external id or its e-mail address. One that does not exist is an error.",
		Attributes:          attributes,
	}
}

func (d *userDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m readModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	key, value, email := "id", m.ID, m.Email
	switch {
	case !m.ExternalID.IsNull():
		key, value = "external_id", m.ExternalID
	case !m.Email.IsNull():
		key, value = "email", m.Email
	}
	user, err := d.find(ctx, m)
	switch {
	case scalekit.IsNotFound(err), err == nil && user == nil:
		resp.Diagnostics.AddAttributeError(path.Root(key), "No such user",
			fmt.Sprintf("This environment has no user with %s %s.", key, value))
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the user with %s %s", key, value), err, nil)
		return
	}
	m.fromAPI(user)
	if !email.IsNull() {
		m.Email = email // the platform's may differ in case
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// find returns the user that the configuration names. By e-mail address it is nil if there is none.
func (d *userDataSource) find(ctx context.Context, m readModel) (*usersv1.User, error) {
	request := &usersv1.GetUserRequest{Identities: &usersv1.GetUserRequest_Id{Id: m.ID.ValueString()}}
	switch {
	case !m.Email.IsNull():
		found, err := findByEmail(ctx, d.Client, m.Email.ValueString())
		if err != nil || found == nil {
			return nil, err
		}
		// The search may hold less of a user than the user's own page.
		request.Identities = &usersv1.GetUserRequest_Id{Id: found.GetId()}
	case !m.ExternalID.IsNull():
		request.Identities = &usersv1.GetUserRequest_ExternalId{ExternalId: m.ExternalID.ValueString()}
	}
	reply, err := d.Client.Users.GetUser(ctx, connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetUser(), nil
}
