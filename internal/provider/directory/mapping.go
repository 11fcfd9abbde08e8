package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// A directory's mapping is the role of each of its groups. The API writes it as a whole and has no way to write it only
// if it is still what was read, so everything here happens under the directory's lock, which holds within this process,
// and what another process may have overwritten meanwhile is looked at once more.

const (
	// mappingTries is how often a group's role is written when other processes overwrite it.
	mappingTries = 6
	// withdrawalTries is how often a group's role is taken away when other processes bring it back.
	withdrawalTries = 3
	// settleTime is how long another process may take from its reading of a mapping to its writing of it.
	settleTime = time.Second
)

// mapping is the names of roles by the ids of groups.
type mapping map[string]string

// errOverwritten says that somebody else keeps overwriting a mapping.
var errOverwritten = errors.New("another process changes the directory's role assignments at the same time, and overwrote this one each time")

// directoryOf names a directory for the calls of this file.
type directoryOf struct {
	*tf.Data
	organizationID, id string
}

// lock serialises what reads and writes the directory's mapping.
func (d directoryOf) lock() (unlock func()) { return d.Run.Lock(d.whole()) }

// whole names the directory's mapping in the record of a run, and part a single group's entry of it.
func (d directoryOf) whole() run.Object { return run.Of(d.id, run.RoleAssignments) }

func (d directoryOf) part(groupID string) run.Object {
	return run.In(d.id, run.RoleAssignment, groupID)
}

func (d directoryOf) read(ctx context.Context) (mapping, error) {
	directory, err := get(ctx, d.Client, d.organizationID, d.id)
	if err != nil {
		return nil, err
	}
	return toMapping(directory.GetRoleAssignments()), nil
}

func toMapping(assignments *directoriesv1.RoleAssignments) mapping {
	roles := mapping{}
	for _, assignment := range assignments.GetAssignments() {
		roles[assignment.GetGroupId()] = assignment.GetRoleName()
	}
	return roles
}

// write puts the whole mapping in place of the directory's, and returns what the directory then has. That AssignRoles
// replaces the mapping and that its reply shows all of it is inferred, so a reply that is not what was sent is held
// against the directory itself.
func (d directoryOf) write(ctx context.Context, roles mapping) (mapping, error) {
	assignments := &directoriesv1.RoleAssignments{}
	for _, groupID := range slices.Sorted(maps.Keys(roles)) {
		assignments.Assignments = append(assignments.Assignments, &directoriesv1.RoleAssignment{GroupId: groupID, RoleName: roles[groupID]})
	}
	reply, err := d.Client.Directories.AssignRoles(ctx, connect.NewRequest(&directoriesv1.AssignRolesRequest{
		OrganizationId: d.organizationID, Id: d.id, RoleAssignments: assignments,
	}))
	if err != nil {
		return nil, err
	}
	if got := toMapping(reply.Msg.GetRoleAssignments()); maps.Equal(got, roles) {
		return got, nil
	}
	return d.read(ctx)
}

// assign gives one group its role and leaves the others theirs, those of other processes included. The check is made
// with the mapping as it is before anything is written.
func (d directoryOf) assign(ctx context.Context, groupID, role string, check func(mapping) error) (mapping, error) {
	for try := range mappingTries {
		if try > 0 {
			if err := sleep(ctx, rand.N(settleTime)); err != nil {
				return nil, err
			}
		}
		wrote, got, err := d.assignOnce(ctx, groupID, role, check)
		if err != nil || got[groupID] == role && !wrote {
			return got, err
		}
		// A process that had read the mapping before this one wrote it overwrites it now, if it does.
		if err := sleep(ctx, settleTime); err != nil {
			return got, err
		}
		if got, err = d.read(ctx); err != nil || got[groupID] == role {
			return got, err
		}
	}
	return nil, errOverwritten
}

func (d directoryOf) assignOnce(ctx context.Context, groupID, role string, check func(mapping) error) (wrote bool, got mapping, err error) {
	defer d.lock()()
	d.Run.Write(d.part(groupID))
	before, err := d.read(ctx)
	if err != nil {
		return false, nil, err
	}
	if before[groupID] == role {
		return false, before, nil
	}
	if err := check(before); err != nil {
		return false, before, err
	}
	wanted := maps.Clone(before)
	wanted[groupID] = role
	got, err = d.writeOthers(ctx, wanted, groupID)
	return true, got, err
}

