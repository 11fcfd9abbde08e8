package role_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

const billing = "scalekit_permission.billing"

func permissionConfig(env *acctest.Env, name, attributes string) string {
	return env.Config(fmt.Sprintf("resource \"scalekit_permission\" \"billing\" {\nname = %q\n%s\n}\n", name, attributes))
}

func TestPermission(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	billingRead := name(env, "billing:read")
	update := expectAction(billing, plancheck.ResourceActionUpdate)
	byName := resource.TestStep{ResourceName: billing, ImportState: true, ImportStateVerify: true, ImportStateId: billingRead}
	client := env.Client().Roles

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           permissionConfig(env, billingRead, ""),
				ConfigPlanChecks: expectAction(billing, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect(billing, "id", knownvalue.StringRegexp(regexp.MustCompile(`^perm_\d+$`))),
					expect(billing, "description", knownvalue.Null()),
					expect(billing, "is_scalekit_permission", knownvalue.Bool(false)),
				},
			},
			byName,
			{
				Config:            permissionConfig(env, billingRead, `description = "See invoices"`),
				ConfigPlanChecks:  update,
				ConfigStateChecks: []statecheck.StateCheck{expect(billing, "description", knownvalue.StringExact("See invoices"))},
			},
			byName,
			{
				PreConfig: func() {
					_, err := client.UpdatePermission(context.Background(), connect.NewRequest(&rolesv1.UpdatePermissionRequest{
						PermissionName: billingRead, Permission: &rolesv1.CreatePermission{Name: billingRead, Description: "Changed elsewhere"},
					}))
					if err != nil {
						t.Fatal(err)
					}
				},
				Config:           permissionConfig(env, billingRead, `description = "See invoices"`),
				ConfigPlanChecks: update,
			},
			{ // cleared
				Config:            permissionConfig(env, billingRead, ""),
				ConfigPlanChecks:  update,
				ConfigStateChecks: []statecheck.StateCheck{expect(billing, "description", knownvalue.Null())},
			},
			{
				Config:           permissionConfig(env, name(env, "billing:write"), ""),
				ConfigPlanChecks: expectAction(billing, plancheck.ResourceActionReplace),
			},
			{
				PreConfig: func() {
					_, err := client.DeletePermission(context.Background(), connect.NewRequest(&rolesv1.DeletePermissionRequest{
						PermissionName: name(env, "billing:write"),
					}))
					if err != nil {
						t.Fatal(err)
					}
				},
				Config:           permissionConfig(env, name(env, "billing:write"), ""),
				ConfigPlanChecks: expectAction(billing, plancheck.ResourceActionCreate),
			},
			{ResourceName: billing, ImportState: true, ImportStateId: "a b", ExpectError: acctest.Words(`"a b" is not a permission's name`)},
			{ResourceName: billing, ImportState: true, ImportStateId: "nobody", ExpectError: acctest.Words(`Cannot import non-existent remote object`)},
			{Config: permissionConfig(env, "a-b", ""), PlanOnly: true, ExpectError: acctest.Words("must be 1 to 64 letters, digits, underscores and colons")},
			{Config: permissionConfig(env, billingRead, `description = ""`), PlanOnly: true, ExpectError: acctest.Words("must be between 1 and 2000")},
			{Config: permissionConfig(env, "sk_org_users_read", ""), PlanOnly: true, ExpectError: acctest.Words("Scalekit's built-in permission")},
		},
	})
}

func TestPermissionReplace(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	workspace := env.Workspace(t)
	workspace.Write(fmt.Sprintf("resource \"scalekit_permission\" \"billing\" {\nname = %q\n}", name(env, "billing:read")))
	workspace.MustApply()
	if output, err := workspace.Run("apply", "-auto-approve", "-no-color", "-replace="+billing); err != nil {
		t.Fatalf("replace: %v\n%s", err, output)
	}
	if output, err := workspace.Run("taint", billing); err != nil {
		t.Fatalf("taint: %v\n%s", err, output)
	}
	mustFail(t, workspace, []string{"plan"}, "The key is taken", "terraform untaint scalekit_permission.NAME")
	if output, err := workspace.Run("destroy", "-auto-approve", "-refresh=false", "-no-color"); err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
}
