package directory

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// names are an enumeration's values in their own order, without the one that means none.
func names(byNumber map[int32]string) []string {
	var values []string
	for number := int32(1); int(number) < len(byNumber); number++ {
		values = append(values, byNumber[number])
	}
	return slices.Clip(values)
}

func (r *directoryResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	unchanging := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	scim := directoriesv1.DirectoryType_SCIM.String()
	resp.Schema = schema.Schema{
		MarkdownDescription: "A directory of an organization: where its identity provider sends users and groups. " +
			"Destroying it disables it first, and takes its users, groups, secrets and role assignments with it.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The directory's id, `dir_…`.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"organization_id": organizationIDAttribute(),
			"directory_type": schema.StringAttribute{
				MarkdownDescription: "How users and groups arrive: `SCIM`, `LDAP` or `POLL`. Defaults to `" + scim + "`. Changing it replaces the directory.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(scim),
				Validators:          []validator.String{stringvalidator.OneOf(names(directoriesv1.DirectoryType_name)...)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"directory_provider": schema.StringAttribute{
				MarkdownDescription: "The identity provider: `OKTA`, `GOOGLE`, `MICROSOFT_AD`, `AUTH0`, `ONELOGIN`, `JUMPCLOUD` or `PING_IDENTITY`. " +
					"Left out, it is what the platform has, which is none, a custom provider, for a new directory. " +
					"Changing it replaces the directory; removing it from the configuration keeps the present one.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{stringvalidator.OneOf(names(directoriesv1.DirectoryProvider_name)...)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()},
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether the directory takes in users and groups. Left out, it is left as it is; the platform enables a new directory. " +
					"A `GOOGLE` directory needs the customer's consent in the admin portal before it can be enabled.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"attribute_mapping": schema.MapAttribute{
				MarkdownDescription: "Which attribute of the identity provider, the key, becomes which attribute of a user, the value; each has 1 to 32 characters. " +
					"The map is authoritative: a pair that is not in it is removed, and removing the whole map removes its pairs. " +
					"Never set, it is what the platform has. After an import, removing the map has no effect until the directory has been changed once; `{}` removes its pairs at any time.",
				ElementType: types.StringType,
				Optional:    true,
				Computed:    true,
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(stringvalidator.UTF8LengthBetween(1, 32)),
					mapvalidator.ValueStringsAre(stringvalidator.UTF8LengthBetween(1, 32)),
				},
				PlanModifiers: []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The directory's name, which the platform chooses.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "How far the directory is set up: `DRAFT`, `IN_PROGRESS` or `COMPLETED`.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"directory_endpoint": schema.StringAttribute{
				MarkdownDescription: "The URL that the identity provider is given, together with a `scalekit_directory_secret`.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
		},
	}
}

func (r *directoryResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityAttribute("The organization's id, org_…."),
			"id":              identityAttribute("The directory's id, dir_…."),
		},
	}
}

func organizationIDAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The organization's id, `org_…`. Changing it replaces the resource.",
		Required:            true,
		Validators:          []validator.String{tf.ID(organizationIDPrefix)},
		PlanModifiers:       []planmodifier.String{replaceIfKnown()},
	}
}

func directoryIDAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The directory's id, `dir_…`. Changing it replaces the resource.",
		Required:            true,
		Validators:          []validator.String{tf.ID(idPrefix)},
		PlanModifiers:       []planmodifier.String{replaceIfKnown()},
	}
}

// replaceIfKnown replaces the resource for another value. One that is known after the apply only, such as that of a data
// source whose organization changes in the same apply, is most likely the same: the update finds out.
func replaceIfKnown() planmodifier.String {
	const description = "If the value of this attribute changes, Terraform will destroy and recreate the resource."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !req.PlanValue.IsUnknown()
	}, description, description)
}

func identityAttribute(description string) identityschema.StringAttribute {
	return identityschema.StringAttribute{Description: description, RequiredForImport: true}
}
