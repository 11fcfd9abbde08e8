package organization

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type settingsDataSource struct{ tf.DataSource }

// NewSettingsDataSource returns the data source scalekit_organization_settings.
func NewSettingsDataSource() datasource.DataSource { return &settingsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*settingsDataSource)(nil)

// settingsModel is what an organization has one of, as far as it has it.
type settingsModel struct {
	OrganizationID types.String         `tfsdk:"organization_id"`
	Features       *readFeaturesModel   `tfsdk:"features"`
	SessionPolicy  *readPolicyModel     `tfsdk:"session_policy"`
	UserManagement *readManagementModel `tfsdk:"user_management"`
}

type readFeaturesModel struct {
	SSO                types.Bool `tfsdk:"sso"`
	SCIM               types.Bool `tfsdk:"scim"`
	DomainVerification types.Bool `tfsdk:"domain_verification"`
	SessionPolicy      types.Bool `tfsdk:"session_policy"`
}

type readPolicyModel struct {
	AbsoluteSessionTimeout    types.String `tfsdk:"absolute_session_timeout"`
	IdleSessionTimeout        types.String `tfsdk:"idle_session_timeout"`
	IdleSessionTimeoutEnabled types.Bool   `tfsdk:"idle_session_timeout_enabled"`
}

type readManagementModel struct {
	MaxAllowedUsers types.Int64 `tfsdk:"max_allowed_users"`
}

func (d *settingsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_settings"
}

func (d *settingsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	feature := func(what string) schema.BoolAttribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether " + what + "."}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The settings of an organization: what `scalekit_organization_features`, `scalekit_organization_session_policy` and " +
			"`scalekit_organization_user_management` declare, as far as the organization has it.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(idPrefix)},
			},
			"features": schema.SingleNestedAttribute{
				MarkdownDescription: "The organization's features.",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"sso":                 feature("the organization's users can sign in through its identity provider"),
					"scim":                feature("the organization can provision users and groups from its directory; `dir_sync` in the API"),
					"domain_verification": feature("the organization can prove in the admin portal that it owns a domain"),
					"session_policy":      feature("the organization can have a session policy of its own"),
				},
			},
			"session_policy": schema.SingleNestedAttribute{
				MarkdownDescription: "The organization's own session policy, null if it follows the application's.",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"absolute_session_timeout":     schema.StringAttribute{Computed: true, MarkdownDescription: "How long a session lasts at most, such as `8h`."},
					"idle_session_timeout":         schema.StringAttribute{Computed: true, MarkdownDescription: "How long a session lasts without activity, null if that is not set."},
					"idle_session_timeout_enabled": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether `idle_session_timeout` is enforced."},
				},
			},
			"user_management": schema.SingleNestedAttribute{
				MarkdownDescription: "The organization's own limit of users, null if it has none or the environment does not offer these settings.",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"max_allowed_users": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many active users and unexpired invitations the organization may have; `0` means without limit."},
				},
			},
		},
	}
}

func (d *settingsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m settingsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := m.OrganizationID.ValueString()
	if err := m.read(ctx, d.Client); scalekit.IsNotFound(err) {
		resp.Diagnostics.AddAttributeError(path.Root("organization_id"), "No such organization",
			fmt.Sprintf("This environment has no organization with id %q.", id))
		return
	} else if err != nil {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the settings of organization %s", id), err, nil)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (m *settingsModel) read(ctx context.Context, client *scalekit.Client) error {
	org, err := client.Organizations.GetOrganization(ctx, connect.NewRequest(byID(m.OrganizationID)))
	if err != nil {
		return err
	}
	var features featuresModel
	features.fromAPI(org.Msg.GetOrganization())
	m.Features = &readFeaturesModel{
		SSO: features.SSO, SCIM: features.SCIM, DomainVerification: features.DomainVerification, SessionPolicy: features.SessionPolicy,
	}

	policy, err := client.Organizations.GetOrganizationSessionPolicy(ctx, connect.NewRequest(
		&organizationsv1.GetOrganizationSessionPolicyRequest{OrganizationId: m.OrganizationID.ValueString()}))
	if err != nil {
		return err
	}
	if policy.Msg.GetPolicy().GetPolicySource() == organizationsv1.SessionPolicyType_CUSTOM {
		var own sessionPolicyModel
		own.fromAPI(policy.Msg.GetPolicy())
		m.SessionPolicy = &readPolicyModel{own.AbsoluteSessionTimeout, own.IdleSessionTimeout, own.IdleSessionTimeoutEnabled}
	}

	management, err := client.Organizations.GetOrganizationUserManagementSetting(ctx, connect.NewRequest(
		&organizationsv1.GetOrganizationUserManagementSettingsRequest{OrganizationId: m.OrganizationID.ValueString()}))
	switch connect.CodeOf(err) {
	case connect.CodeUnimplemented, connect.CodePermissionDenied, connect.CodeFailedPrecondition, connect.CodeInvalidArgument, connect.CodeNotFound:
		return nil // Not every environment offers these settings; how one says so is not documented.
	}
	if err != nil {
		return err
	}
	if management.Msg.GetSettings().GetMaxAllowedUsers() != nil {
		var own userManagementModel
		own.fromAPI(management.Msg.GetSettings())
		m.UserManagement = &readManagementModel{own.MaxAllowedUsers}
	}
	return nil
}
