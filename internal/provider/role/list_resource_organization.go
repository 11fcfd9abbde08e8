package role

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// NewOrganizationListResource returns the list resource scalekit_organization_role.
func NewOrganizationListResource() list.ListResource { return &organizationRoleResource{} }

var _ list.ListResourceWithConfigure = (*organizationRoleResource)(nil)

func (r *organizationRoleResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = tf.OrganizationsSchema("the roles",
		" The environment's own roles, which every organization can use, are listed by `scalekit_role`.")
}

func (r *organizationRoleResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		for org := range results.Organizations(ctx, r.Client) {
			organizationID := types.StringValue(org.GetId())
			s := r.of(organizationID)
			roles, err := s.listIncluding(ctx, included(req))
			if err != nil && !scalekit.IsNotFound(err) { // not found: the organization has just been deleted
				tf.AddError(&results.Diagnostics, "Could not list the roles of organization "+org.GetId(), err, nil)
				return
			}
			for _, role := range roles {
				if !s.owns(role) {
					continue
				}
				m := organizationModel{OrganizationID: organizationID}
				m.fromAPI(role)
				identity := organizationIdentityModel{OrganizationID: m.OrganizationID, Name: m.Name}
				if !results.Add(ctx, tf.Qualified(role.GetDisplayName(), org.GetDisplayName()), identity, m) {
					return
				}
			}
		}
	})
}
