package directory

import (
	"context"

	listresource "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// NewListResource returns the list resource scalekit_directory.
func NewListResource() listresource.ListResource { return &directoryResource{} }

var _ listresource.ListResourceWithConfigure = (*directoryResource)(nil)

func (r *directoryResource) ListResourceConfigSchema(_ context.Context, _ listresource.ListResourceSchemaRequest, resp *listresource.ListResourceSchemaResponse) {
	resp.Schema = tf.OrganizationsSchema("the directories", "")
}

func (r *directoryResource) List(ctx context.Context, req listresource.ListRequest, stream *listresource.ListResultsStream) {
	tf.Stream(req, stream, func(results *tf.Results) {
		for org := range results.Organizations(ctx, r.Client) {
			directories, err := list(ctx, r.Client, org.GetId())
			if err != nil && !scalekit.IsNotFound(err) { // not found: the organization has just been deleted
				tf.AddError(&results.Diagnostics, "Could not list the directories of organization "+org.GetId(), err, nil)
				return
			}
			for _, listed := range directories {
				directory := listed
				if req.IncludeResource {
					// The list may hold less of a directory than the directory's own page.
					directory, err = get(ctx, r.Client, org.GetId(), listed.GetId())
				}
				if scalekit.IsNotFound(err) {
					continue // it has just been deleted
				}
				if err != nil {
					tf.AddError(&results.Diagnostics, "Could not read directory "+listed.GetId(), err, nil)
					return
				}
				m := model{OrganizationID: types.StringValue(org.GetId())}
				m.fromAPI(directory)
				if !results.Add(ctx, tf.Qualified(displayName(listed), org.GetDisplayName()), m.identity(), m) {
					return
				}
			}
		}
	})
}

// displayName is a directory's name, or where it comes from if it has none.
func displayName(directory *directoriesv1.Directory) string {
	switch {
	case directory.GetName() != "":
		return directory.GetName()
	case directory.GetDirectoryProvider() != directoriesv1.DirectoryProvider_DIRECTORY_PROVIDER_UNSPECIFIED:
		return directory.GetDirectoryProvider().String() + " directory"
	default:
		return directory.GetDirectoryType().String() + " directory"
	}
}
