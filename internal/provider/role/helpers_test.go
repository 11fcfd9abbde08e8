package role_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

func expectAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func expect(address, attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
}

func set(names ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, name := range names {
		checks = append(checks, knownvalue.StringExact(name))
	}
	return knownvalue.SetExact(checks)
}

// name makes a name of a role or a permission unique: no hyphens are allowed in it.
func name(env *acctest.Env, base string) string {
	unique := env.Name("")
	if unique == "" {
		return base
	}
	return base + "_" + unique[1:]
}

// getRole reads a role behind Terraform's back.
func getRole(t *testing.T, env *acctest.Env, name string) *rolesv1.Role {
	t.Helper()
	reply, err := env.Client().Roles.GetRole(context.Background(), connect.NewRequest(&rolesv1.GetRoleRequest{
		RoleName: name, Include: new("permissions"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetRole()
}

func mustHavePermissions(t *testing.T, env *acctest.Env, role string, want ...string) {
	t.Helper()
	var got []string
	for _, permission := range getRole(t, env, role).GetPermissions() {
		got = append(got, permission.GetName())
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("role %s has the permissions %v, and should have %v", role, got, want)
	}
}

// changeRole updates a role behind Terraform's back.
func changeRole(t *testing.T, env *acctest.Env, name string, change *rolesv1.UpdateRole) {
	t.Helper()
	_, err := env.Client().Roles.UpdateRole(context.Background(), connect.NewRequest(&rolesv1.UpdateRoleRequest{RoleName: name, Role: change}))
	if err != nil {
		t.Fatal(err)
	}
}

// deleteRole deletes a role behind Terraform's back.
func deleteRole(t *testing.T, env *acctest.Env, name string) {
	t.Helper()
	_, err := env.Client().Roles.DeleteRole(context.Background(), connect.NewRequest(&rolesv1.DeleteRoleRequest{RoleName: name}))
	if err != nil {
		t.Fatal(err)
	}
}

// defaults are the names of the environment's default roles.
func defaults(t *testing.T, env *acctest.Env) (creator, member string) {
	t.Helper()
	reply, err := env.Client().Roles.ListRoles(context.Background(), connect.NewRequest(&rolesv1.ListRolesRequest{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range reply.Msg.GetRoles() {
		if role.GetDefaultCreator() && !role.GetIsOrgRole() {
			creator = role.GetName()
		}
		if role.GetDefaultMember() && !role.GetIsOrgRole() {
			member = role.GetName()
		}
	}
	return creator, member
}

// expectDefaults is a check of a test step.
func expectDefaults(t *testing.T, env *acctest.Env, wantCreator, wantMember string) resource.TestCheckFunc {
	t.Helper()
	return func(*acctest.State) error {
		if creator, member := defaults(t, env); creator != wantCreator || member != wantMember {
			return fmt.Errorf("the defaults are %s and %s, and should be %s and %s", creator, member, wantCreator, wantMember)
		}
		return nil
	}
}

// organizationIDs are the ids of the test's organizations.
func organizationIDs(t *testing.T, env *acctest.Env) []string {
	t.Helper()
	var ids []string
	for organization, err := range env.Client().AllOrganizations(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if env.Owns(organization.GetDisplayName()) {
			ids = append(ids, organization.GetId())
		}
	}
	return ids
}

// deleteOrganization deletes an organization behind Terraform's back.
func deleteOrganization(t *testing.T, env *acctest.Env, id string) {
	t.Helper()
	_, err := env.Client().Organizations.DeleteOrganization(context.Background(), connect.NewRequest(&organizationsv1.DeleteOrganizationRequest{
		Identities: &organizationsv1.DeleteOrganizationRequest_Id{Id: id},
	}))
	if err != nil {
		t.Fatal(err)
	}
}
