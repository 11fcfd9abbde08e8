package role_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

const auditor = "scalekit_organization_role.auditor"

func organizationRoleConfig(env *acctest.Env, attributes string) string {
	return env.Config(fmt.Sprintf(`
resource "scalekit_organization" "globex" {
  display_name = %q
}
resource "scalekit_organization_role" "auditor" {
  organization_id = scalekit_organization.globex.id
  name            = %q
  %s
}
`, env.Name("Globex"), name(env, "auditor"), attributes))
}

// auditorID is its import id.
func auditorID(state *acctest.State) (string, error) {
	attributes := state.RootModule().Resources[auditor].Primary.Attributes
	return attributes["organization_id"] + "/" + attributes["name"], nil
}

func TestOrganizationRole(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	update := expectAction(auditor, plancheck.ResourceActionUpdate)
	byID := resource.TestStep{
		ResourceName: auditor, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: auditorID,
		ImportStateVerifyIgnore: []string{"reassign_role_name"},
	}

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Providers,
		Steps: []resource.TestStep{
			{
				Config:           organizationRoleConfig(env, `display_name = "Auditor"`),
				ConfigPlanChecks: expectAction(auditor, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect(auditor, "id", knownvalue.StringRegexp(regexp.MustCompile(`^role_\d+$`))),
					expect(auditor, "permissions", set()),
				},
			},
			byID,
			{
				Config: organizationRoleConfig(env, `
  display_name       = "Internal auditor"
  description        = "Looks at everything"
  extends            = "member"
  permissions        = ["sk_org_sso_read", "sk_org_scim_read"]
  reassign_role_name = "member"`),
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{
					expect(auditor, "display_name", knownvalue.StringExact("Internal auditor")),
					expect(auditor, "description", knownvalue.StringExact("Looks at everything")),
					expect(auditor, "extends", knownvalue.StringExact("member")),
					expect(auditor, "permissions", set("sk_org_scim_read", "sk_org_sso_read")),
				},
			},
			byID,
			{
				Config: organizationRoleConfig(env, `
  display_name = "Internal auditor"
  description  = "Looks at everything"
  permissions  = ["sk_org_scim_read"]`),
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{
					expect(auditor, "extends", knownvalue.Null()),
					expect(auditor, "permissions", set("sk_org_scim_read")),
				},
			},
			{
				Config: organizationRoleConfig(env, `
  display_name = "Internal auditor"
  description  = "Looks at everything"
  permissions  = []`),
				PlanOnly:    true,
				ExpectError: acctest.Words("The last permission of an organization's role cannot be taken"),
			},
			{
				Config: organizationRoleConfig(env, `
  display_name = "Internal auditor"`),
				PlanOnly: true, // what is left out stays
			},
			{ // gone, and its organization with it
				PreConfig: func() { deleteOrganizations(t, env) },
				Config: organizationRoleConfig(env, `
  display_name = "Internal auditor"`),
				ConfigPlanChecks: expectAction(auditor, plancheck.ResourceActionCreate),
			},
			{ResourceName: auditor, ImportState: true, ImportStateId: "member", ExpectError: regexp.MustCompile(`is not an organization's id and a role's`)},
			{ResourceName: auditor, ImportState: true, ImportStateId: "org_1/a-b", ExpectError: regexp.MustCompile(`is not an organization's id and a role's`)},
			{ResourceName: auditor, ImportState: true, ImportStateId: "org_1/nobody", ExpectError: regexp.MustCompile(`Cannot import non-existent remote object`)},
		},
	})
}

// Organizations may have roles of one name, but none of the environment's, whether or not the calls for organizations
// find those.
func TestOrganizationRoleOfEnvironmentsName(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]emulator.Quirks{
		"not found": {}, "found": {OrganizationHasEnvironmentRoles: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Quirks: quirks, Seed: &emulator.Seed{
				Organizations: []emulator.SeedOrganization{{ID: "org_1", DisplayName: "Globex"}},
			}})
			workspace := env.Workspace(t)
			workspace.Write(`
resource "scalekit_organization_role" "member" {
  organization_id = "org_1"
  name            = "member"
  display_name    = "Member"
}`)
			output, err := workspace.Apply()
			if err == nil {
				t.Fatalf("the apply succeeds:\n%s", output)
			}
			acctest.MustContain(t, output, "member")
			workspace.Write(`
import {
  to = scalekit_organization_role.member
  id = "org_1/member"
}
resource "scalekit_organization_role" "member" {
  organization_id = "org_1"
  name            = "member"
  display_name    = "Member"
}`)
			output, err = workspace.Run("plan", "-no-color")
			if err == nil {
				t.Fatalf("the environment's role was imported as the organization's:\n%s", output)
			}
			acctest.MustContain(t, output, "Cannot import non-existent remote object")
		})
	}
}

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{
		Permissions: []emulator.SeedPermission{{Name: "billing:read", Description: "See invoices"}},
		Roles:       []emulator.SeedRole{{Name: "engineer", DisplayName: "Engineer"}},
		Organizations: []emulator.SeedOrganization{{
			ID: "org_1", DisplayName: "Globex", Roles: []emulator.SeedRole{{Name: "auditor", DisplayName: "Auditor", DefaultMember: true}},
		}},
	}})
	driver := protocol.Start(t, env)
	for _, one := range []struct {
		resourceType    string
		identity, state map[string]string
	}{
		{"scalekit_role", map[string]string{"name": "engineer"}, map[string]string{"display_name": "Engineer"}},
		{"scalekit_organization_role", map[string]string{"organization_id": "org_1", "name": "auditor"}, map[string]string{"display_name": "Auditor"}},
		{"scalekit_permission", map[string]string{"name": "billing:read"}, map[string]string{"description": "See invoices"}},
		{"scalekit_default_roles", map[string]string{"id": "default"}, map[string]string{"default_creator_role": "admin", "default_member_role": "member"}},
		{"scalekit_organization_default_role", map[string]string{"organization_id": "org_1"}, map[string]string{"default_member_role": "auditor"}},
	} {
		state, identity := driver.ImportByIdentity(one.resourceType, one.identity)
		for attribute, want := range one.state {
			if state[attribute] != want {
				t.Errorf("%s: imported with the state %v", one.resourceType, state)
			}
		}
		if !maps.Equal(identity, one.identity) {
			t.Errorf("%s: imported with the identity %v", one.resourceType, identity)
		}
	}
}

// deleteOrganizations deletes the organizations of the test behind Terraform's back.
func deleteOrganizations(t *testing.T, env *acctest.Env) {
	t.Helper()
	for _, id := range organizationIDs(t, env) {
		deleteOrganization(t, env, id)
	}
}

// defaultMember is the role that new members of an organization get.
func defaultMember(t *testing.T, env *acctest.Env, organizationID string) string {
	t.Helper()
	reply, err := env.Client().Roles.ListOrganizationRoles(context.Background(), connect.NewRequest(&rolesv1.ListOrganizationRolesRequest{OrgId: organizationID}))
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range reply.Msg.GetRoles() {
		if role.GetDefaultMember() {
			return role.GetName()
		}
	}
	return ""
}
