package role

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// pageSize is how many permissions a list reads at once, the most that the API documents.
const pageSize = 100

// listPermissions reads the environment's permissions of a type, page by page as they are consumed.
func listPermissions(ctx context.Context, client *scalekit.Client, kind rolesv1.PermissionType) iter.Seq2[*rolesv1.Permission, error] {
	return scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[rolesv1.ListPermissionsResponse], error) {
		request := &rolesv1.ListPermissionsRequest{PageSize: new(uint32(pageSize)), Type: kind}
		if token != "" {
			request.PageToken = &token
		}
		return client.Roles.ListPermissions(ctx, connect.NewRequest(request))
	}, (*rolesv1.ListPermissionsResponse).GetPermissions)
}

// reference is what an attribute names: permissions, or roles.
type reference struct {
	attribute path.Path
	// kind is "permission" or "role".
	kind  string
	names []string
}

// unresolved returns the names that do not exist, and those that do for comparison. All resources of a run share one list;
// it is read anew for a name that it lacks if isNew says that such a name may have come into being since.
func (s scope) unresolved(ctx context.Context, wanted reference, isNew bool) (missing, existing []string, err error) {
	look, object := s.roleNames, run.Of(s.organizationID, run.Role)
	if wanted.kind == "permission" {
		look, object = s.permissionNames, run.Of("", run.Permission)
	}
	isOld := func(known []string) bool { return isNew && len(without(wanted.names, known)) > 0 }
	existing, err = run.LookUp(s.Run, object, isOld, func() ([]string, error) { return look(ctx) })
	return without(wanted.names, existing), existing, err
}

func (s scope) roleNames(ctx context.Context) ([]string, error) {
	roles, err := s.list(ctx)
	return roleNames(roles), err
}

func (s scope) permissionNames(ctx context.Context) ([]string, error) {
	var names []string
	for permission, err := range listPermissions(ctx, s.Client, rolesv1.PermissionType_ALL) {
		if err != nil {
			return nil, err
		}
		names = append(names, permission.GetName())
	}
	return names, nil
}

// isPlanned reports whether this run plans to create what is missing, as far as the plan is made.
func (s scope) isPlanned(kind, name string) bool {
	if kind == "permission" {
		return s.Run.Plans(run.InEnvironment(run.Permission, name))
	}
	return s.Run.Plans(run.InEnvironment(run.Role, name)) || s.Run.Plans(s.object(name))
}

// checkReference warns, when a plan is made, of names that neither exist nor are planned. It is no error: a name that
// another resource creates cannot be told from a typing error unless this resource refers to that one, since Terraform
// plans the two in any order.
func (s scope) checkReference(ctx context.Context, diags *diag.Diagnostics, wanted reference) {
	wanted.names = slices.DeleteFunc(slices.Clone(wanted.names), func(name string) bool { return s.isPlanned(wanted.kind, name) })
	if !s.PlanChecks || len(wanted.names) == 0 {
		return
	}
	s.LookUp(ctx, "the "+wanted.kind+"s of "+wanted.attribute.String(), func(ctx context.Context) error {
		missing, existing, err := s.unresolved(ctx, wanted, false)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			diags.AddAttributeWarning(wanted.attribute, "No such "+wanted.kind, wanted.describeMissing(missing, existing)+
				" Otherwise the apply will refuse it.")
		}
		return nil
	})
}

// refuseMissing reports, before a write, names that do not exist. If they cannot be looked up, the write has to tell.
func (s scope) refuseMissing(ctx context.Context, diags *diag.Diagnostics, wanted reference) {
	if len(wanted.names) == 0 {
		return
	}
	missing, existing, err := s.unresolved(ctx, wanted, true)
	if err != nil {
		tf.LogSkippedCheck(ctx, "the "+wanted.kind+"s of "+wanted.attribute.String(), err)
		return
	}
	if len(missing) > 0 {
		diags.AddAttributeError(wanted.attribute, "No such "+wanted.kind, wanted.describeMissing(missing, existing))
	}
}

// describeMissing says what to do about names that nothing has.
func (r reference) describeMissing(missing, existing []string) string {
	var sentences []string
	for _, name := range missing {
		sentences = append(sentences, fmt.Sprintf("This environment has no %s %q.", r.kind, name)+tf.DidYouMean(name, existing))
	}
	if r.kind == "permission" {
		sentences = append(sentences, "The platform leaves out a permission that does not exist, without an error.")
	}
	return strings.Join(sentences, " ") + fmt.Sprintf("\n\nIf a resource of this configuration creates it, refer to that resource, as in "+
		"scalekit_%s.NAME.name, or name it in depends_on, so that it is created first.", r.kind)
}
