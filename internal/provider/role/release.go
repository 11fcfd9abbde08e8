package role

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// releasesKey is where the plan of a destroy keeps the notes about how the role comes free, see tf.Release.
const releasesKey = "releases"

// firstLook is how long the plan of a destroy lets others refresh what they know, before it believes that none of them
// uses the role.
var firstLook = 2 * time.Second

// keepReleases keeps the notes about a role whose destroy is being planned. Terraform plans in no particular order, so it
// waits a moment for as many as there are uses. That a role is an organization's default shows only with the organization.
func (s scope) keepReleases(ctx context.Context, name string, use use, resp *resource.ModifyPlanResponse) {
	for begin := time.Now(); time.Since(begin) < firstLook+planTime; {
		wanted := use.dependents + len(s.Mapped(s.organizationID, name))
		if use.isDefault {
			wanted++
		}
		if len(s.Releases(s.organizationID, name)) >= wanted && (wanted > 0 || time.Since(begin) > firstLook) {
			break
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
	if notes := s.Releases(s.organizationID, name); len(notes) > 0 {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, releasesKey, []byte("["+strings.Join(notes, ",")+"]"))...)
	}
}

// free does what the notes of the plan say.
func (s scope) free(ctx context.Context, name string, notes []byte) error {
	var releases []tf.Release
	if len(notes) == 0 {
		return nil
	}
	if err := json.Unmarshal(notes, &releases); err != nil {
		return err
	}
	for _, how := range releases {
		at := scope{Data: s.Data, organizationID: how.OrganizationID}
		var err error
		switch {
		case how.DirectoryID != "":
			err = at.takeFromGroup(ctx, name, how)
		case how.Extending != "":
			err = at.removeBase(ctx, how.Extending)
		case how.OrganizationID != "":
			err = at.handOverMember(ctx, name, how.Member)
		default:
			err = at.handOver(ctx, name, how.Creator, how.Member)
		}
		if err != nil && !scalekit.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// handOver makes other roles the environment's defaults where this one is. Of those that do not exist yet, the built-in
// roles take the place for the moment.
func (s scope) handOver(ctx context.Context, name, toCreator, toMember string) error {
	roles, err := s.list(ctx)
	if err != nil {
		return err
	}
	creator, member := flagged(roles)
	if creator.GetName() != name && member.GetName() != name {
		return nil
	}
	next := func(now, to, builtIn string) string {
		switch {
		case now != name && now != "":
			return now
		case hasRole(roles, to):
			return to
		default:
			return builtIn
		}
	}
	_, err = s.setDefaults(ctx, next(creator.GetName(), toCreator, builtInCreator), next(member.GetName(), toMember, builtInMember))
	return err
}

// handOverMember makes another role the organization's default where this one is: the environment's default if the other
// does not exist yet.
func (s scope) handOverMember(ctx context.Context, name, to string) error {
	now, err := s.defaultMember(ctx)
	if err != nil || now.GetName() != name {
		return err
	}
	roles, err := s.list(ctx)
	if err != nil {
		return err
	}
	if !hasRole(roles, to) {
		general, err := scope{Data: s.Data}.list(ctx)
		if err != nil {
			return err
		}
		_, member := flagged(general)
		to = member.GetName()
	}
	if to == "" || to == name {
		return nil
	}
	_, err = s.setDefaultMember(ctx, to)
	return err
}

// noteExtends notes that an update takes its base from a role.
func (p placed) noteExtends(data *tf.Data, plan placed) {
	base := p.Extends
	if base.IsNull() || base.Equal(plan.Extends) {
		return
	}
	how := tf.Release{Extending: p.Name.ValueString(), OrganizationID: p.organizationID.ValueString()}
	data.NoteRelease("", base.ValueString(), how)
	data.NoteRelease(p.organizationID.ValueString(), base.ValueString(), how)
}

// takeFromGroup gives a directory's group the role that the plan has for it in place of this one, or none where there is
// none or it does not exist yet: the resource that declares it writes it afterwards.
func (s scope) takeFromGroup(ctx context.Context, name string, how tf.Release) error {
	defer s.Run.Lock(run.Of(how.DirectoryID, run.RoleAssignments))()
	got, err := s.Client.Directories.GetDirectory(ctx, connect.NewRequest(&directoriesv1.GetDirectoryRequest{
		OrganizationId: how.OrganizationID, Id: how.DirectoryID,
	}))
	if err != nil {
		return err
	}
	roles, err := s.list(ctx)
	if err != nil {
		return err
	}
	var assignments []*directoriesv1.RoleAssignment
	isChanged := false
	for _, assignment := range got.Msg.GetDirectory().GetRoleAssignments().GetAssignments() {
		if assignment.GetGroupId() != how.GroupID || assignment.GetRoleName() != name {
			assignments = append(assignments, assignment)
			continue
		}
		isChanged = true
		if hasRole(roles, how.Role) {
			assignments = append(assignments, &directoriesv1.RoleAssignment{GroupId: how.GroupID, RoleName: how.Role})
		}
	}
	if !isChanged {
		return nil
	}
	_, err = s.Client.Directories.AssignRoles(ctx, connect.NewRequest(&directoriesv1.AssignRolesRequest{
		OrganizationId: how.OrganizationID, Id: how.DirectoryID,
		RoleAssignments: &directoriesv1.RoleAssignments{Assignments: assignments},
	}))
	return err
}
