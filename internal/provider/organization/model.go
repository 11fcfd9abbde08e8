// Package organization serves organizations and their settings.
package organization

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// idPrefix begins every organization's id.
const idPrefix = "org_"

// model is an organization as the resource, the data source and the items of the list have it.
type model struct {
	ID          types.String `tfsdk:"id"`
	DisplayName types.String `tfsdk:"display_name"`
	ExternalID  types.String `tfsdk:"external_id"`
	Metadata    types.Map    `tfsdk:"metadata"`
	Slug        types.String `tfsdk:"slug"`
	RegionCode  types.String `tfsdk:"region_code"`
	CreateTime  types.String `tfsdk:"create_time"`
}

// fromAPI takes over the API's view. An empty metadata map stays what it was, since the wire does not tell it from
// an absent one.
func (m *model) fromAPI(org *organizationsv1.Organization) {
	m.ID = types.StringValue(org.GetId())
	m.DisplayName = types.StringValue(org.GetDisplayName())
	m.ExternalID = tf.OptionalString(org.GetExternalId())
	m.Metadata = tf.StringMap(org.GetMetadata(), m.Metadata)
	m.Slug = tf.OptionalString(org.GetSlug())
	m.RegionCode = types.StringValue(org.GetRegionCode().String())
	m.CreateTime = tf.Timestamp(org.GetCreateTime())
}

// resourceModel adds what only the resource knows.
type resourceModel struct {
	model
	DeletionProtection types.Bool `tfsdk:"deletion_protection"`
}

// fromAPI takes over the API's view. An organization that Terraform has not known before is not protected.
func (m *resourceModel) fromAPI(org *organizationsv1.Organization) {
	m.model.fromAPI(org)
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(false)
	}
}

// identityModel is what identifies an organization.
type identityModel struct {
	ID types.String `tfsdk:"id"`
}

// fields are the attributes of the API's fields.
var fields = tf.Fields{
	"display_name": path.Root("display_name"),
	"external_id":  path.Root("external_id"),
	"metadata":     path.Root("metadata"),
	"slug":         path.Root("slug"),
}

func byID(id types.String) *organizationsv1.GetOrganizationRequest {
	return &organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_Id{Id: id.ValueString()},
	}
}

func byExternalID(externalID string) *organizationsv1.GetOrganizationRequest {
	return &organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: externalID},
	}
}
