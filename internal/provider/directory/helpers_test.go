package directory_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// The seed's objects.
const (
	orgID   = "org_11111111111111111"
	dirID   = "dir_11111111111111111"
	engID   = "dirgroup_11111111111111111"
	salesID = "dirgroup_11111111111111112"
	itID    = "dirgroup_11111111111111113"
)

// seed is an organization with a directory, groups and a user, the roles engineer and seller, and the organization's
// own role buyer.
func seed() *emulator.Seed {
	return &emulator.Seed{
		Roles: []emulator.SeedRole{{Name: "engineer"}, {Name: "seller"}},
		Organizations: []emulator.SeedOrganization{{
			ID: orgID, DisplayName: "Acme", ExternalID: "acme",
			Roles: []emulator.SeedRole{{Name: "buyer"}},
			Directories: []emulator.SeedDirectory{{
				ID: dirID, DirectoryProvider: "OKTA",
				Groups: []emulator.SeedDirectoryGroup{
					{ID: engID, DisplayName: "Engineering"}, {ID: salesID, DisplayName: "Sales"}, {ID: itID, DisplayName: "IT"},
				},
				Users: []emulator.SeedDirectoryUser{{Email: "ada@acme.example", Groups: []string{"Engineering"}}},
			}},
		}},
	}
}

func startSeeded(t *testing.T, quirks emulator.Quirks) *acctest.Env {
	t.Helper()
	return acctest.StartEmulator(t, emulator.Options{Seed: seed(), Quirks: quirks})
}

// attributes is a block's body with the seed's directory and further attributes.
func block(kind, name, attributes string) string {
	return fmt.Sprintf("resource %q %q {\n  organization_id = %q\n  directory_id = %q\n%s\n}\n", "scalekit_directory_"+kind, name, orgID, dirID, attributes)
}

// whole declares all role assignments of the seed's directory, from pairs such as engID, "engineer".
func whole(pairs ...string) string {
	body := ""
	for i := 0; i < len(pairs); i += 2 {
		body += fmt.Sprintf("    %q = %q\n", pairs[i], pairs[i+1])
	}
	return block("role_assignments", "all", "  role_by_group_id = {\n"+body+"  }")
}

// single declares the role of one group of the seed's directory.
func single(name, groupID, role string) string {
	return block("role_assignment", name, fmt.Sprintf("  group_id = %q\n  role_name = %q", groupID, role))
}

func expectAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// getDirectory reads the seed's directory behind Terraform's back.
func getDirectory(t *testing.T, env *acctest.Env) *directoriesv1.Directory {
	t.Helper()
	reply, err := env.Client().Directories.GetDirectory(t.Context(), connect.NewRequest(&directoriesv1.GetDirectoryRequest{
		OrganizationId: orgID, Id: dirID,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetDirectory()
}

// roles are the role assignments of the seed's directory.
func roles(t *testing.T, env *acctest.Env) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, assignment := range getDirectory(t, env).GetRoleAssignments().GetAssignments() {
		got[assignment.GetGroupId()] = assignment.GetRoleName()
	}
	return got
}

func mustHaveRoles(t *testing.T, env *acctest.Env, pairs ...string) {
	t.Helper()
	wanted := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		wanted[pairs[i]] = pairs[i+1]
	}
	if got := roles(t, env); !maps.Equal(got, wanted) {
		t.Errorf("the role assignments are %v, and should be %v", got, wanted)
	}
}

// assign replaces the role assignments of the seed's directory behind Terraform's back.
func assign(t *testing.T, env *acctest.Env, pairs ...string) {
	t.Helper()
	assignments := &directoriesv1.RoleAssignments{}
	for i := 0; i < len(pairs); i += 2 {
		assignments.Assignments = append(assignments.Assignments, &directoriesv1.RoleAssignment{GroupId: pairs[i], RoleName: pairs[i+1]})
	}
	if _, err := env.Client().Directories.AssignRoles(t.Context(), connect.NewRequest(&directoriesv1.AssignRolesRequest{
		OrganizationId: orgID, Id: dirID, RoleAssignments: assignments,
	})); err != nil {
		t.Fatal(err)
	}
}

// deleteDirectory deletes a directory behind Terraform's back.
func deleteDirectory(t *testing.T, env *acctest.Env, organizationID, id string) {
	t.Helper()
	directories := env.Client().Directories
	if _, err := directories.DisableDirectory(t.Context(), connect.NewRequest(&directoriesv1.ToggleDirectoryRequest{
		OrganizationId: organizationID, Id: id,
	})); err != nil {
		t.Fatal(err)
	}
	if _, err := directories.DeleteDirectory(t.Context(), connect.NewRequest(&directoriesv1.DeleteDirectoryRequest{
		OrganizationId: organizationID, Id: id,
	})); err != nil {
		t.Fatal(err)
	}
}

// deleteGroup deletes a group of the seed's directory as the identity provider does.
func deleteGroup(t *testing.T, env *acctest.Env, id string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, env.URL()+"/_emulator/directories/"+dirID+"/groups/"+id, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode >= http.StatusBadRequest {
		t.Fatal(reply.Status)
	}
}

// stateOf returns the attributes of the only resource of a type in a workspace's state, nil if there is none.
func stateOf(t *testing.T, workspace *acctest.Workspace, kind string) map[string]any {
	t.Helper()
	var state struct {
		Resources []struct {
			Type      string `json:"type"`
			Instances []struct {
				Attributes map[string]any `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal([]byte(workspace.State()), &state); err != nil {
		t.Fatal(err)
	}
	for _, one := range state.Resources {
		if one.Type == kind {
			return one.Instances[0].Attributes
		}
	}
	return nil
}

// mustFail applies and expects an error that has the texts.
func mustFail(t *testing.T, workspace *acctest.Workspace, texts ...string) string {
	t.Helper()
	output, err := workspace.Apply()
	if err == nil {
		t.Fatalf("the apply succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, texts...)
	return output
}

// mustFailPlan plans and expects an error that has the texts.
func mustFailPlan(t *testing.T, workspace *acctest.Workspace, texts ...string) {
	t.Helper()
	output, err := workspace.Run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan succeeds:\n%s", output)
	}
	acctest.MustContain(t, output, texts...)
}

func mustDestroy(t *testing.T, workspace *acctest.Workspace) string {
	t.Helper()
	output, err := workspace.Destroy()
	if err != nil {
		t.Fatalf("destroy: %v\n%s", err, output)
	}
	return output
}

// lacks fails the test if the CLI's output has a text.
func mustLack(t *testing.T, output, text string) {
	t.Helper()
	if strings.Contains(output, text) {
		t.Errorf("the output has %q:\n%s", text, output)
	}
}

// mustContainInPlan fails the test unless a plan succeeds and says all the texts.
func mustContainInPlan(t *testing.T, workspace *acctest.Workspace, texts ...string) {
	t.Helper()
	output, err := workspace.Run("plan", "-no-color", "-input=false")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, output)
	}
	acctest.MustContain(t, output, texts...)
}
