package organization

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// slugPattern is the API's own rule: labels of a host name, joined by dots.
var slugPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$`)

func (r *organizationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	unchanging := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An organization: one customer of your application, with its users, its domains, its connections and its directories.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"display_name": schema.StringAttribute{
				MarkdownDescription: "The name that people see, 1 to 200 characters.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 200)},
			},
			"external_id": schema.StringAttribute{
				MarkdownDescription: "Your own id of the customer, at most 255 characters, unique in the environment. " +
					"It makes the organization easy to find and to import, and a create safe to repeat, so it is worth setting. " +
					"Removing it from the configuration clears it; whether the platform allows that is not documented, and an " +
					"environment that keeps it is reported as an error.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Your own data about the customer: at most 10 pairs, keys of 3 to 25 characters, values of 1 to 256. " +
					"The map is authoritative: a pair that is not in it is removed.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Map{
					mapvalidator.SizeAtMost(10),
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(stringvalidator.UTF8LengthBetween(3, 25)),
					mapvalidator.ValueStringsAre(stringvalidator.UTF8LengthBetween(1, 256)),
				},
			},
			"slug": schema.StringAttribute{
				MarkdownDescription: "A name for URLs, unique in the environment: lower-case letters, digits, hyphens and dots, at most 253 characters. " +
					"Left out, it is what the platform has; removing it from the configuration keeps the present one.",
				Optional: true,
				Computed: true,
				Validators: []validator.String{
					stringvalidator.UTF8LengthBetween(1, 253),
					stringvalidator.RegexMatches(slugPattern,
						"must be lower-case letters, digits and hyphens, optionally in parts joined by dots; each part has at most 63 characters and neither begins nor ends with a hyphen"),
				},
				PlanModifiers: unchanging,
			},
			"region_code": schema.StringAttribute{
				MarkdownDescription: "Where the organization's data is kept, `US` or `EU`. The platform chooses it.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"create_time": schema.StringAttribute{
				MarkdownDescription: "When the organization was created, in RFC 3339 form, UTC.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether plans that destroy or replace the organization fail. Deleting an organization deletes its " +
					"connections, directories and memberships, and cannot be undone. To delete a protected one, set this to `false` and " +
					"apply first. Known to Terraform only. Defaults to `false`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
		},
	}
}

func (r *organizationResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "The organization's id, org_….",
				RequiredForImport: true,
			},
		},
	}
}