// withdraw takes one group's role away and leaves the others theirs. It returns what the directory then has. A process that
// had read the mapping before may bring the role back, which no later plan would show, so it looks once more.
func (d directoryOf) withdraw(ctx context.Context, groupID, role string) (mapping, error) {
	for range withdrawalTries {
		took, got, err := d.withdrawOnce(ctx, groupID, role)
		if err != nil || !took || got[groupID] == role {
			return got, err
		}
		if err := sleep(ctx, settleTime); err != nil {
			return got, err
		}
		if got, err = d.read(ctx); err != nil || got[groupID] != role {
			return got, err
		}
	}
	return nil, errOverwritten
}

func (d directoryOf) withdrawOnce(ctx context.Context, groupID, role string) (took bool, got mapping, err error) {
	defer d.lock()()
	before, err := d.read(ctx)
	if err != nil {
		return false, nil, err
	}
	// Another role is somebody else's by now, and so is one that this run has given under another address.
	if before[groupID] != role || d.Run.Wrote(d.part(groupID)) || d.Run.Wrote(d.whole()) {
		return false, mapping{}, nil
	}
	wanted := maps.Clone(before)
	delete(wanted, groupID)
	got, err = d.writeOthers(ctx, wanted, groupID)
	return true, got, err
}

// writeOthers writes a mapping that has parts of others. Where the platform refuses it for a group or a role that no
// longer exists, these parts are left out: they give nobody anything.
func (d directoryOf) writeOthers(ctx context.Context, wanted mapping, ownGroupID string) (mapping, error) {
	got, err := d.write(ctx, wanted)
	if code := connect.CodeOf(err); err == nil || code != connect.CodeNotFound && code != connect.CodeInvalidArgument && code != connect.CodeFailedPrecondition {
		return got, err
	}
	groups, groupsErr := groupNames(ctx, d)
	roles, rolesErr := roleNames(ctx, d)
	if groupsErr != nil || rolesErr != nil {
		return got, err
	}
	alive := maps.Clone(wanted)
	maps.DeleteFunc(alive, func(groupID, role string) bool {
		_, hasGroup := groups[groupID]
		return groupID != ownGroupID && (!hasGroup || !slices.Contains(roles, role))
	})
	if len(alive) == len(wanted) {
		return got, err
	}
	return d.write(ctx, alive)
}

// gone are the parts of a mapping whose groups the directory does not have any more: their roles go to nobody.
func (d directoryOf) gone(ctx context.Context, roles mapping) (mapping, error) {
	if len(roles) == 0 {
		return mapping{}, nil
	}
	groups, err := groupNames(ctx, d)
	if err != nil {
		return nil, err
	}
	gone := maps.Clone(roles)
	maps.DeleteFunc(gone, func(groupID, _ string) bool { _, ok := groups[groupID]; return ok })
	return gone, nil
}

// writeWhole writes a mapping, without those parts of the state whose groups are gone by now if the platform refuses it for
// them. What it returns has these parts all the same: the configuration declares them.
func (d directoryOf) writeWhole(ctx context.Context, wanted, state mapping) (mapping, error) {
	got, err := d.write(ctx, wanted)
	if code := connect.CodeOf(err); err == nil || code != connect.CodeNotFound && code != connect.CodeInvalidArgument && code != connect.CodeFailedPrecondition {
		return got, err
	}
	known := maps.Clone(wanted)
	maps.DeleteFunc(known, func(groupID, _ string) bool { _, ok := state[groupID]; return !ok })
	gone, lookErr := d.gone(ctx, known)
	if lookErr != nil || len(gone) == 0 {
		return got, err
	}
	if got, err = d.write(ctx, wanted.without(gone)); err == nil {
		maps.Copy(got, gone)
	}
	return got, err
}

// warnOfGone says that groups do not exist any more.
func (d directoryOf) warnOfGone(diags *diag.Diagnostics, gone mapping) {
	for _, groupID := range slices.Sorted(maps.Keys(gone)) {
		diags.AddWarning("A group of the directory is gone", fmt.Sprintf(
			"Directory %s has no group %s any more: its identity provider has deleted it. Its role goes to nobody. Remove it from the configuration.",
			d.id, groupID))
	}
}

// groupNames reads the display names of the directory's groups, by id.
func groupNames(ctx context.Context, d directoryOf) (map[string]string, error) {
	byID := map[string]string{}
	for group, err := range listGroups(ctx, d.Client, d.organizationID, d.id) {
		if err != nil {
			return nil, err
		}
		byID[group.GetId()] = group.GetDisplayName()
	}
	return byID, nil
}

// describe prints a mapping for a message.
func (m mapping) describe() string { return pairs(m) }

// without returns the parts of the mapping that another one does not have.
func (m mapping) without(other mapping) mapping {
	rest := maps.Clone(m)
	maps.DeleteFunc(rest, func(groupID, role string) bool {
		otherRole, ok := other[groupID]
		return ok && otherRole == role
	})
	return rest
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w while waiting for other processes", ctx.Err())
	}
}
