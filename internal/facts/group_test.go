package facts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var groupFacts = []fact{
	{
		key:      "group-roles.assign",
		question: "What does an assignment of roles to groups do to the groups that it does not name?",
		assumed:  "they lose their roles",
		mark:     inferred,
		relies:   "scalekit_directory_role_assignments and its singular send the whole mapping, and say so when an entry stays.",
		probe: func(r *run) string {
			directory, groups := r.groups("Engineering", "Sales")
			r.mustAssign(directory, groups[0], "member", groups[1], "member")
			r.mustAssign(directory, groups[0], "admin")
			return yesNo(len(r.read(directory).GetRoleAssignments().GetAssignments()) == 1, "they lose their roles", "they keep their roles")
		},
		variants: []variant{{emulator.Quirks{AssignRolesMerges: true}, "they keep their roles"}},
	},
	{
		key:      "group-roles.missing-role",
		question: "What is the answer to the assignment of a role that does not exist?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "The plan looks for the role beforehand.",
		probe: func(r *run) string {
			directory, groups := r.groups("Engineering")
			return outcome(r.assign(directory, groups[0], r.name("no_such_role")))
		},
	},
	{
		key:      "group-roles.missing-group",
		question: "What is the answer to the assignment of a role to a group that does not exist?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "The plan looks for the group beforehand.",
		probe: func(r *run) string {
			return outcome(r.assign(r.directory(), "dirgroup_100000000000000009", "member"))
		},
	},
	{
		key:      "group-roles.two-roles",
		question: "What is the answer to the assignment of two roles to one group?",
		assumed:  "refused as invalid_argument",
		mark:     unknown,
		relies:   "The resources take one role for each group.",
		probe: func(r *run) string {
			directory, groups := r.groups("Engineering")
			return outcome(r.assign(directory, groups[0], "member", groups[0], "admin"))
		},
	},
	{
		key:      "group-roles.delete-role",
		question: "What is the answer to the delete of a role that a group has?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "The resources of roles work with both: where it is refused, the role is taken from the groups first.",
		probe: func(r *run) string {
			role := r.role("mapped")
			directory, groups := r.groups("Engineering")
			r.mustAssign(directory, groups[0], role.GetName())
			// The role can be removed once the organization is gone.
			_, err := try(r, r.client.Roles.DeleteRole, &rolesv1.DeleteRoleRequest{RoleName: role.GetName()})
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{MappingsKeepNoRoles: true}, "accepted"}},
	},
	{
		key:      "groups.same-name",
		question: "May two groups of a directory have one name?",
		assumed:  "yes",
		mark:     unknown,
		relies:   "scalekit_directory_groups leaves such a name out of ids_by_name, with a warning.",
		probe: func(r *run) string {
			directory := r.directory()
			_, err := r.addGroup(directory, "Engineering")
			if err != nil {
				giveUp("the directory takes no group: %s", r.redact(err.Error()))
			}
			_, err = r.addGroup(directory, "Engineering")
			return yesNo(err == nil, "yes", "no")
		},
	},
	{
		key:      "groups.list-order",
		question: "In which order are the groups of a directory listed?",
		assumed:  "newest first",
		mark:     unknown,
		relies:   "Nothing depends on it: the data source keeps the platform's order.",
		probe: func(r *run) string {
			directory, groups := r.groups("Engineering", "Sales")
			return order(r.listedGroups(directory), groups[0], groups[1])
		},
	},
}

// groups makes a directory with groups of these names, and returns their ids.
func (r *run) groups(names ...string) (*directoriesv1.Directory, []string) {
	directory := r.directory()
	var made []string
	for _, name := range names {
		id, err := r.addGroup(directory, name)
		if err != nil {
			giveUp("the directory takes no group: %s", r.redact(err.Error()))
		}
		made = append(made, id)
	}
	return directory, made
}

// addGroup creates a group as an identity provider does, by SCIM, and returns its id on the platform. The emulator has
// its own way.
func (r *run) addGroup(directory *directoriesv1.Directory, name string) (string, error) {
	before := r.listedGroups(directory)
	send := r.sendGroup
	if r.env.Emulator != nil {
		send = r.seedGroup
	}
	if err := send(directory, name); err != nil {
		return "", err
	}
	for _, id := range r.listedGroups(directory) {
		if !slices.Contains(before, id) {
			return id, nil
		}
	}
	giveUp("a group that the directory has taken is not listed")
	return "", nil
}

