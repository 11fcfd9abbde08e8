// Package provider is the Terraform provider: its configuration and the registry of all that it serves.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/connection"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/directory"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/domain"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/organization"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/portallink"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/role"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/user"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/webhook"
)

// Provider is terraform-provider-scalekit.
type Provider struct{ version string }

var (
	_ provider.ProviderWithActions            = (*Provider)(nil)
	_ provider.ProviderWithEphemeralResources = (*Provider)(nil)
	_ provider.ProviderWithListResources      = (*Provider)(nil)
)

// New returns a maker of the provider. The version is the release's, "dev" for a build from source.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &Provider{version: version} }
}

// Metadata implements provider.Provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "scalekit"
	resp.Version = p.version
}

// Resources implements provider.Provider.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		organization.NewResource,
		organization.NewFeaturesResource,
		organization.NewSessionPolicyResource,
		organization.NewUserManagementResource,
		domain.NewResource,
		role.NewResource,
		role.NewOrganizationResource,
		role.NewPermissionResource,
		role.NewDefaultRolesResource,
		role.NewOrganizationDefaultResource,
		directory.NewResource,
		directory.NewSecretResource,
		directory.NewRoleAssignmentsResource,
		directory.NewRoleAssignmentResource,
		webhook.NewResource,
	}
}

// DataSources implements provider.Provider.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		organization.NewDataSource,
		organization.NewListDataSource,
		organization.NewSettingsDataSource,
		domain.NewListDataSource,
		role.NewDataSource,
		role.NewListDataSource,
		role.NewOrganizationListDataSource,
		role.NewPermissionsDataSource,
		user.NewDataSource,
		user.NewOrganizationListDataSource,
		directory.NewDataSource,
		directory.NewListDataSource,
		directory.NewGroupsDataSource,
		directory.NewUsersDataSource,
		webhook.NewEndpointsDataSource,
		webhook.NewEventTypesDataSource,
		connection.NewListDataSource,
	}
}

// EphemeralResources implements provider.ProviderWithEphemeralResources.
func (p *Provider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		portallink.NewEphemeralResource,
	}
}

// ListResources implements provider.ProviderWithListResources.
func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		organization.NewListResource,
		domain.NewListResource,
		role.NewListResource,
		role.NewOrganizationListResource,
		role.NewPermissionListResource,
		directory.NewListResource,
		webhook.NewListResource,
	}
}

// Actions implements provider.ProviderWithActions.
func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		directory.NewSyncAction,
		webhook.NewTestEventAction,
	}
}
