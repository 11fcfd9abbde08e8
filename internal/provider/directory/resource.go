package directory

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type directoryResource struct{ tf.Resource }

// NewResource returns scalekit_directory.
func NewResource() resource.Resource { return &directoryResource{} }

var (
	_ resource.ResourceWithConfigure   = (*directoryResource)(nil)
	_ resource.ResourceWithImportState = (*directoryResource)(nil)
	_ resource.ResourceWithIdentity    = (*directoryResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*directoryResource)(nil)
)

func (r *directoryResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory"
}

func (r *directoryResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	created, err := r.create(ctx, &resp.Diagnostics, plan)
	if err != nil {
		r.addCreateError(&resp.Diagnostics, plan, err)
		return
	}
	m := plan
	m.fromAPI(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(noteMapping(ctx, resp.Private, config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted := plan
	wanted.ID = m.ID
	var later diag.Diagnostics
	got := r.configure(ctx, &later, wanted, created)
	m = plan
	m.fromAPI(got)
	if later.HasError() {
		// An error would make Terraform replace the directory. The state says what was planned, and the next refresh what is.
		m.keepPlanned(plan)
	}
	for _, one := range later {
		resp.Diagnostics.AddWarning(one.Summary(), one.Detail()+"\n\nThe directory was created. The next plan shows what is left to do.")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *directoryResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	directory, err := get(ctx, r.Client, m.OrganizationID.ValueString(), m.ID.ValueString())
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read directory %s", m.ID.ValueString()), err, nil)
		return
	}
	m.fromAPI(directory)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *directoryResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var config, plan, state model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	summary := fmt.Sprintf("Could not update directory %s", plan.ID.ValueString())
	if !plan.OrganizationID.Equal(state.OrganizationID) {
		resp.Diagnostics.AddAttributeError(path.Root("organization_id"), summary, fmt.Sprintf(
			"When this was planned, the organization was not known yet. It is %s, and the directory belongs to %s. Nothing was changed. "+
				"Apply again: the next plan shows that the directory is replaced.", plan.OrganizationID, state.OrganizationID))
		return
	}
	before, err := get(ctx, r.Client, plan.OrganizationID.ValueString(), plan.ID.ValueString())
	if err != nil {
		tf.AddError(&resp.Diagnostics, summary, err, fields)
		return
	}
	wanted := plan
	if config.Enabled.IsNull() {
		wanted.Enabled = types.BoolUnknown()
	}
	if config.AttributeMapping.IsNull() && plan.AttributeMapping.Equal(state.AttributeMapping) {
		wanted.AttributeMapping = types.MapUnknown(types.StringType)
	}
	got := r.configure(ctx, &resp.Diagnostics, wanted, before)
	m := plan
	m.fromAPI(got)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	if !resp.Diagnostics.HasError() || !config.AttributeMapping.IsNull() { // what is still to be removed is not forgotten
		resp.Diagnostics.Append(noteMapping(ctx, resp.Private, config)...)
	}
}

func (r *directoryResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := state.ID.ValueString()
	// The platform deletes no enabled directory, and the state need not be right about it.
	disabled, err := r.toggle(ctx, state, false)
	switch {
	case scalekit.IsNotFound(err):
		return
	case err != nil && connect.CodeOf(err) != connect.CodeInvalidArgument && connect.CodeOf(err) != connect.CodeFailedPrecondition:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not disable directory %s, which has to precede its deletion", id), err, nil)
		return
	case err == nil && disabled.GetEnabled():
		addToggleError(&resp.Diagnostics, id, false, disabled.GetErrorMessage())
		return
	}
	_, err = r.Client.Directories.DeleteDirectory(ctx, connect.NewRequest(&directoriesv1.DeleteDirectoryRequest{
		OrganizationId: state.OrganizationID.ValueString(), Id: id,
	}))
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not delete directory %s", id), err, nil)
	}
}

// ImportState accepts ORGANIZATION_ID/ID.
func (r *directoryResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	tf.Import(ctx, req, resp, "directory",
		tf.ImportPart{Attribute: "organization_id", Prefix: organizationIDPrefix}, tf.ImportPart{Attribute: "id", Prefix: idPrefix})
}

// mappingKey is where a directory's private state notes whether the configuration has set the attribute mapping, so
// that taking it out of the configuration removes it, and a mapping that was never set is left alone.
const mappingKey = "sets_attribute_mapping"

// private is the private state of a reply.
type private interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func noteMapping(ctx context.Context, private private, config model) diag.Diagnostics {
	if config.AttributeMapping.IsNull() {
		return private.SetKey(ctx, mappingKey, []byte("false"))
	}
	return private.SetKey(ctx, mappingKey, []byte("true"))
}
