package platform

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// AssignRoles implements the RPC of that name: the mapping that is sent replaces the whole mapping of the directory [I],
// and one that is empty clears it. A group has one role.
func (s *directories) AssignRoles(
	_ context.Context, req *connect.Request[dirv1.AssignRolesRequest],
) (*connect.Response[dirv1.AssignRolesResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.AssignRolesResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		if err := s.assignRoles(directory, req.Msg.GetRoleAssignments().GetAssignments()); err != nil {
			return nil, err
		}
		return &dirv1.AssignRolesResponse{RoleAssignments: s.viewAssignments(directory)}, nil
	})
}

// assignRoles stores a directory's mapping. That a missing role and a missing group are NOT_FOUND, as missing objects
// are elsewhere, is inferred [I]. A role_id in the request is PREVIEW; it is role_name that counts [U].
func (s *directories) assignRoles(directory *dirv1.Directory, wanted []*dirv1.RoleAssignment) error {
	assignments := make([]*dirv1.RoleAssignment, 0, len(wanted))
	mapped := map[string]bool{}
	for i, assignment := range wanted {
		groupID, role := assignment.GetGroupId(), assignment.GetRoleName()
		if mapped[groupID] {
			// Which of the two would count is unknown [U].
			return apierr.InvalidField(fmt.Sprintf("role_assignments.assignments[%d].group_id", i), "repeated.unique",
				"group %q is there twice; a group has one role", groupID)
		}
		mapped[groupID] = true
		if s.groups.Parent(groupID) != directory.GetId() {
			return apierr.NotFound("directory group", groupID)
		}
		if !s.roles.exists(directory.GetOrganizationId(), role) {
			return apierr.NotFound("role", role)
		}
		assignments = append(assignments, &dirv1.RoleAssignment{GroupId: groupID, RoleName: role})
	}
	if s.quirks.AssignRolesMerges {
		for _, old := range directory.GetRoleAssignments().GetAssignments() {
			if !mapped[old.GetGroupId()] {
				assignments = append(assignments, old)
			}
		}
	}
	s.setAssignments(directory, assignments)
	return nil
}

// setAssignments keeps a mapping in the order of its groups' ids, which need not be the one it was sent in [U].
func (s *directories) setAssignments(directory *dirv1.Directory, assignments []*dirv1.RoleAssignment) {
	slices.SortFunc(assignments, func(a, b *dirv1.RoleAssignment) int { return cmp.Compare(a.GetGroupId(), b.GetGroupId()) })
	directory.RoleAssignments = &dirv1.RoleAssignments{Assignments: assignments}
	s.put(directory)
}

// viewAssignments is a directory's mapping with the ids of its roles. A directory without one shows an empty mapping [U].
func (s *directories) viewAssignments(directory *dirv1.Directory) *dirv1.RoleAssignments {
	view := &dirv1.RoleAssignments{}
	for _, assignment := range directory.GetRoleAssignments().GetAssignments() {
		id, _ := s.roles.lookup(directory.GetOrganizationId(), assignment.GetRoleName())
		view.Assignments = append(view.Assignments,
			&dirv1.RoleAssignment{GroupId: assignment.GetGroupId(), RoleName: assignment.GetRoleName(), RoleId: id})
	}
	return view
}

// assignsRole says whether a directory may mean that role by its name: one of its organization's, or, with no
// organization, one of the environment's.
func assignsRole(directory *dirv1.Directory, organizationID string) bool {
	return organizationID == "" || directory.GetOrganizationId() == organizationID
}

// countAssignments counts the groups that have a role. That a role which groups have cannot be deleted, as one that
// users have cannot, is inferred [I].
func (s *directories) countAssignments(organizationID, name string) int {
	count := 0
	for _, row := range s.rows.All() {
		if !assignsRole(row.Value, organizationID) {
			continue
		}
		for _, assignment := range row.Value.GetRoleAssignments().GetAssignments() {
			if assignment.GetRoleName() == name {
				count++
			}
		}
	}
	return count
}

// reassignRole gives the groups that have a role another one, or none if the other is "".
func (s *directories) reassignRole(organizationID, name, replacement string) {
	for _, row := range slices.Clone(s.rows.All()) {
		if !assignsRole(row.Value, organizationID) {
			continue
		}
		directory := proto.CloneOf(row.Value)
		changed := false
		for _, assignment := range directory.GetRoleAssignments().GetAssignments() {
			if assignment.GetRoleName() == name {
				assignment.RoleName, changed = replacement, true
			}
		}
		if changed {
			if replacement == "" {
				assignments := directory.GetRoleAssignments()
				assignments.Assignments = slices.DeleteFunc(assignments.GetAssignments(), func(assignment *dirv1.RoleAssignment) bool {
					return assignment.GetRoleName() == ""
				})
			}
			s.put(directory)
		}
	}
}
