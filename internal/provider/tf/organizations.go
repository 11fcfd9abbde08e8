package tf

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// organizationID is the attribute with which a list keeps to one organization.
const organizationID = "organization_id"

// OrganizationsSchema is the configuration of a list of what organizations have, such as "the directories", with a note
// that follows the description. Results.Organizations reads it.
func OrganizationsSchema(things, note string) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Lists " + things + " of one organization, or of all organizations of the environment." + note,
		Attributes: map[string]schema.Attribute{
			organizationID: schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Left out, the list goes through all organizations, newest first.",
				Optional:            true,
				Validators:          []validator.String{ID("org_")},
			},
		},
	}
}

// Organizations are those whose objects the configuration asks for: the one that it names, or all of them, page by page
// as they are consumed. What goes wrong is reported, and ends the sequence.
func (r *Results) Organizations(ctx context.Context, client *scalekit.Client) iter.Seq[*organizationsv1.Organization] {
	return func(yield func(*organizationsv1.Organization) bool) {
		var id types.String
		r.Diagnostics.Append(r.request.Config.GetAttribute(ctx, path.Root(organizationID), &id)...)
		switch {
		case r.Diagnostics.HasError():
		case !id.IsNull():
			if org := r.organization(ctx, client, id.ValueString()); org != nil {
				yield(org)
			}
		default:
			for org, err := range client.AllOrganizations(ctx) {
				if err != nil {
					AddError(&r.Diagnostics, "Could not list the organizations", err, nil)
					return
				}
				if !yield(org) {
					return
				}
			}
		}
	}
}

// organization reads the organization that the configuration names; nil is reported. Results show its display name, and
// what the platform lists for an organization that does not exist is not documented.
func (r *Results) organization(ctx context.Context, client *scalekit.Client, id string) *organizationsv1.Organization {
	org, err := client.Organization(ctx, id)
	switch {
	case scalekit.IsNotFound(err):
		addNoSuchOrganization(&r.Diagnostics, id)
		return nil
	case err != nil:
		AddError(&r.Diagnostics, "Could not read organization "+id, err, nil)
		return nil
	}
	return org
}
