package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// get reads a directory.
func get(ctx context.Context, client *scalekit.Client, organizationID, id string) (*directoriesv1.Directory, error) {
	reply, err := client.Directories.GetDirectory(ctx, connect.NewRequest(&directoriesv1.GetDirectoryRequest{
		OrganizationId: organizationID, Id: id,
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetDirectory(), nil
}

func list(ctx context.Context, client *scalekit.Client, organizationID string) ([]*directoriesv1.Directory, error) {
	reply, err := client.Directories.ListDirectories(ctx, connect.NewRequest(&directoriesv1.ListDirectoriesRequest{
		OrganizationId: organizationID,
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetDirectories(), nil
}

// create makes the directory exactly once. A directory has no natural key, so the directories that are there before are
// read first, and creates in one organization wait for each other: what is new afterwards is this one.
func (r *directoryResource) create(ctx context.Context, diags *diag.Diagnostics, plan model) (*directoriesv1.Directory, error) {
	organizationID := plan.OrganizationID.ValueString()
	defer r.Run.Lock(run.Of(organizationID, run.Directory))()
	before, err := list(ctx, r.Client, organizationID)
	if err != nil {
		return nil, err
	}
	wanted := &directoriesv1.CreateDirectory{
		DirectoryType: directoriesv1.DirectoryType(directoriesv1.DirectoryType_value[plan.DirectoryType.ValueString()]),
		// The platform's own choice is the value zero, as which an unknown one comes out.
		DirectoryProvider: directoriesv1.DirectoryProvider(directoriesv1.DirectoryProvider_value[plan.DirectoryProvider.ValueString()]),
	}
	directory, err := scalekit.Create(ctx, r.Client, scalekit.Creation[*directoriesv1.Directory]{
		Create: func(ctx context.Context) (*directoriesv1.Directory, error) {
			reply, err := r.Client.Directories.CreateDirectory(ctx, connect.NewRequest(&directoriesv1.CreateDirectoryRequest{
				OrganizationId: organizationID, Directory: wanted,
			}))
			if err != nil {
				return nil, err
			}
			return reply.Msg.GetDirectory(), nil
		},
		Find: func(ctx context.Context) (*directoriesv1.Directory, bool, error) {
			return r.find(ctx, organizationID, wanted, before)
		},
		Adopted: func(directory *directoriesv1.Directory) { tf.AddAdopted(diags, "directory "+directory.GetId()) },
	})
	if err != nil {
		return nil, err
	}
	r.Run.Write(run.InEnvironment(run.Directory, directory.GetId()))
	return directory, nil
}

// find looks for the directory that a create made whose outcome is unknown: the only one of its kind that was not there
// before and that is not another resource's of this run.
func (r *directoryResource) find(ctx context.Context, organizationID string, sent *directoriesv1.CreateDirectory, before []*directoriesv1.Directory) (*directoriesv1.Directory, bool, error) {
	now, err := list(ctx, r.Client, organizationID)
	if err != nil {
		return nil, false, err
	}
	return onlyNew(now, before, sent, func(id string) bool { return r.Run.Wrote(run.InEnvironment(run.Directory, id)) })
}

// onlyNew returns the only directory of the kind that was not there before and that is no sibling.
func onlyNew(
	now, before []*directoriesv1.Directory, sent *directoriesv1.CreateDirectory, isSibling func(id string) bool,
) (*directoriesv1.Directory, bool, error) {
	candidates := slices.DeleteFunc(slices.Clone(now), func(candidate *directoriesv1.Directory) bool {
		return isSibling(candidate.GetId()) ||
			candidate.GetDirectoryType() != sent.GetDirectoryType() ||
			candidate.GetDirectoryProvider() != sent.GetDirectoryProvider() ||
			slices.ContainsFunc(before, func(old *directoriesv1.Directory) bool { return old.GetId() == candidate.GetId() })
	})
	switch len(candidates) {
	case 0:
		return nil, false, nil
	case 1:
		return candidates[0], true, nil
	default:
		return nil, false, fmt.Errorf("%d directories of the kind are new, so somebody else has created one too", len(candidates))
	}
}

// configure makes a directory what the plan says, as far as it is not, and returns the directory as it then is, with an
// error in the diagnostics where that is not what was asked for. What is unknown in the plan is left as it is.
func (r *directoryResource) configure(ctx context.Context, diags *diag.Diagnostics, plan model, directory *directoriesv1.Directory) *directoriesv1.Directory {
	id := plan.ID.ValueString()
	remap := !plan.AttributeMapping.IsUnknown() && !maps.Equal(tf.Strings(plan.AttributeMapping), attributes(directory.GetAttributeMappings()))
	toggle := !plan.Enabled.IsUnknown() && plan.Enabled.ValueBool() != directory.GetEnabled()
	if remap {
		if err := r.updateAttributes(ctx, plan); err != nil {
			tf.AddError(diags, fmt.Sprintf("Could not set the attribute mapping of directory %s", id), err, fields)
		}
	}
	if toggle {
		toggled, err := r.toggle(ctx, plan, plan.Enabled.ValueBool())
		switch {
		case err != nil:
			tf.AddError(diags, fmt.Sprintf("Could not %s directory %s", enableOrDisable(plan.Enabled.ValueBool()), id), err, fields)
		case toggled.GetEnabled() != plan.Enabled.ValueBool():
			addToggleError(diags, id, plan.Enabled.ValueBool(), toggled.GetErrorMessage())
		}
	}
	if !remap && !toggle {
		return directory
	}
	got, err := get(ctx, r.Client, plan.OrganizationID.ValueString(), id)
	if err != nil {
		tf.AddError(diags, fmt.Sprintf("Could not read directory %s after changing it", id), err, nil)
		return directory
	}
	if !diags.HasError() {
		reportDeviations(diags, plan, got)
	}
	return got
}

// updateAttributes puts the whole mapping in place of what is there.
func (r *directoryResource) updateAttributes(ctx context.Context, plan model) error {
	pairs := tf.Strings(plan.AttributeMapping)
	mapping := &directoriesv1.AttributeMappings{}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		mapping.Attributes = append(mapping.Attributes, &directoriesv1.AttributeMapping{Key: key, MapTo: pairs[key]})
	}
	_, err := r.Client.Directories.UpdateAttributes(ctx, connect.NewRequest(&directoriesv1.UpdateAttributesRequest{
		OrganizationId: plan.OrganizationID.ValueString(), Id: plan.ID.ValueString(), AttributeMapping: mapping,
	}))
	return err
}

// toggle enables or disables a directory. The reply may say that it is not so, and why.
func (r *directoryResource) toggle(ctx context.Context, m model, enabled bool) (*directoriesv1.ToggleDirectoryResponse, error) {
	call := r.Client.Directories.DisableDirectory
	if enabled {
		call = r.Client.Directories.EnableDirectory
	}
	reply, err := call(ctx, connect.NewRequest(&directoriesv1.ToggleDirectoryRequest{
		OrganizationId: m.OrganizationID.ValueString(), Id: m.ID.ValueString(),
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}

func enableOrDisable(enabled bool) string {
	if enabled {
		return "enable"
	}
	return "disable"
}

func addToggleError(diags *diag.Diagnostics, id string, enabled bool, reason string) {
	if reason == "" {
		reason = "Scalekit gave no reason."
	}
	diags.AddAttributeError(path.Root("enabled"), fmt.Sprintf("Could not %s directory %s", enableOrDisable(enabled), id), fmt.Sprintf(
		"The platform answered that the directory is still %sd: %s\n\nA directory of Google has to be authorised in the admin portal first; until then leave enabled out.",
		enableOrDisable(!enabled), tf.Text(reason)))
}

// reportDeviations says where the platform stored something else than was planned.
func reportDeviations(diags *diag.Diagnostics, plan model, got *directoriesv1.Directory) {
	if !plan.Enabled.IsUnknown() && plan.Enabled.ValueBool() != got.GetEnabled() {
		diags.AddAttributeError(path.Root("enabled"), tf.NotStored, fmt.Sprintf(
			"The platform accepted enabled = %t and still reports %t. Apply again, or set enabled to what the platform has.",
			plan.Enabled.ValueBool(), got.GetEnabled()))
	}
	stored := attributes(got.GetAttributeMappings())
	wanted := tf.Strings(plan.AttributeMapping)
	if plan.AttributeMapping.IsUnknown() || maps.Equal(wanted, stored) {
		return
	}
	detail := fmt.Sprintf("The platform stored another attribute mapping than it was sent: %s. Declare what it stores.", pairs(stored))
	for key := range stored {
		if _, ok := wanted[key]; !ok {
			detail = fmt.Sprintf("The directory kept attribute mappings that are not in the configuration: this environment does not "+
				"remove them. It has now: %s. Declare these pairs, or replace the directory (terraform apply -replace=…), which "+
				"deletes its users and groups.", pairs(stored))
		}
	}
	diags.AddAttributeError(path.Root("attribute_mapping"), tf.NotStored, detail)
}

// pairs prints a map as a configuration has it.
func pairs(values map[string]string) string {
	text := "{"
	for i, key := range slices.Sorted(maps.Keys(values)) {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %s = %s", tf.Quote(key), tf.Quote(values[key]))
	}
	return text + " }"
}

// addCreateError reports a failed create.
func (r *directoryResource) addCreateError(diags *diag.Diagnostics, plan model, err error) {
	organizationID := plan.OrganizationID.ValueString()
	summary := fmt.Sprintf("Could not create a directory of organization %s", organizationID)
	if unknown := new(scalekit.UnknownOutcomeError); errors.As(err, &unknown) {
		diags.AddError(summary, fmt.Sprintf("It is not known whether the directory was created: %s.\n\n"+
			"Look at the organization's directories in the Scalekit dashboard before you apply again. If there is a new one, import it as "+
			"%q; otherwise another apply would create a second one.", tf.Text(err.Error()), organizationID+"/dir_…"))
		return
	}
	tf.AddError(diags, summary, err, fields)
}
