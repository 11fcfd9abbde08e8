package role

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type roleDataSource struct{ tf.DataSource }

// NewDataSource returns the data source scalekit_role.
func NewDataSource() datasource.DataSource { return &roleDataSource{} }

var _ datasource.DataSourceWithConfigure = (*roleDataSource)(nil)

func (d *roleDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_role"
}

func (d *roleDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := computedAttributes()
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "The name by which your application, directories and tokens know the role.",
		Required:            true,
		Validators:          []validator.String{roleName()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A role of the environment, by its name. One that does not exist is an error. " +
			"For the roles of an organization see `scalekit_organization_roles`.",
		Attributes: attributes,
	}
}

func (d *roleDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m readModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, name := scope{Data: d.Data}, m.Name.ValueString()
	role, err := s.get(ctx, name)
	switch {
	case scalekit.IsNotFound(err), err == nil && !s.owns(role):
		resp.Diagnostics.AddAttributeError(path.Root("name"), "No such role",
			fmt.Sprintf("This environment has no role %q.", name)+s.suggestion(ctx, name))
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, "Could not read "+s.call(name), err, nil)
		return
	}
	m.fromAPI(role)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// suggestion proposes a role for a name that none has. It is help: if the list fails, there is none.
func (s scope) suggestion(ctx context.Context, name string) string {
	roles, err := s.list(ctx)
	if err != nil {
		return ""
	}
	return tf.DidYouMean(name, roleNames(roles))
}
