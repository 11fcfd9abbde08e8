package role

import (
	"context"
	"slices"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/sync/errgroup"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// sweepers is how many organizations a sweep looks at at the same time.
const sweepers = 8

// mapped is a directory's mapping as a sweep has found it: the names of roles by the ids of groups.
type mapped struct {
	organizationID, id string
	roleByGroup        map[string]string
}

// having returns the ids of the groups that have a role, sorted.
func (m mapped) having(role string) []string {
	var groups []string
	for groupID, name := range m.roleByGroup {
		if name == role {
			groups = append(groups, groupID)
		}
	}
	slices.Sort(groups)
	return groups
}

// found is what a sweep has found, and when it began.
type found[T any] struct {
	began time.Time
	items []T
}

// sweep looks at the organizations in which a role of the scope can be used. Roles that need one at the same time share
// it: any sweep will do that began at or after since.
func sweep[T any](
	ctx context.Context, s scope, kind run.Kind, since time.Time, look func(ctx context.Context, organizationID string) ([]T, error),
) ([]T, error) {
	isOld := func(known found[T]) bool { return known.began.Before(since) }
	result, err := run.LookUp(s.Run, run.Of(s.organizationID, kind), isOld, func() (found[T], error) {
		now := found[T]{began: time.Now()}
		ids, err := s.organizations(ctx, 0)
		if err != nil {
			return now, err
		}
		perOrganization := make([][]T, len(ids))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(sweepers)
		for i, id := range ids {
			group.Go(func() error {
				items, err := look(ctx, id)
				if scalekit.IsNotFound(err) { // deleted in the meantime
					return nil
				}
				perOrganization[i] = items
				return err
			})
		}
		err = group.Wait()
		now.items = slices.Concat(perOrganization...)
		return now, err
	})
	return result.items, err
}

// organizations are the ids of the organizations that can use a role of the scope. More than most are too many, unless
// most is 0.
func (s scope) organizations(ctx context.Context, most int) ([]string, error) {
	if !s.isEnvironment() {
		return []string{s.organizationID}, nil
	}
	var ids []string
	for organization, err := range s.Client.AllOrganizations(ctx) {
		if err != nil {
			return nil, err
		}
		if ids = append(ids, organization.GetId()); most > 0 && len(ids) > most {
			return nil, errTooMany
		}
	}
	return ids, nil
}

// mappings are those of the directories that can map a role of the scope.
func (s scope) mappings(ctx context.Context, since time.Time) ([]mapped, error) {
	return sweep(ctx, s, run.RoleAssignments, since, func(ctx context.Context, organizationID string) ([]mapped, error) {
		reply, err := s.Client.Directories.ListDirectories(ctx, connect.NewRequest(&directoriesv1.ListDirectoriesRequest{
			OrganizationId: organizationID,
		}))
		if err != nil {
			return nil, err
		}
		var directories []mapped
		for _, directory := range reply.Msg.GetDirectories() {
			// Whether a list shows the mapping is not documented.
			if directory.GetRoleAssignments() == nil {
				if directory, err = s.directory(ctx, organizationID, directory.GetId()); err != nil {
					return nil, err
				}
			}
			one := mapped{organizationID, directory.GetId(), map[string]string{}}
			for _, assignment := range directory.GetRoleAssignments().GetAssignments() {
				one.roleByGroup[assignment.GetGroupId()] = assignment.GetRoleName()
			}
			directories = append(directories, one)
		}
		return directories, nil
	})
}

func (s scope) directory(ctx context.Context, organizationID, id string) (*directoriesv1.Directory, error) {
	reply, err := s.Client.Directories.GetDirectory(ctx, connect.NewRequest(&directoriesv1.GetDirectoryRequest{
		OrganizationId: organizationID, Id: id,
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetDirectory(), nil
}

// organizationRoles are the roles that one organization can use, its own and the environment's.
type organizationRoles struct {
	organizationID string
	roles          []*rolesv1.Role
}

// rolesOfOrganizations are those of the organizations that can use a role of the scope, with their permissions.
func (s scope) rolesOfOrganizations(ctx context.Context, since time.Time) ([]organizationRoles, error) {
	return sweep(ctx, s, run.OrganizationDefaultRole, since, func(ctx context.Context, organizationID string) ([]organizationRoles, error) {
		roles, err := scope{Data: s.Data, organizationID: organizationID}.listIncluding(ctx, new(withPermissions))
		return []organizationRoles{{organizationID, roles}}, err
	})
}

// moveGroups gives another role to the groups of directories that have one, or none if the other is "".
func (s scope) moveGroups(ctx context.Context, name, to string, since time.Time) error {
	directories, err := s.mappings(ctx, since)
	if err != nil {
		return err
	}
	for _, directory := range directories {
		if len(directory.having(name)) == 0 {
			continue
		}
		if err := s.moveGroupsOf(ctx, directory, name, to); err != nil && !scalekit.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// moveGroupsOf reads the mapping once more, since others may have changed it after the sweep.
func (s scope) moveGroupsOf(ctx context.Context, at mapped, name, to string) error {
	defer s.Run.Lock(run.Of(at.id, run.RoleAssignments))()
	directory, err := s.directory(ctx, at.organizationID, at.id)
	if err != nil {
		return err
	}
	var assignments []*directoriesv1.RoleAssignment
	isChanged := false
	for _, assignment := range directory.GetRoleAssignments().GetAssignments() {
		wanted := &directoriesv1.RoleAssignment{GroupId: assignment.GetGroupId(), RoleName: assignment.GetRoleName()}
		if wanted.GetRoleName() == name {
			wanted.RoleName, isChanged = to, true
		}
		if wanted.GetRoleName() != "" {
			assignments = append(assignments, wanted)
		}
	}
	if !isChanged {
		return nil
	}
	_, err = s.Client.Directories.AssignRoles(ctx, connect.NewRequest(&directoriesv1.AssignRolesRequest{
		OrganizationId: at.organizationID, Id: at.id,
		RoleAssignments: &directoriesv1.RoleAssignments{Assignments: assignments},
	}))
	return err
}

// moveOrganizationDefaults makes another role the default of the organizations of which this one is: the environment's
// default member role if the other is "".
func (s scope) moveOrganizationDefaults(ctx context.Context, name, to string, since time.Time) error {
	roles, err := scope{Data: s.Data}.list(ctx)
	if err != nil {
		return err
	}
	_, general := flagged(roles)
	if to == "" {
		to = general.GetName()
	}
	if to == "" || to == name || general.GetName() == name { // what has the environment's default follows it
		return nil
	}
	organizations, err := s.rolesOfOrganizations(ctx, since)
	if err != nil {
		return err
	}
	for _, organization := range organizations {
		if memberAmong(organization.roles, general).GetName() != name {
			continue
		}
		at := scope{Data: s.Data, organizationID: organization.organizationID}
		if _, err := at.setDefaultMember(ctx, to); err != nil && !scalekit.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// moveDependents makes the roles that extend one extend another.
func (s scope) moveDependents(ctx context.Context, name, to string, since time.Time) error {
	move := func(at scope, roles []*rolesv1.Role) error {
		for _, role := range roles {
			if role.GetExtends() != name || !at.owns(role) {
				continue
			}
			if err := at.rebase(ctx, role.GetName(), name, to); err != nil && !scalekit.IsNotFound(err) {
				return err
			}
		}
		return nil
	}
	if s.isEnvironment() {
		roles, err := s.list(ctx)
		if err != nil {
			return err
		}
		if err := move(s, roles); err != nil {
			return err
		}
	}
	organizations, err := s.rolesOfOrganizations(ctx, since)
	if err != nil {
		return err
	}
	for _, organization := range organizations {
		if err := move(scope{Data: s.Data, organizationID: organization.organizationID}, organization.roles); err != nil {
			return err
		}
	}
	return nil
}

// rebase makes a role extend another one, if it still extends the one.
func (s scope) rebase(ctx context.Context, name, from, to string) error {
	defer s.Run.Lock(s.object(name))()
	role, err := s.get(ctx, name)
	if err != nil || role.GetExtends() != from {
		return err
	}
	return s.sendUpdate(ctx, name, &rolesv1.UpdateRole{Extends: &to, Permissions: ownPermissions(role)})
}
