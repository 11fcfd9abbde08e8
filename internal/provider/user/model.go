// Package user reads users and their memberships.
package user

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

const (
	idPrefix             = "usr_"
	organizationIDPrefix = "org_"
)

// model is a user.
type model struct {
	ID            types.String `tfsdk:"id"`
	Email         types.String `tfsdk:"email"`
	ExternalID    types.String `tfsdk:"external_id"`
	GivenName     types.String `tfsdk:"given_name"`
	FamilyName    types.String `tfsdk:"family_name"`
	Name          types.String `tfsdk:"name"`
	Metadata      types.Map    `tfsdk:"metadata"`
	CreateTime    types.String `tfsdk:"create_time"`
	UpdateTime    types.String `tfsdk:"update_time"`
	LastLoginTime types.String `tfsdk:"last_login_time"`
}

// fromAPI takes over the API's view.
func (m *model) fromAPI(user *usersv1.User) {
	m.ID = types.StringValue(user.GetId())
	m.Email = types.StringValue(user.GetEmail())
	m.ExternalID = tf.OptionalString(user.GetExternalId())
	m.GivenName = tf.OptionalString(user.GetUserProfile().GetGivenName())
	m.FamilyName = tf.OptionalString(user.GetUserProfile().GetFamilyName())
	m.Name = tf.OptionalString(user.GetUserProfile().GetName())
	m.Metadata = tf.StringMap(user.GetMetadata(), m.Metadata)
	m.CreateTime = tf.Timestamp(user.GetCreateTime())
	m.UpdateTime = tf.Timestamp(user.GetUpdateTime())
	m.LastLoginTime = tf.Timestamp(user.GetLastLoginTime())
}

// membershipModel is what a user is in an organization.
type membershipModel struct {
	MembershipStatus   types.String   `tfsdk:"membership_status"`
	Roles              []types.String `tfsdk:"roles"`
	ProvisioningMethod types.String   `tfsdk:"provisioning_method"`
	JoinTime           types.String   `tfsdk:"join_time"`
	MembershipMetadata types.Map      `tfsdk:"membership_metadata"`
}

func (m *membershipModel) fromAPI(membership *commonsv1.OrganizationMembership) {
	m.MembershipStatus = types.StringNull()
	if status := membership.GetMembershipStatus(); status != commonsv1.MembershipStatus_Membership_Status_UNSPECIFIED {
		m.MembershipStatus = types.StringValue(status.String())
	}
	m.Roles = []types.String{}
	for _, role := range membership.GetRoles() {
		m.Roles = append(m.Roles, types.StringValue(role.GetName()))
	}
	m.ProvisioningMethod = tf.OptionalString(membership.GetProvisioningMethod())
	m.JoinTime = tf.Timestamp(membership.GetJoinTime())
	m.MembershipMetadata = tf.StringMap(membership.GetMetadata(), m.MembershipMetadata)
}

// computedAttributes are a user's attributes as they are read.
func computedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":              schema.StringAttribute{Computed: true, MarkdownDescription: "The user's id, `usr_…`."},
		"email":           schema.StringAttribute{Computed: true, MarkdownDescription: "The e-mail address."},
		"external_id":     schema.StringAttribute{Computed: true, MarkdownDescription: "Your own id of the user, null if there is none."},
		"given_name":      schema.StringAttribute{Computed: true, MarkdownDescription: "The given name, null if there is none."},
		"family_name":     schema.StringAttribute{Computed: true, MarkdownDescription: "The family name, null if there is none."},
		"name":            schema.StringAttribute{Computed: true, MarkdownDescription: "The full name, null if there is none."},
		"metadata":        schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Your own data about the user, null if there is none."},
		"create_time":     schema.StringAttribute{Computed: true, MarkdownDescription: "When the user was created, in RFC 3339 form, UTC."},
		"update_time":     schema.StringAttribute{Computed: true, MarkdownDescription: "When the user last changed, in RFC 3339 form, UTC."},
		"last_login_time": schema.StringAttribute{Computed: true, MarkdownDescription: "When the user last logged in, in RFC 3339 form, UTC; null before that."},
	}
}

// membershipAttributes are a membership's attributes.
func membershipAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"membership_status":   schema.StringAttribute{Computed: true, MarkdownDescription: "`ACTIVE`, `INACTIVE`, `PENDING_INVITE` or `INVITE_EXPIRED`."},
		"roles":               schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The names of the user's roles in the organization."},
		"provisioning_method": schema.StringAttribute{Computed: true, MarkdownDescription: "How the user became a member, such as `invitation` or `jit_using_sso`; null if the platform does not say."},
		"join_time":           schema.StringAttribute{Computed: true, MarkdownDescription: "When the user joined the organization, in RFC 3339 form, UTC; null before that."},
		"membership_metadata": schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Your own data about the membership, null if there is none."},
	}
}
