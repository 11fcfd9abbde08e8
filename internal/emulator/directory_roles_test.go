package emulator_test

import (
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles/rolesconnect"
)

// assign replaces a directory's mapping by pairs of a group and a role.
func (d *directoryEnvironment) assign(t *testing.T, id string, pairs ...string) (*dirv1.RoleAssignments, error) {
	t.Helper()
	wanted := &dirv1.RoleAssignments{}
	for i := 0; i < len(pairs); i += 2 {
		wanted.Assignments = append(wanted.Assignments, &dirv1.RoleAssignment{GroupId: pairs[i], RoleName: pairs[i+1]})
	}
	reply, err := d.AssignRoles(t.Context(), connect.NewRequest(
		&dirv1.AssignRolesRequest{OrganizationId: d.org, Id: id, RoleAssignments: wanted}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetRoleAssignments(), nil
}

// wantMapping holds a mapping against pairs of a group and a role.
func wantMapping(t *testing.T, got *dirv1.RoleAssignments, pairs ...string) {
	t.Helper()
	var flat []string
	for _, assignment := range got.GetAssignments() {
		flat = append(flat, assignment.GetGroupId(), assignment.GetRoleName())
		if !strings.HasPrefix(assignment.GetRoleId(), "role_") {
			t.Errorf("role_id %q", assignment.GetRoleId())
		}
	}
	if strings.Join(flat, " ") != strings.Join(pairs, " ") {
		t.Errorf("mapping %q, want %q", flat, pairs)
	}
}

func (env *environment) roles() rolesconnect.RolesServiceClient {
	return rolesconnect.NewRolesServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token))
}

func TestAssignRoles(t *testing.T) {
	t.Parallel()
	for merge := range map[bool]bool{false: true, true: true} {
		d := startDirectories(t, emulator.Options{Quirks: emulator.Quirks{AssignRolesMerges: merge}})
		id := d.create(t).GetId()
		a, b, c := d.addGroup(t, id, "A"), d.addGroup(t, id, "B"), d.addGroup(t, id, "C")

		got, err := d.assign(t, id, b, "member", a, "admin")
		if err != nil {
			t.Fatal(err)
		}
		wantMapping(t, got, a, "admin", b, "member")
		if read := d.read(t, id).GetRoleAssignments(); !proto.Equal(read, got) {
			t.Errorf("read %v, want %v", read, got)
		}

		if got, err = d.assign(t, id, c, "member", a, "member"); err != nil {
			t.Fatal(err)
		}
		if merge {
			wantMapping(t, got, a, "member", b, "member", c, "member")
		} else {
			wantMapping(t, got, a, "member", c, "member")
		}
		before := d.read(t, id)
		if got, err = d.assign(t, id); err != nil || (len(got.GetAssignments()) == 0) == merge {
			t.Errorf("merge %t: none sent makes %v (%v)", merge, got, err)
		}
		if _, err := d.assign(t, id, a, "member", c, "member"); err != nil {
			t.Fatal(err)
		}
		if after := d.read(t, id); !proto.Equal(after, before) {
			t.Errorf("got  %v\nwant %v", after, before)
		}
	}
}

func TestAssignRolesRefused(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id, other := d.create(t).GetId(), d.create(t).GetId()
	group, foreign := d.addGroup(t, id, "A"), d.addGroup(t, other, "B")
	if _, err := d.assign(t, id, group, "member"); err != nil {
		t.Fatal(err)
	}
	for name, pairs := range map[string][]string{
		"missing group":  {"dirgroup_1", "admin"},
		"foreign group":  {foreign, "admin"},
		"missing role":   {group, "nobody"},
		"a second fails": {group, "admin", foreign, "admin"},
	} {
		_, err := d.assign(t, id, pairs...)
		t.Log(name)
		wantError(t, err, connect.CodeNotFound, "NOT_FOUND")
	}
	const field = "role_assignments.assignments[0]."
	_, err := d.assign(t, id, "", "admin")
	wantViolation(t, err, field+"group_id", "string.min_len")
	_, err = d.assign(t, id, strings.Repeat("g", 33), "admin")
	wantViolation(t, err, field+"group_id", "string.max_len")
	_, err = d.assign(t, id, group, "")
	wantViolation(t, err, field+"role_name", "required")
	_, err = d.assign(t, id, group, "no-such-name")
	wantViolation(t, err, field+"role_name", "string.pattern")
	_, err = d.assign(t, id, group, "admin", group, "admin")
	wantViolation(t, err, "role_assignments.assignments[1].group_id", "repeated.unique")
	wantMapping(t, d.read(t, id).GetRoleAssignments(), group, "member")
}

// An organization's own role can be assigned in that organization alone, and goes with what a deletion names instead.
func TestAssignedRoles(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id := d.create(t).GetId()
	group := d.addGroup(t, id, "A")
	roles := d.env.roles()
	if _, err := roles.CreateOrganizationRole(t.Context(), connect.NewRequest(&rolesv1.CreateOrganizationRoleRequest{
		OrgId: d.org, Role: &rolesv1.CreateOrganizationRole{Name: "auditor", DisplayName: "Auditor"},
	})); err != nil {
		t.Fatal(err)
	}
	if _, err := d.assign(t, id, group, "auditor"); err != nil {
		t.Fatal(err)
	}
	other := directoriesOf(d.env, d.env.create(t, "Other").GetId())
	elsewhere := other.create(t).GetId()
	_, err := other.assign(t, elsewhere, other.addGroup(t, elsewhere, "A"), "auditor")
	wantError(t, err, connect.CodeNotFound, "NOT_FOUND")

	remove := &rolesv1.DeleteOrganizationRoleRequest{OrgId: d.org, RoleName: "auditor"}
	_, err = roles.DeleteOrganizationRole(t.Context(), connect.NewRequest(remove))
	if err == nil || connect.CodeOf(err) == connect.CodeInternal {
		t.Errorf("deleting a role that a group has: %v", err)
	}
	wantMapping(t, d.read(t, id).GetRoleAssignments(), group, "auditor")
	remove.ReassignRoleName = new("member")
	if _, err := roles.DeleteOrganizationRole(t.Context(), connect.NewRequest(remove)); err != nil {
		t.Fatal(err)
	}
	wantMapping(t, d.read(t, id).GetRoleAssignments(), group, "member")
}

// Calls that run at once each leave a whole mapping, never a mixture; where calls merge, none is lost.
func TestAssignRolesAtOnce(t *testing.T) {
	t.Parallel()
	for merge := range map[bool]bool{false: true, true: true} {
		d := startDirectories(t, emulator.Options{Quirks: emulator.Quirks{AssignRolesMerges: merge}})
		id := d.create(t).GetId()
		const callers = 16
		var groups [callers]string
		for i := range groups {
			groups[i] = d.addGroup(t, id, "Group")
		}
		var wait sync.WaitGroup
		for i := range callers {
			wait.Go(func() {
				pairs := []string{groups[i], "admin"}
				if next := (i + 1) % callers; !merge {
					pairs = append(pairs, groups[next], "admin")
				}
				if _, err := d.assign(t, id, pairs...); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		want := 2
		if merge {
			want = callers
		}
		if got := d.read(t, id).GetRoleAssignments().GetAssignments(); len(got) != want {
			t.Errorf("merge %t: %d assignments, want %d", merge, len(got), want)
		}
	}
}
