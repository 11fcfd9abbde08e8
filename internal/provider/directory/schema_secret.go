package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// secretModel is a directory's secret.
type secretModel struct {
	ID             types.String `tfsdk:"id"`
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
	Rotation       types.Map    `tfsdk:"rotation"`
	Secret         types.String `tfsdk:"secret"`
	SecretSuffix   types.String `tfsdk:"secret_suffix"`
	ExpireTime     types.String `tfsdk:"expire_time"`
}

// fromAPI takes over what the platform shows of a secret, which is all but its value.
func (m *secretModel) fromAPI(secret *directoriesv1.Secret) {
	m.ID = types.StringValue(secret.GetId())
	m.SecretSuffix = tf.OptionalString(secret.GetSecretSuffix())
	m.ExpireTime = types.StringNull()
	if expires(secret) {
		m.ExpireTime = tf.Timestamp(secret.GetExpireTime())
	}
	if m.Secret.IsUnknown() {
		m.Secret = types.StringNull()
	}
}

// secretIdentity is what identifies a secret.
type secretIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	DirectoryID    types.String `tfsdk:"directory_id"`
	ID             types.String `tfsdk:"id"`
}

func (m *secretModel) identity() secretIdentity {
	return secretIdentity{OrganizationID: m.OrganizationID, DirectoryID: m.DirectoryID, ID: m.ID}
}

// secretFields are the attributes of the API's fields.
var secretFields = tf.Fields{
	"organization_id": path.Root("organization_id"),
	"directory_id":    path.Root("directory_id"),
}

func (r *secretResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	unchanging := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A secret of a directory: the bearer token with which an identity provider sends users and groups by SCIM. " +
			"The state holds its value, so protect the state.\n\n" +
			"Declare one for each directory. A rotation regenerates: it makes all earlier secrets of the directory inactive at once, " +
			"whoever made them. With `create_before_destroy` a rotation adds the new secret instead, and the earlier ones keep working " +
			"until the next rotation without it.\n\n" +
			"The API cannot delete a secret. Destroying the resource only forgets it: the secret keeps working until another one replaces it " +
			"in a rotation or its directory is deleted. A secret that became inactive or expired is created anew.",
		Attributes: map[string]schema.Attribute{
			"id":              schema.StringAttribute{MarkdownDescription: "The secret's id, `sec_…`.", Computed: true, PlanModifiers: unchanging},
			"organization_id": organizationIDAttribute(),
			"directory_id":    directoryIDAttribute(),
			"rotation": schema.MapAttribute{
				MarkdownDescription: "Triggers: any change of the map replaces the secret by a new one, such as `{ month = \"2026-01\" }`. " +
					"What uses `secret` gets the new value in the same apply; the identity provider has to be given it too. " +
					"The first map after an import is only recorded.",
				ElementType:   types.StringType,
				Optional:      true,
				Validators:    []validator.Map{mapvalidator.NoNullValues()},
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(isRotation, rotationDescription, rotationDescription)},
			},
			"secret": schema.StringAttribute{
				MarkdownDescription: "The secret's value. Null after an import, since the platform gives it only once.",
				Computed:            true,
				Sensitive:           true,
				PlanModifiers:       unchanging,
			},
			"secret_suffix": schema.StringAttribute{
				MarkdownDescription: "The last characters of the value, by which the dashboard shows it.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
			"expire_time": schema.StringAttribute{
				MarkdownDescription: "When the secret expires, in RFC 3339 form, UTC; null if never.",
				Computed:            true,
				PlanModifiers:       unchanging,
			},
		},
	}
}

const rotationDescription = "If the value of this attribute changes, Terraform will destroy and recreate the resource, but for the first value after an import."

// isRotation tells a rotation from the first triggers of an imported secret: to import one that is in use must not
// replace it.
func isRotation(ctx context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	var state secretModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.RequiresReplace = !state.isRecording()
}

// isRecording reports whether a change of rotation is only recorded.
func (m *secretModel) isRecording() bool { return m.Secret.IsNull() && m.Rotation.IsNull() }

func (r *secretResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityAttribute("The organization's id, org_…."),
			"directory_id":    identityAttribute("The directory's id, dir_…."),
			"id":              identityAttribute("The secret's id, sec_…."),
		},
	}
}
