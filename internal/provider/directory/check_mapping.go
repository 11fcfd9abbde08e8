package directory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// maxShown is how many groups an error lists.
const maxShown = 10

// roleNames reads the names of the roles that the directory's groups can have: the environment's and the organization's.
func roleNames(ctx context.Context, d directoryOf) ([]string, error) {
	reply, err := d.Client.Roles.ListOrganizationRoles(ctx, connect.NewRequest(&rolesv1.ListOrganizationRolesRequest{OrgId: d.organizationID}))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, role := range reply.Msg.GetRoles() {
		names = append(names, role.GetName())
	}
	return names, nil
}

// planned is one group and its role as a plan has them; what is not known is empty.
type planned struct {
	groupID, role       string
	groupPath, rolePath path.Path
}

// checkExistence reports groups and roles that do not exist. The plan's own roles are not in the environment yet.
func (d directoryOf) checkExistence(ctx context.Context, diags *diag.Diagnostics, parts []planned) {
	ctx, cancel := context.WithTimeout(ctx, tf.LookUpTimeout)
	defer cancel()
	d.checkGroups(ctx, diags, parts)
	d.checkRoles(ctx, diags, parts)
}

func (d directoryOf) checkGroups(ctx context.Context, diags *diag.Diagnostics, parts []planned) {
	if !slices.ContainsFunc(parts, func(part planned) bool { return part.groupID != "" }) {
		return
	}
	isMissing := func(groups map[string]string) bool {
		return slices.ContainsFunc(parts, func(part planned) bool { _, ok := groups[part.groupID]; return part.groupID != "" && !ok })
	}
	groups, err := run.LookUp(d.Run, run.Of(d.id, run.Group), isMissing, func() (map[string]string, error) { return groupNames(ctx, d) })
	if err != nil {
		tf.LogSkippedCheck(ctx, "a directory's groups", err)
		return
	}
	for _, part := range parts {
		if _, ok := groups[part.groupID]; ok || part.groupID == "" {
			continue
		}
		diags.AddAttributeError(part.groupPath, "The group does not exist", fmt.Sprintf(
			"Directory %s has no group %q.%s %s Groups come from the identity provider; the data source scalekit_directory_groups gives their ids by name.",
			d.id, part.groupID, tf.DidYouMean(part.groupID, slices.Sorted(maps.Keys(groups))), describeGroups(groups)))
	}
}

// describeGroups says which groups there are.
func describeGroups(groups map[string]string) string {
	if len(groups) == 0 {
		return "It has no groups at all yet."
	}
	var shown []string
	for id, name := range groups {
		shown = append(shown, fmt.Sprintf("%s (%s)", tf.Quote(name), tf.Text(id)))
	}
	slices.Sort(shown)
	more := ""
	if len(shown) > maxShown {
		more = fmt.Sprintf(" and %d more", len(shown)-maxShown)
		shown = shown[:maxShown]
	}
	return "It has: " + strings.Join(shown, ", ") + more + "."
}

func (d directoryOf) checkRoles(ctx context.Context, diags *diag.Diagnostics, parts []planned) {
	isKnown := func(names []string, role string) bool {
		return role == "" || slices.Contains(names, role) ||
			d.Run.Plans(run.InEnvironment(run.Role, role)) || d.Run.Plans(run.In(d.organizationID, run.Role, role))
	}
	isMissing := func(names []string) bool {
		return slices.ContainsFunc(parts, func(part planned) bool { return !isKnown(names, part.role) })
	}
	if !isMissing(nil) {
		return
	}
	names, err := run.LookUp(d.Run, run.Of(d.organizationID, run.Role), isMissing, func() ([]string, error) { return roleNames(ctx, d) })
	if err != nil {
		tf.LogSkippedCheck(ctx, "an organization's roles", err)
		return
	}
	for _, part := range parts {
		if isKnown(names, part.role) {
			continue
		}
		// No error: a role that another resource creates cannot be told from a typing error unless it is referred to.
		diags.AddAttributeWarning(part.rolePath, "The role does not exist", d.describeMissingRole(part.role, names))
	}
}

// addWriteError reports that a mapping could not be written. A role that does not exist is named, with what to do about it.
func (d directoryOf) addWriteError(ctx context.Context, diags *diag.Diagnostics, summary string, err error, fields tf.Fields, roles []string, at path.Path) {
	if code := connect.CodeOf(err); code == connect.CodeNotFound || code == connect.CodeInvalidArgument {
		names, lookErr := roleNames(ctx, d)
		for _, role := range roles {
			if lookErr == nil && !slices.Contains(names, role) {
				diags.AddAttributeError(at, "The role does not exist", d.describeMissingRole(role, names))
				return
			}
		}
	}
	tf.AddError(diags, summary, err, fields)
}

// describeMissingRole says what to do about a role that does not exist.
func (d directoryOf) describeMissingRole(role string, names []string) string {
	return fmt.Sprintf("Neither organization %s nor the environment has a role %q.%s If this configuration creates the role, refer to it, as in "+
		"scalekit_role.NAME.name, so that Terraform creates it first.", d.organizationID, role, tf.DidYouMean(role, names))
}

// addBothFormsError reports that a directory's mapping is declared as a whole and in parts.
func addBothFormsError(diags *diag.Diagnostics, directoryID string) {
	diags.AddAttributeError(path.Root("directory_id"), "The role assignments are declared twice", fmt.Sprintf(
		"This configuration declares the role assignments of directory %s both as a whole, by scalekit_directory_role_assignments, and one "+
			"by one, by scalekit_directory_role_assignment: each would undo the other. Keep one form.", directoryID))
}
