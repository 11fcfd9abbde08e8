// Package calls has a resource in a file that is named like one of a data source, and others that are none.
package calls

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

type roleResource struct {
	resource.Resource

	api      *scalekit.Client
	Webhooks *svixportal.Client
}

func (r *roleResource) Create(ctx context.Context, _ resource.CreateRequest, _ *resource.CreateResponse) {
	_, _ = r.api.Roles.CreateRole(ctx, nil)
	_, _ = r.api.Roles.GetRole(ctx, nil)
	_, _ = r.Webhooks.Replace(ctx, "", svixportal.Settings{})
	_ = r.Webhooks.List(ctx)
	switches[true](ctx, r.api)
	var s sweeper = sweep{r.api}
	s.sweep(ctx)
	call := r.api.Organizations.CreateOrganization
	_, _ = call(ctx, nil)
	_ = rolesv1.PermissionType_ALL.String() // no call
}

var switches = map[bool]func(context.Context, *scalekit.Client){true: enable, false: func(ctx context.Context, api *scalekit.Client) {
	_, _ = api.Directories.DisableDirectory(ctx, nil)
}}

func enable(ctx context.Context, api *scalekit.Client) {
	_, _ = api.Directories.EnableDirectory(ctx, nil)
}

type sweeper interface{ sweep(context.Context) }

type sweep struct{ api *scalekit.Client }

func (s sweep) sweep(ctx context.Context) { _, _ = s.api.Roles.DeleteRole(ctx, nil) }

type roleDataSource struct {
	datasource.DataSource

	api *scalekit.Client
}

func (d *roleDataSource) Read(ctx context.Context, _ datasource.ReadRequest, _ *datasource.ReadResponse) {
	_, _ = d.api.Roles.UpdateRole(ctx, nil)
}
