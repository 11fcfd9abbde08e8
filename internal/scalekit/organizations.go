package scalekit

import (
	"context"
	"iter"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// organizationPage is how many organizations a list reads at once, the most that the API documents.
const organizationPage = 100

// AllOrganizations reads the environment's organizations, newest first, page by page as they are consumed.
func (c *Client) AllOrganizations(ctx context.Context) iter.Seq2[*organizationsv1.Organization, error] {
	return Pages(ctx, func(ctx context.Context, token string) (*connect.Response[organizationsv1.ListOrganizationsResponse], error) {
		return c.Organizations.ListOrganization(ctx, connect.NewRequest(&organizationsv1.ListOrganizationsRequest{
			PageSize: organizationPage, PageToken: token,
		}))
	}, (*organizationsv1.ListOrganizationsResponse).GetOrganizations)
}

// Organization reads the organization with an id. There being none is an error of which IsNotFound is true.
func (c *Client) Organization(ctx context.Context, id string) (*organizationsv1.Organization, error) {
	got, err := c.Organizations.GetOrganization(ctx, connect.NewRequest(&organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_Id{Id: id},
	}))
	if err != nil {
		return nil, err
	}
	return got.Msg.GetOrganization(), nil
}
