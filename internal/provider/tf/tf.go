// Package tf holds what the resources and data sources share: configuration, error reporting, import, validators and
// locks.
package tf

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// Data is what the provider's configuration gives to everything that it serves.
type Data struct {
	Client *scalekit.Client
	// Webhooks manages the environment's webhook endpoints.
	Webhooks *svixportal.Client
	// Environment is the host of the environment, with its port if the URL gives one, and PreviousEnvironments are hosts
	// under which it was known before.
	Environment          string
	PreviousEnvironments []string
	// PlanChecks says whether plans may look things up in the environment.
	PlanChecks bool
	// Run is what this run knows of the objects that its resources declare.
	Run *run.Record

	// silentUntil is until when plan-time look-ups are left out, in nanoseconds since 1970.
	silentUntil atomic.Int64
	// counted is how many calls were made in order to count who is affected.
	counted atomic.Int64
}

// Resource gives a resource, which may be a list resource as well, the provider's data.
type Resource struct{ *Data }

// Configure implements resource.ResourceWithConfigure and list.ListResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	configure(&r.Data, req.ProviderData, &resp.Diagnostics)
}

// DataSource gives a data source the provider's data.
type DataSource struct{ *Data }

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	configure(&d.Data, req.ProviderData, &resp.Diagnostics)
}

// EphemeralResource gives an ephemeral resource the provider's data.
type EphemeralResource struct{ *Data }

// Configure implements ephemeral.EphemeralResourceWithConfigure.
func (e *EphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	configure(&e.Data, req.ProviderData, &resp.Diagnostics)
}

// Action gives an action the provider's data.
type Action struct{ *Data }

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	configure(&a.Data, req.ProviderData, &resp.Diagnostics)
}

// configure takes over the provider's data, which is absent while Terraform only validates.
func configure(target **Data, providerData any, diags *diag.Diagnostics) {
	if providerData == nil {
		return
	}
	data, ok := providerData.(*Data)
	if !ok {
		diags.AddError("The provider has a bug", fmt.Sprintf("Expected *tf.Data, got %T. Please report this.", providerData))
		return
	}
	*target = data
}
