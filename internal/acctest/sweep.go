package acctest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// leftover is an object of a test that its destroy did not remove.
type leftover struct {
	what   string
	remove func(context.Context) error
}

// sweep removes what the test has left in an environment that outlives it. A test that passes leaves nothing.
func (e *Env) sweep(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	left, err := e.leftovers(ctx)
	if err != nil {
		t.Errorf("It cannot be told whether the test leaves anything behind; such objects have names with %q: %v", e.unique, err)
		return
	}
	for _, one := range left {
		t.Errorf("The test leaves %s behind; it is removed now", one.what)
	}
	if len(left) > 0 {
		for _, problem := range e.removeLeftovers(ctx) {
			t.Error(problem)
		}
	}
}

// removeLeftovers removes the test's objects and returns what it could not remove.
func (e *Env) removeLeftovers(ctx context.Context) (problems []string) {
	// A role that another one extends goes after it, and a permission may go after the roles that have it.
	const rounds = 3
	for range rounds {
		left, err := e.leftovers(ctx)
		if err != nil {
			return []string{fmt.Sprintf("Could not look for objects with %q in their names: %v", e.unique, err)}
		}
		problems = nil
		for _, one := range left {
			if err := one.remove(ctx); err != nil && !scalekit.IsNotFound(err) {
				problems = append(problems, fmt.Sprintf("Could not remove %s; remove it by hand: %v", one.what, err))
			}
		}
		if problems == nil {
			break
		}
	}
	return problems
}

// leftovers are the test's objects: organizations, with all that belongs to them, roles, permissions and endpoints.
func (e *Env) leftovers(ctx context.Context) ([]leftover, error) {
	client := e.Client()
	var left []leftover
	for org, err := range client.AllOrganizations(ctx) {
		if err != nil {
			return nil, err
		}
		if e.Owns(org.GetDisplayName()) || e.Owns(org.GetExternalId()) {
			left = append(left, leftover{fmt.Sprintf("organization %s (%s)", org.GetId(), org.GetDisplayName()), func(ctx context.Context) error {
				_, err := client.Organizations.DeleteOrganization(ctx, connect.NewRequest(&organizationsv1.DeleteOrganizationRequest{
					Identities: &organizationsv1.DeleteOrganizationRequest_Id{Id: org.GetId()},
				}))
				return err
			}})
		}
	}
	roles, err := client.Roles.ListRoles(ctx, connect.NewRequest(&rolesv1.ListRolesRequest{}))
	if err != nil {
		return nil, err
	}
	for _, role := range roles.Msg.GetRoles() {
		if !role.GetIsOrgRole() && e.Owns(role.GetName()) {
			left = append(left, leftover{"role " + role.GetName(), func(ctx context.Context) error {
				_, err := client.Roles.DeleteRole(ctx, connect.NewRequest(&rolesv1.DeleteRoleRequest{RoleName: role.GetName()}))
				return err
			}})
		}
	}
	permissions := scalekit.Pages(ctx, func(ctx context.Context, token string) (*connect.Response[rolesv1.ListPermissionsResponse], error) {
		return client.Roles.ListPermissions(ctx, connect.NewRequest(&rolesv1.ListPermissionsRequest{
			PageSize: new(uint32(100)), PageToken: &token, Type: rolesv1.PermissionType_ENVIRONMENT,
		}))
	}, (*rolesv1.ListPermissionsResponse).GetPermissions)
	for permission, err := range permissions {
		if err != nil {
			return nil, err
		}
		if e.Owns(permission.GetName()) {
			left = append(left, leftover{"permission " + permission.GetName(), func(ctx context.Context) error {
				_, err := client.Roles.DeletePermission(ctx, connect.NewRequest(&rolesv1.DeletePermissionRequest{PermissionName: permission.GetName()}))
				return err
			}})
		}
	}
	portal := e.Webhooks()
	for endpoint, err := range portal.List(ctx) {
		if err != nil {
			// An environment need not have webhooks; where it has none, the tests of endpoints fail by themselves.
			return left, nil
		}
		if e.Owns(endpoint.URL) {
			left = append(left, leftover{fmt.Sprintf("webhook endpoint %s (%s)", endpoint.ID, endpoint.URL), func(ctx context.Context) error {
				return portal.Delete(ctx, endpoint.ID)
			}})
		}
	}
	return left, nil
}
