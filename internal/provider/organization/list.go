package organization

import (
	"context"
	"iter"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// pageSize is how many organizations a list reads at once, the most that the API documents.
const pageSize = 100

// list reads the environment's organizations, newest first, page by page as they are consumed.
func list(ctx context.Context, client *scalekit.Client) iter.Seq2[*organizationsv1.Organization, error] {
	return scalekit.Pages(ctx, func(ctx context.Context, token string) ([]*organizationsv1.Organization, string, error) {
		reply, err := client.Organizations.ListOrganization(ctx, connect.NewRequest(&organizationsv1.ListOrganizationsRequest{
			PageSize: pageSize, PageToken: token,
		}))
		if err != nil {
			return nil, "", err
		}
		return reply.Msg.GetOrganizations(), reply.Msg.GetNextPageToken(), nil
	})
}
