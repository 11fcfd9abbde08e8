// Package connection reads the connections through which users log in.
package connection

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

const (
	organizationIDPrefix = "org_"

	// includeAll asks for the connections that nobody can log in through as well.
	includeAll = "all"

	// maxDomainFilter is how long a domain the API's own filter takes.
	maxDomainFilter = 32
)

type connectionsDataSource struct{ tf.DataSource }

// NewListDataSource returns the data source scalekit_connections.
func NewListDataSource() datasource.DataSource { return &connectionsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*connectionsDataSource)(nil)

type connectionsModel struct {
	OrganizationID types.String            `tfsdk:"organization_id"`
	Domain         types.String            `tfsdk:"domain"`
	Include        types.String            `tfsdk:"include"`
	Connections    []model                 `tfsdk:"connections"`
	IDsByKeyID     map[string]types.String `tfsdk:"ids_by_key_id"`
}

// model is a connection as it stands in a list, without its settings, which hold secrets.
type model struct {
	ID               types.String   `tfsdk:"id"`
	Provider         types.String   `tfsdk:"provider"`
	Type             types.String   `tfsdk:"type"`
	Status           types.String   `tfsdk:"status"`
	Enabled          types.Bool     `tfsdk:"enabled"`
	OrganizationID   types.String   `tfsdk:"organization_id"`
	OrganizationName types.String   `tfsdk:"organization_name"`
	UIButtonTitle    types.String   `tfsdk:"ui_button_title"`
	Domains          []types.String `tfsdk:"domains"`
	ProviderKey      types.String   `tfsdk:"provider_key"`
	KeyID            types.String   `tfsdk:"key_id"`
	CreatedAt        types.String   `tfsdk:"created_at"`
}

// fromAPI takes over the API's view.
func (m *model) fromAPI(connection *connectionsv1.ListConnection) {
	m.ID = types.StringValue(connection.GetId())
	m.Provider = types.StringNull()
	if provider := connection.GetProvider(); provider != connectionsv1.ConnectionProvider_CONNECTION_PROVIDER_UNSPECIFIED {
		m.Provider = types.StringValue(provider.String())
	}
	m.Type = types.StringValue(connection.GetType().String())
	m.Status = types.StringNull()
	if status := connection.GetStatus(); status != connectionsv1.ConnectionStatus_CONNECTION_STATUS_UNSPECIFIED {
		m.Status = types.StringValue(status.String())
	}
	m.Enabled = types.BoolValue(connection.GetEnabled())
	m.OrganizationID = tf.OptionalString(connection.GetOrganizationId())
	m.OrganizationName = tf.OptionalString(connection.GetOrganizationName())
	m.UIButtonTitle = tf.OptionalString(connection.GetUiButtonTitle())
	m.Domains = []types.String{}
	for _, domain := range connection.GetDomains() {
		m.Domains = append(m.Domains, types.StringValue(domain))
	}
	m.ProviderKey = tf.OptionalString(connection.GetProviderKey())
	m.KeyID = tf.OptionalString(connection.GetKeyId())
	m.CreatedAt = tf.Timestamp(connection.GetCreatedAt())
}

func (d *connectionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connections"
}

func (d *connectionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The connections through which users log in, those of the environment and of its organizations, in the platform's order.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "Only the connections of this organization, `org_…`.",
				Optional:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"domain": schema.StringAttribute{
				MarkdownDescription: "Only the connections for this domain, such as `acme.example`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"include": schema.StringAttribute{
				MarkdownDescription: "`all`, to read connections that are disabled or not completely set up as well. Left out, they are not read.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(includeAll)},
			},
			"connections": schema.ListNestedAttribute{
				MarkdownDescription: "The connections.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                schema.StringAttribute{Computed: true, MarkdownDescription: "The connection's id, `conn_…`."},
					"provider":          schema.StringAttribute{Computed: true, MarkdownDescription: "The identity provider, such as `OKTA`; null if the platform does not say."},
					"type":              schema.StringAttribute{Computed: true, MarkdownDescription: "How users log in, such as `OIDC` or `SAML`."},
					"status":            schema.StringAttribute{Computed: true, MarkdownDescription: "How far the connection is set up: `DRAFT`, `IN_PROGRESS` or `COMPLETED`."},
					"enabled":           schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether users can log in through the connection."},
					"organization_id":   schema.StringAttribute{Computed: true, MarkdownDescription: "The organization's id, `org_…`; null for a connection of the environment."},
					"organization_name": schema.StringAttribute{Computed: true, MarkdownDescription: "The organization's name, null for a connection of the environment."},
					"ui_button_title":   schema.StringAttribute{Computed: true, MarkdownDescription: "The title of the button on the login page, null if there is none."},
					"domains":           schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The domains whose users log in through the connection."},
					"provider_key":      schema.StringAttribute{Computed: true, MarkdownDescription: "The platform's key of the identity provider, null if there is none."},
					"key_id":            schema.StringAttribute{Computed: true, MarkdownDescription: "The connection's name in the environment, null if there is none."},
					"created_at":        schema.StringAttribute{Computed: true, MarkdownDescription: "When the connection was created, in RFC 3339 form, UTC; null if the platform does not say."},
				}},
			},
			"ids_by_key_id": schema.MapAttribute{
				MarkdownDescription: "The connections' ids by their `key_id`. Connections without one are left out, and so is one that several connections have, with a warning.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *connectionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result connectionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	request := &connectionsv1.ListConnectionsRequest{
		OrganizationId: result.OrganizationID.ValueStringPointer(),
		Include:        result.Include.ValueStringPointer(),
	}
	domain := strings.ToLower(result.Domain.ValueString())
	isFiltered := domain == ""
	if !isFiltered && utf8.RuneCountInString(domain) <= maxDomainFilter {
		request.Domain, isFiltered = &domain, true
	}
	reply, err := d.Client.Connections.ListConnections(ctx, connect.NewRequest(request))
	if err != nil {
		if request.OrganizationId == nil {
			tf.AddError(&resp.Diagnostics, "Could not list the connections", err, nil)
			return
		}
		summary := "Could not list the connections of organization " + request.GetOrganizationId()
		d.AddReadError(ctx, &resp.Diagnostics, summary, err, request.GetOrganizationId())
		return
	}
	result.Connections = []model{}
	var ids tf.IDs
	for _, connection := range reply.Msg.GetConnections() {
		if !isFiltered && !slices.Contains(connection.GetDomains(), domain) {
			continue
		}
		var item model
		item.fromAPI(connection)
		result.Connections = append(result.Connections, item)
		ids.Add(connection.GetKeyId(), item.ID)
	}
	result.IDsByKeyID = ids.Map(&resp.Diagnostics, "key_id", "connections")
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
