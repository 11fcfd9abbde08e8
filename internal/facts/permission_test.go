package facts_test

import (
	"context"

	"connectrpc.com/connect"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

var permissionFacts = []fact{
	{
		key:      "permission.name-taken",
		question: "How is the name of another permission refused?",
		assumed:  "refused as invalid_argument",
		mark:     contradictory,
		relies:   "The provider says that the permission exists, and how to import it.",
		probe: func(r *run) string {
			permission := r.permission("thing")
			_, err := try(r, r.client.Roles.CreatePermission, &rolesv1.CreatePermissionRequest{Permission: &rolesv1.CreatePermission{Name: permission.GetName()}})
			return outcome(err)
		},
	},
	{
		key:      "permission.rename",
		question: "What is the answer to an update that gives a permission another name?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "Another name replaces scalekit_permission.",
		probe: func(r *run) string {
			permission := r.permission("thing")
			other := r.name("other") + ":read"
			r.removePermission(other)
			reply, err := try(r, r.client.Roles.UpdatePermission, &rolesv1.UpdatePermissionRequest{
				PermissionName: permission.GetName(), Permission: &rolesv1.CreatePermission{Name: other},
			})
			if err != nil {
				return outcome(err)
			}
			return "accepted, and the name is " + yesNo(reply.GetPermission().GetName() == other, "the other", "the old one")
		},
	},
	{
		key:      "permission.description",
		question: "What does an update with an empty description do to a permission's description?",
		assumed:  "clears it",
		mark:     inferred,
		relies:   "scalekit_permission removes a description so.",
		probe: func(r *run) string {
			permission := r.permission("thing")
			reply := must(r, r.client.Roles.UpdatePermission, &rolesv1.UpdatePermissionRequest{
				PermissionName: permission.GetName(), Permission: &rolesv1.CreatePermission{Name: permission.GetName()},
			})
			return yesNo(reply.GetPermission().GetDescription() == "", "clears it", "nothing")
		},
	},
	{
		key:      "permission.delete-used",
		question: "What becomes of a role's permission that is deleted?",
		assumed:  "the role loses it",
		mark:     unknown,
		relies:   "A plan that destroys a permission says which roles have it.",
		probe: func(r *run) string {
			permission := r.permission("thing")
			role := r.role("reader", func(role *rolesv1.CreateRole) { role.Permissions = []string{"sk_org_users_read", permission.GetName()} })
			_, err := try(r, r.client.Roles.DeletePermission, &rolesv1.DeletePermissionRequest{PermissionName: permission.GetName()})
			if err != nil {
				return "the delete is " + outcome(err)
			}
			return yesNo(len(r.permissionsOf(role)) == 1, "the role loses it", "the role keeps it")
		},
		variants: []variant{{emulator.Quirks{KeepsUsedPermissions: true}, "the delete is refused as invalid_argument"}},
	},
	{
		key:      "permission.list-order",
		question: "In which order are permissions listed?",
		assumed:  "newest first",
		mark:     unknown,
		relies:   "Nothing depends on it: the data source keeps the platform's order.",
		probe: func(r *run) string {
			older, newer := r.permission("one"), r.permission("two")
			listed := scalekit.Pages(r.ctx, func(_ context.Context, token string) (*connect.Response[rolesv1.ListPermissionsResponse], error) {
				return connect.NewResponse(must(r, r.client.Roles.ListPermissions, &rolesv1.ListPermissionsRequest{
					PageSize: new(uint32(100)), PageToken: &token, Type: rolesv1.PermissionType_ENVIRONMENT,
				})), nil
			}, (*rolesv1.ListPermissionsResponse).GetPermissions)
			var ids []string
			for permission, err := range listed {
				if err != nil {
					giveUp("%v", err)
				}
				ids = append(ids, permission.GetId())
			}
			return order(ids, older.GetId(), newer.GetId())
		},
	},
}

// permission makes a permission of the environment with a name of the test's own.
func (r *run) permission(base string) *rolesv1.Permission {
	name := r.name(base) + ":read"
	permission := must(r, r.client.Roles.CreatePermission, &rolesv1.CreatePermissionRequest{
		Permission: &rolesv1.CreatePermission{Name: name, Description: "Fact"},
	}).GetPermission()
	r.removePermission(name)
	return permission
}

func (r *run) removePermission(name string) {
	r.later(func(ctx context.Context) {
		_, _ = r.client.Roles.DeletePermission(ctx, connect.NewRequest(&rolesv1.DeletePermissionRequest{PermissionName: name}))
	})
}
