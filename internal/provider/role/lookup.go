package role

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const (
	// pageSize is how many permissions a list reads at once, the most that the API documents.
	pageSize = 100

	// planTime is how long a plan waits for a permission or role to be planned by a resource that is not referred to, and
	// that Terraform therefore plans in no order. The plan would fail otherwise, so it is worth a moment.
	planTime = 3 * time.Second
)

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

// unresolved returns the names that do not exist, and those that do for comparison. While a run lasts, a permission that
// was found is not looked for again.
func (s scope) unresolved(ctx context.Context, wanted reference) (missing, existing []string, err error) {
	if wanted.kind == "role" {
		if len(wanted.names) == 0 {
			return nil, nil, nil
		}
		roles, err := s.list(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, role := range roles {
			existing = append(existing, role.GetName())
		}
		return without(wanted.names, existing), existing, nil
	}
	defer s.Run.Lock(run.InEnvironment(run.Permission, ""))() // one list is enough for all resources that wait for it
	missing = slices.DeleteFunc(slices.Clone(wanted.names), func(name string) bool { return s.Run.Found(run.InEnvironment(run.Permission, name)) })
	if len(missing) == 0 {
		return nil, nil, nil
	}
	for permission, err := range listPermissions(ctx, s.Client, rolesv1.PermissionType_ALL) {
		if err != nil {
			return nil, nil, err
		}
		existing = append(existing, permission.GetName())
		s.Run.Find(run.InEnvironment(run.Permission, permission.GetName()))
	}
	return without(missing, existing), existing, nil
}

// isPlanned reports whether this run plans to create what is missing.
func (s scope) isPlanned(kind, name string) bool {
	if kind == "permission" {
		return s.Run.Plans(run.InEnvironment(run.Permission, name))
	}
	return s.Run.Plans(run.InEnvironment(run.Role, name)) || s.Run.Plans(s.object(name))
}

// checkReference reports, when a plan is made, names that neither exist nor are planned. A failed look-up fails no plan.
func (s scope) checkReference(ctx context.Context, diags *diag.Diagnostics, wanted reference) {
	unplanned := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return s.isPlanned(wanted.kind, name) })
	}
	wanted.names = unplanned(wanted.names)
	if !s.PlanChecks || len(wanted.names) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	missing, existing, err := s.unresolved(ctx, wanted)
	if err != nil {
		tf.LogSkippedCheck(ctx, "the "+wanted.kind+"s of "+wanted.attribute.String(), err)
		return
	}
	for deadline := time.Now().Add(planTime); len(unplanned(missing)) > 0 && time.Now().Before(deadline); {
		if !sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
	for _, name := range unplanned(missing) {
		addMissingError(diags, wanted, name, existing)
	}
}

// await waits, before a write, for permissions and roles that other resources of the run still have to make, and reports
// what does not exist in the end. If it cannot be looked up, the write has to tell.
func (s scope) await(ctx context.Context, diags *diag.Diagnostics, wanted reference) {
	for started, wait := time.Now(), 100*time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		missing, existing, err := s.unresolved(ctx, wanted)
		if err != nil {
			tf.LogSkippedCheck(ctx, "the "+wanted.kind+"s of "+wanted.attribute.String(), err)
			return
		}
		limit := settleTime
		if slices.ContainsFunc(missing, func(name string) bool { return !s.isPlanned(wanted.kind, name) }) {
			limit = min(planTime, settleTime)
		}
		if len(missing) > 0 && time.Since(started) < limit && sleep(ctx, wait) {
			continue
		}
		for _, name := range missing {
			addMissingError(diags, wanted, name, existing)
		}
		return
	}
}

// addMissingError reports a name that nothing has.
func addMissingError(diags *diag.Diagnostics, wanted reference, name string, existing []string) {
	detail := fmt.Sprintf("This environment has no %s %q.", wanted.kind, name) + tf.DidYouMean(name, existing)
	if wanted.kind == "permission" {
		detail += " The platform would leave it out without an error."
	}
	detail += fmt.Sprintf("\n\nIf a resource of this configuration creates it, refer to that resource, as in scalekit_%s.NAME.name, or "+
		"name it in depends_on, so that it is created first.", wanted.kind)
	diags.AddAttributeError(wanted.attribute, "No such "+wanted.kind, detail)
}
