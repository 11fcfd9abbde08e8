// Package portallink makes links to the admin portal.
package portallink

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const organizationIDPrefix = "org_"

// feature is what a link can be for.
type feature struct {
	// attribute is the feature's name in a configuration.
	attribute string
	// names are those that an organization may list it by. Sources differ on that of SCIM provisioning.
	names []string
	wire  organizationsv1.Feature
}

var features = []feature{
	{"sso", []string{"sso"}, organizationsv1.Feature_sso},
	{"scim", []string{"dir_sync", "scim"}, organizationsv1.Feature_dir_sync},
}

// isEnabled reports whether the organization has the feature on. One that it does not list is off.
func (f feature) isEnabled(org *organizationsv1.Organization) bool {
	return slices.ContainsFunc(org.GetSettings().GetFeatures(), func(listed *organizationsv1.OrganizationSettingsFeature) bool {
		return listed.GetEnabled() && slices.Contains(f.names, listed.GetName())
	})
}

type linkResource struct{ tf.EphemeralResource }

// NewEphemeralResource returns the ephemeral resource scalekit_portal_link.
func NewEphemeralResource() ephemeral.EphemeralResource { return &linkResource{} }

var _ ephemeral.EphemeralResourceWithConfigure = (*linkResource)(nil)

type model struct {
	OrganizationID types.String   `tfsdk:"organization_id"`
	Features       []types.String `tfsdk:"features"`
	ID             types.String   `tfsdk:"id"`
	Location       types.String   `tfsdk:"location"`
	ExpireTime     types.String   `tfsdk:"expire_time"`
}

// fromAPI takes over the API's view.
func (m *model) fromAPI(link *organizationsv1.Link) {
	m.ID = types.StringValue(link.GetId())
	m.Location = types.StringValue(link.GetLocation())
	m.ExpireTime = tf.Timestamp(link.GetExpireTime())
}

// wanted are the features that the configuration names.
func (m *model) wanted() []feature {
	var wanted []feature
	for _, candidate := range features {
		if slices.Contains(m.Features, types.StringValue(candidate.attribute)) {
			wanted = append(wanted, candidate)
		}
	}
	return wanted
}

func (r *linkResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_portal_link"
}

func (r *linkResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A link to the admin portal, where an organization's administrator sets up single sign-on and directories. " +
			"Whoever has the link may do that, so it is ephemeral: Terraform keeps it neither in the state nor in a plan file. " +
			"A link is good for one use, and for a minute only. Every plan and every apply makes one of its own. " +
			"Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`.",
				Required:            true,
				Validators:          []validator.String{tf.ID(organizationIDPrefix)},
			},
			"features": schema.SetAttribute{
				MarkdownDescription: "What the link is for: `sso`, `scim` or both. The organization must have enabled it, as with `scalekit_organization_features`. " +
					"Left out, the link is for whatever is enabled.",
				Optional:    true,
				ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.OneOf("sso", "scim")),
				},
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "The link's id.",
				Computed:            true,
				Sensitive:           true, // the location ends in it
			},
			"location": schema.StringAttribute{
				MarkdownDescription: "The link itself, a URL.",
				Computed:            true,
				Sensitive:           true,
			},
			"expire_time": schema.StringAttribute{
				MarkdownDescription: "When the link expires, in RFC 3339 form, UTC.",
				Computed:            true,
			},
		},
	}
}

// Open makes the link. The client does not repeat the call where its outcome is unknown: each makes another credential.
func (r *linkResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	request := &organizationsv1.GeneratePortalLinkRequest{Id: m.OrganizationID.ValueString()}
	for _, wanted := range m.wanted() {
		request.Features = append(request.Features, wanted.wire)
	}
	reply, err := r.Client.Organizations.GeneratePortalLink(ctx, connect.NewRequest(request))
	switch {
	case scalekit.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(path.Root("organization_id"), "No such organization",
			fmt.Sprintf("This environment has no organization %s.", m.OrganizationID.ValueString()))
		return
	case err != nil:
		if code := connect.CodeOf(err); code == connect.CodeInvalidArgument || code == connect.CodeFailedPrecondition {
			if r.explain(ctx, &resp.Diagnostics, m) {
				return
			}
		}
		tf.AddError(&resp.Diagnostics, "Could not make a portal link for organization "+m.OrganizationID.ValueString(), err, nil)
		return
	}
	m.fromAPI(reply.Msg.GetLink())
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
}

// explain reports the features that the organization has not enabled, which is what a link is refused for. It returns
// whether there are any.
func (r *linkResource) explain(ctx context.Context, diags *diag.Diagnostics, m model) bool {
	reply, err := r.Client.Organizations.GetOrganization(ctx, connect.NewRequest(&organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_Id{Id: m.OrganizationID.ValueString()},
	}))
	if err != nil {
		return false
	}
	wanted := m.wanted()
	isForAny := len(wanted) == 0
	if isForAny {
		wanted = features
	}
	var disabled []string
	for _, feature := range wanted {
		if !feature.isEnabled(reply.Msg.GetOrganization()) {
			disabled = append(disabled, feature.attribute)
		}
	}
	switch {
	case isForAny && len(disabled) == len(features):
		diags.AddAttributeError(path.Root("organization_id"), "No feature is enabled", fmt.Sprintf(
			"Organization %s has enabled neither %s, so there is nothing that a portal link could be for.\n\nEnable one first, with "+
				"scalekit_organization_features and a depends_on here.", m.OrganizationID.ValueString(), strings.Join(disabled, " nor ")))
	case !isForAny && len(disabled) > 0:
		diags.AddAttributeError(path.Root("features"), "The feature is not enabled", fmt.Sprintf(
			"Organization %s has not enabled %s, so there can be no portal link for it.\n\nEnable it first, with scalekit_organization_features "+
				"and a depends_on here, or take it out of features.", m.OrganizationID.ValueString(), tf.Enumerate(disabled)))
	default:
		return false
	}
	return true
}
