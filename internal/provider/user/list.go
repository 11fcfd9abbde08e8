package user

import (
	"context"
	"iter"
	"strings"

	"connectrpc.com/connect"

	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// How many users a list and a search read at once, the most that the API's rules allow.
const (
	listPage   = 100
	searchPage = 30
)

// list reads an organization's users, page by page as they are consumed.
func list(ctx context.Context, client *scalekit.Client, organizationID string) iter.Seq2[*usersv1.User, error] {
	return scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[usersv1.ListOrganizationUsersResponse], error) {
		return client.Users.ListOrganizationUsers(ctx, connect.NewRequest(&usersv1.ListOrganizationUsersRequest{
			OrganizationId: organizationID, PageSize: listPage, PageToken: token,
		}))
	}, (*usersv1.ListOrganizationUsersResponse).GetUsers)
}

// findByEmail returns the user of an e-mail address, nil if there is none. The API has a search alone, which may find
// more than was asked for.
func findByEmail(ctx context.Context, client *scalekit.Client, email string) (*usersv1.User, error) {
	found := scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[usersv1.SearchUsersResponse], error) {
		return client.Users.SearchUsers(ctx, connect.NewRequest(&usersv1.SearchUsersRequest{
			Query: email, PageSize: searchPage, PageToken: token,
		}))
	}, (*usersv1.SearchUsersResponse).GetUsers)
	for user, err := range found {
		if err != nil || strings.EqualFold(user.GetEmail(), email) {
			return user, err
		}
	}
	return nil, nil
}
