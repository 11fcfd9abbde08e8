// Package unknown has a resource that calls what nobody has said of whether it changes something.
package unknown

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

type webhookResource struct {
	resource.Resource

	webhooks *svixportal.Client
}

func (r *webhookResource) Create(ctx context.Context, _ resource.CreateRequest, _ *resource.CreateResponse) {
	_, _ = r.webhooks.SendExample(ctx, "", "")
}
