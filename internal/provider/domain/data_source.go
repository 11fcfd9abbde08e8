package domain

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type domainsDataSource struct{ tf.DataSource }

// NewListDataSource returns the data source scalekit_organization_domains.
func NewListDataSource() datasource.DataSource { return &domainsDataSource{} }

var _ datasource.DataSourceWithConfigure = (*domainsDataSource)(nil)

type domainsModel struct {
	OrganizationID types.String            `tfsdk:"organization_id"`
	Domains        []model                 `tfsdk:"domains"`
	IDsByDomain    map[string]types.String `tfsdk:"ids_by_domain"`
}

func (d *domainsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_domains"
}

func (d *domainsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The domains of an organization, in the platform's order. The list is read to its end.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"domains": schema.ListNestedAttribute{
				MarkdownDescription: "The domains.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                  schema.StringAttribute{Computed: true, MarkdownDescription: "The domain's id, `dom_…`."},
					"organization_id":     schema.StringAttribute{Computed: true, MarkdownDescription: "The organization's id, `org_…`."},
					"domain":              schema.StringAttribute{Computed: true, MarkdownDescription: "The domain, such as `acme.example`."},
					"domain_type":         schema.StringAttribute{Computed: true, MarkdownDescription: "`ORGANIZATION_DOMAIN`, the organization's own, or `ALLOWED_EMAIL_DOMAIN`, one whose users may join."},
					"verification_status": schema.StringAttribute{Computed: true, MarkdownDescription: "`PENDING`, `VERIFIED`, `FAILED` or `AUTO_VERIFIED`."},
					"verification_method": schema.StringAttribute{Computed: true, MarkdownDescription: "`ADMIN`, `DNS` or `NOT_APPLICABLE`."},
					"txt_record_key":      schema.StringAttribute{Computed: true, MarkdownDescription: "What stands left of the equals sign in the TXT record that proves the ownership of a domain of method `DNS`; null if there is none."},
					"txt_record_secret":   schema.StringAttribute{Computed: true, MarkdownDescription: "What stands right of it. It is published in the DNS, so it is not treated as a secret."},
					"create_time":         schema.StringAttribute{Computed: true, MarkdownDescription: "When the domain was created, in RFC 3339 form, UTC."},
				}},
			},
			"ids_by_domain": schema.MapAttribute{
				MarkdownDescription: "The domains' ids by the domains. A domain that is there more than once is left out, with a warning.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *domainsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result domainsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	organizationID := result.OrganizationID.ValueString()
	result.Domains = []model{}
	var ids tf.IDs
	for domain, err := range list(ctx, d.Client, organizationID) {
		if err != nil {
			d.AddReadError(ctx, &resp.Diagnostics, fmt.Sprintf("Could not list the domains of organization %s", organizationID), err, organizationID)
			return
		}
		item := model{OrganizationID: result.OrganizationID}
		item.fromAPI(domain)
		result.Domains = append(result.Domains, item)
		ids.Add(domain.GetDomain(), item.ID)
	}
	result.IDsByDomain = ids.Map(&resp.Diagnostics, "domain", "entries of organization "+organizationID)
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}
