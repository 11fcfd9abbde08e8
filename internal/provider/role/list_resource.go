package role

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// NewListResource returns the list resource scalekit_role.
func NewListResource() list.ListResource { return &roleResource{} }

var _ list.ListResourceWithConfigure = (*roleResource)(nil)

func (r *roleResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the roles of the environment, in the platform's order. The roles of organizations are listed by " +
			"`scalekit_organization_role`.",
		Attributes: map[string]schema.Attribute{
			"include_built_in": schema.BoolAttribute{
				MarkdownDescription: "Whether the built-in roles `" + builtInCreator + "` and `" + builtInMember + "` are listed as well. Every environment " +
					"has them, and other resources name them without managing them, so adopting them is worth it only where you have changed them. Defaults to `false`.",
				Optional: true,
			},
		},
	}
}

func (r *roleResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		var includeBuiltIn types.Bool
		results.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("include_built_in"), &includeBuiltIn)...)
		if results.Diagnostics.HasError() {
			return
		}
		roles, err := r.environment().listIncluding(ctx, included(req))
		if err != nil {
			tf.AddError(&results.Diagnostics, "Could not list the roles of the environment", err, nil)
			return
		}
		for _, role := range roles {
			if isBuiltIn(role.GetName()) && !includeBuiltIn.ValueBool() {
				continue
			}
			var m resourceModel
			m.fromAPI(role)
			if !results.Add(ctx, tf.Qualified(role.GetDisplayName(), role.GetName()), identityModel{Name: m.Name}, m) {
				return
			}
		}
	})
}

// isBuiltIn reports whether a role of the environment is one that every environment has. Only its name tells.
func isBuiltIn(name string) bool { return name == builtInCreator || name == builtInMember }

// included is what a list has to ask for: a role's permissions are part of the resource.
func included(req list.ListRequest) *string {
	if req.IncludeResource {
		return new(withPermissions)
	}
	return nil
}
