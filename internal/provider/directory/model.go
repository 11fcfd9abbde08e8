// Package directory serves the directories of organizations, their secrets and the roles of their groups.
package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// What the ids begin with.
const (
	organizationIDPrefix = "org_"
	idPrefix             = "dir_"
	secretIDPrefix       = "sec_"
	groupIDPrefix        = "dirgroup_"
)

// model is a directory.
type model struct {
	ID                types.String `tfsdk:"id"`
	OrganizationID    types.String `tfsdk:"organization_id"`
	DirectoryType     types.String `tfsdk:"directory_type"`
	DirectoryProvider types.String `tfsdk:"directory_provider"`
	Enabled           types.Bool   `tfsdk:"enabled"`
	AttributeMapping  types.Map    `tfsdk:"attribute_mapping"`
	Name              types.String `tfsdk:"name"`
	Status            types.String `tfsdk:"status"`
	DirectoryEndpoint types.String `tfsdk:"directory_endpoint"`
}

// fromAPI takes over the API's view. An empty attribute mapping stays what it was, since the wire does not tell it from
// an absent one.
func (m *model) fromAPI(directory *directoriesv1.Directory) {
	m.ID = types.StringValue(directory.GetId())
	if directory.GetOrganizationId() != "" {
		m.OrganizationID = types.StringValue(directory.GetOrganizationId())
	}
	m.DirectoryType = types.StringValue(directory.GetDirectoryType().String())
	m.DirectoryProvider = types.StringNull()
	if provider := directory.GetDirectoryProvider(); provider != directoriesv1.DirectoryProvider_DIRECTORY_PROVIDER_UNSPECIFIED {
		m.DirectoryProvider = types.StringValue(provider.String())
	}
	m.Enabled = types.BoolValue(directory.GetEnabled())
	m.AttributeMapping = tf.StringMap(attributes(directory.GetAttributeMappings()), m.AttributeMapping)
	m.Name = tf.OptionalString(directory.GetName())
	m.Status = tf.OptionalString(directory.GetStatus())
	m.DirectoryEndpoint = tf.OptionalString(directory.GetDirectoryEndpoint())
}

// identityModel is what identifies a directory, or a secret together with its directory.
type identityModel struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	ID             types.String `tfsdk:"id"`
}

func (m *model) identity() identityModel {
	return identityModel{OrganizationID: m.OrganizationID, ID: m.ID}
}

// fields are the attributes of the API's fields.
var fields = tf.Fields{
	"organization_id":    path.Root("organization_id"),
	"directory_type":     path.Root("directory_type"),
	"directory_provider": path.Root("directory_provider"),
	"key":                path.Root("attribute_mapping"),
	"map_to":             path.Root("attribute_mapping"),
}

// attributes are a mapping's pairs.
func attributes(mappings *directoriesv1.AttributeMappings) map[string]string {
	pairs := make(map[string]string, len(mappings.GetAttributes()))
	for _, mapping := range mappings.GetAttributes() {
		pairs[mapping.GetKey()] = mapping.GetMapTo()
	}
	return pairs
}

// keepPlanned takes over what a plan knows of the attributes that calls after the create set.
func (m *model) keepPlanned(plan model) {
	if !plan.Enabled.IsUnknown() {
		m.Enabled = plan.Enabled
	}
	if !plan.AttributeMapping.IsUnknown() {
		m.AttributeMapping = plan.AttributeMapping
	}
}
