package domain

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

func (r *domainResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	organizationDomain := domainsv1.DomainType_ORGANIZATION_DOMAIN.String()
	allowedEmailDomain := domainsv1.DomainType_ALLOWED_EMAIL_DOMAIN.String()
	resp.Schema = schema.Schema{
		MarkdownDescription: "A domain of an organization. The platform has no way to change a domain, and a domain exists once: when its type or its organization changes, the provider deletes it and creates it anew, in place.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The domain's id, `dom_…`.", Computed: true},
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Changing it moves the domain.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"domain": schema.StringAttribute{
				MarkdownDescription: "The domain, such as `acme.example`: 4 to 255 characters, in lower case. Domains of public e-mail providers are refused. Changing it replaces the resource.",
				Required:            true,
				Validators:          []validator.String{nameValidator{}},
				PlanModifiers:       replace,
			},
			"domain_type": schema.StringAttribute{
				MarkdownDescription: "`" + organizationDomain + "`, the organization's own domain, by which its users are recognised and its directory's users are " +
					"accepted, or `" + allowedEmailDomain + "`, a domain whose users may join. Defaults to `" + organizationDomain + "`.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(organizationDomain),
				Validators: []validator.String{stringvalidator.OneOf(organizationDomain, allowedEmailDomain)},
			},
			"verification_status": schema.StringAttribute{
				MarkdownDescription: "`PENDING`, `VERIFIED`, `FAILED` or `AUTO_VERIFIED`. A domain that is created through the API is verified at once.",
				Computed:            true,
			},
			"verification_method": schema.StringAttribute{
				MarkdownDescription: "`ADMIN`, `DNS` or `NOT_APPLICABLE`.",
				Computed:            true,
			},
			"txt_record_key": schema.StringAttribute{
				MarkdownDescription: "What stands left of the equals sign in the TXT record that proves the ownership of a domain of method `DNS`; null if there is none. That it does is inferred from the dashboard.",
				Computed:            true,
			},
			"txt_record_secret": schema.StringAttribute{
				MarkdownDescription: "What stands right of it. It is published in the DNS, so it is not treated as a secret.",
				Computed:            true,
			},
			"create_time": schema.StringAttribute{
				MarkdownDescription: "When the domain was created, in RFC 3339 form, UTC.",
				Computed:            true,
			},
		},
	}
}

func (r *domainResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityschema.StringAttribute{Description: "The organization's id, org_….", RequiredForImport: true},
			"id":              identityschema.StringAttribute{Description: "The domain's id, dom_….", RequiredForImport: true},
		},
	}
}
