package organization

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

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type organizationDataSource struct{ tf.DataSource }

// NewDataSource returns the data source scalekit_organization.
func NewDataSource() datasource.DataSource { return &organizationDataSource{} }

var _ datasource.DataSourceWithConfigure = (*organizationDataSource)(nil)

func (d *organizationDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization"
}

func (d *organizationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := computedAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The organization's id, `org_…`. Give either this or `external_id`.",
		Optional:            true,
		Computed:            true,
		Validators: []validator.String{
			tf.ID(idPrefix),
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("external_id")),
		},
	}
	attributes["external_id"] = schema.StringAttribute{
		MarkdownDescription: "Your own id of the customer. Give either this or `id`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An organization, by its id or its external id. One that does not exist is an error.",
		Attributes:          attributes,
	}
}

// computedAttributes are an organization's attributes as they are read.
func computedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":           schema.StringAttribute{Computed: true, MarkdownDescription: "The organization's id, `org_…`."},
		"display_name": schema.StringAttribute{Computed: true, MarkdownDescription: "The name that people see."},
		"external_id":  schema.StringAttribute{Computed: true, MarkdownDescription: "Your own id of the customer, null if it has none."},
		"metadata":     schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Your own data about the customer, null if there is none."},
		"slug":         schema.StringAttribute{Computed: true, MarkdownDescription: "The name for URLs, null if it has none."},
		"region_code":  schema.StringAttribute{Computed: true, MarkdownDescription: "Where the organization's data is kept, `US` or `EU`."},
		"create_time":  schema.StringAttribute{Computed: true, MarkdownDescription: "When the organization was created, in RFC 3339 form, UTC."},
	}
}

func (d *organizationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	call, request := d.Client.Organizations.GetOrganization, byID(m.ID)
	key, value := "id", m.ID
	if m.ID.IsNull() {
		call, request = d.Client.Organizations.GetOrganizationByExternalId, byExternalID(m.ExternalID.ValueString())
		key, value = "external_id", m.ExternalID
	}
	got, err := call(ctx, connect.NewRequest(request))
	switch {
	case scalekit.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(path.Root(key), "No such organization",
			fmt.Sprintf("This environment has no organization with %s %s.", key, value))
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the organization with %s %s", key, value), err, nil)
		return
	}
	m.fromAPI(got.Msg.GetOrganization())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