func (r *run) seedGroup(directory *directoriesv1.Directory, name string) error {
	return r.post(r.env.URL()+"/_emulator/directories/"+directory.GetId()+"/groups", "", map[string]any{"display_name": name})
}

func (r *run) sendGroup(directory *directoriesv1.Directory, name string) error {
	return r.post(directory.GetDirectoryEndpoint()+"/Groups", r.createSecret(directory).GetPlainSecret(), map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": name, "members": []any{},
	})
}

func (r *run) listedGroups(directory *directoriesv1.Directory) []string {
	var listed []string
	for _, group := range must(r, r.client.Directories.ListDirectoryGroups, &directoriesv1.ListDirectoryGroupsRequest{
		OrganizationId: directory.GetOrganizationId(), DirectoryId: directory.GetId(), PageSize: 30,
	}).GetGroups() {
		listed = append(listed, group.GetId())
	}
	return listed
}

// post sends JSON, with a bearer token if it is given one.
func (r *run) post(url, token string, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(r.ctx, http.MethodPost, url, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Content-Type", "application/scim+json")
		request.Header.Set("Authorization", "Bearer "+token)
	}
	reply, err := r.httpClient().Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode < http.StatusBadRequest {
		return nil
	}
	content, _ := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	text := string(content)
	if token != "" {
		text = strings.ReplaceAll(text, token, "SECRET")
	}
	return fmt.Errorf("%s: %s", reply.Status, text)
}

// assign gives groups roles, from pairs of a group's id and a role's name.
func (r *run) assign(directory *directoriesv1.Directory, pairs ...string) error {
	assignments := &directoriesv1.RoleAssignments{}
	for pair := range slices.Chunk(pairs, 2) {
		assignments.Assignments = append(assignments.Assignments, &directoriesv1.RoleAssignment{GroupId: pair[0], RoleName: pair[1]})
	}
	_, err := try(r, r.client.Directories.AssignRoles, &directoriesv1.AssignRolesRequest{
		OrganizationId: directory.GetOrganizationId(), Id: directory.GetId(), RoleAssignments: assignments,
	})
	return err
}

func (r *run) mustAssign(directory *directoriesv1.Directory, pairs ...string) {
	if err := r.assign(directory, pairs...); err != nil {
		giveUp("an assignment of roles is refused: %s", r.redact(err.Error()))
	}
}

// role makes a role of the environment with a name of the test's own.
func (r *run) role(base string, edit ...func(*rolesv1.CreateRole)) *rolesv1.Role {
	wanted := &rolesv1.CreateRole{Name: r.name(base), DisplayName: "Fact"}
	for _, change := range edit {
		change(wanted)
	}
	role := must(r, r.client.Roles.CreateRole, &rolesv1.CreateRoleRequest{Role: wanted}).GetRole()
	r.later(func(ctx context.Context) {
		_, _ = r.client.Roles.DeleteRole(ctx, connect.NewRequest(&rolesv1.DeleteRoleRequest{RoleName: role.GetName()}))
	})
	return role
}

// A real directory is sent its groups by SCIM, which the emulator does not speak; so a server stands before it here.
func TestGroupsAreSentBySCIM(t *testing.T) {
	t.Parallel()
	r := newRun(t, acctest.StartEmulator(t, emulator.Options{}))
	defer r.cleanUp()
	directory := r.directory()
	refuse := false
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if refuse {
			http.Error(w, "no such token: "+request.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		var group struct {
			Schemas     []string `json:"schemas"`
			DisplayName string   `json:"displayName"`
		}
		err := json.NewDecoder(request.Body).Decode(&group)
		if err != nil || request.Method != http.MethodPost || request.URL.Path != "/scim/v2/Groups" || len(group.Schemas) != 1 ||
			request.Header.Get("Content-Type") != "application/scim+json" || len(request.Header.Get("Authorization")) != len("Bearer ")+64 {
			t.Errorf("%s %s %v: %v (%v)", request.Method, request.URL, request.Header, group, err)
		}
		if err := r.seedGroup(directory, group.DisplayName); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusCreated)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	directory.DirectoryEndpoint = server.URL + "/scim/v2"
	if err := r.sendGroup(directory, "Engineering"); err != nil {
		t.Error(err)
	}
	if listed := r.listedGroups(directory); len(listed) != 1 {
		t.Errorf("the directory has the groups %v, and should have one", listed)
	}
	refuse = true
	if err := r.sendGroup(directory, "Sales"); err == nil || err.Error() != "401 Unauthorized: no such token: Bearer SECRET\n" {
		t.Errorf("the error is %v", err)
	}
}
