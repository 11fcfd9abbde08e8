package directory

import (
	"context"
	"iter"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// memberPage is how many groups or users of a directory a list reads at once, the most that the API's rules allow.
const memberPage = 30

// listGroups reads a directory's groups, page by page as they are consumed.
func listGroups(ctx context.Context, client *scalekit.Client, organizationID, directoryID string) iter.Seq2[*directoriesv1.DirectoryGroup, error] {
	return scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[directoriesv1.ListDirectoryGroupsResponse], error) {
		return client.Directories.ListDirectoryGroups(ctx, connect.NewRequest(&directoriesv1.ListDirectoryGroupsRequest{
			OrganizationId: organizationID, DirectoryId: directoryID, PageSize: memberPage, PageToken: token,
		}))
	}, (*directoriesv1.ListDirectoryGroupsResponse).GetGroups)
}

// listUsers reads a directory's users that pass the request's filters, page by page as they are consumed.
func listUsers(ctx context.Context, client *scalekit.Client, request *directoriesv1.ListDirectoryUsersRequest) iter.Seq2[*directoriesv1.DirectoryUser, error] {
	request.PageSize = memberPage
	return scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[directoriesv1.ListDirectoryUsersResponse], error) {
		request.PageToken = token
		return client.Directories.ListDirectoryUsers(ctx, connect.NewRequest(request))
	}, (*directoriesv1.ListDirectoryUsersResponse).GetUsers)
}
