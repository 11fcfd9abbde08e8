package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

const (
	// listedKey is where a secret's private state notes that the platform lists it. That it lists secrets with their
	// directory is documented; one that does not must not make every plan create another.
	listedKey = "listed"
	// lostKey is where it notes that the secret's replacement was not received, and the secret is to be replaced again.
	lostKey = "lost"
)

type secretResource struct{ tf.Resource }

// NewSecretResource returns scalekit_directory_secret.
func NewSecretResource() resource.Resource { return &secretResource{} }

var (
	_ resource.ResourceWithConfigure   = (*secretResource)(nil)
	_ resource.ResourceWithImportState = (*secretResource)(nil)
	_ resource.ResourceWithIdentity    = (*secretResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*secretResource)(nil)
)

func (r *secretResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_directory_secret"
	resp.ResourceBehavior.MutableIdentity = true // a directory that was unknown may be another one
}

func (r *secretResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan secretModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.make(ctx, plan, &resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
}

// make makes a secret and brings it into the state.
func (r *secretResource) make(
	ctx context.Context, plan secretModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, private tf.Private, diags *diag.Diagnostics,
) {
	m := plan
	made, err := r.renew(ctx, plan.OrganizationID.ValueString(), plan.DirectoryID.ValueString())
	if err != nil {
		r.addCreateError(diags, plan, err)
		lost := new(lostSecretError)
		if !errors.As(err, &lost) || lost.known == nil {
			return
		}
		// The secret that is there without its value goes into the state, tainted, so that the next apply replaces it.
		m.fromAPI(lost.known)
		diags.Append(state.Set(ctx, m)...)
		diags.Append(identity.Set(ctx, m.identity())...)
		diags.Append(private.SetKey(ctx, lostKey, []byte("true"))...)
		return
	}
	m.fromAPI(made.secret)
	m.Secret = tf.OptionalString(made.plain)
	diags.Append(state.Set(ctx, m)...)
	diags.Append(identity.Set(ctx, m.identity())...)
}

func (r *secretResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m secretModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	listed, diags := req.Private.GetKey(ctx, listedKey)
	resp.Diagnostics.Append(diags...)
	lost, diags := req.Private.GetKey(ctx, lostKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	directory, err := get(ctx, r.Client, m.OrganizationID.ValueString(), m.DirectoryID.ValueString())
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read directory %s for its secret %s",
			m.DirectoryID.ValueString(), m.ID.ValueString()), err, nil)
		return
	}
	justImported := m.SecretSuffix.IsNull() && m.Secret.IsNull()
	secret := find(directory, m.ID.ValueString())
	switch {
	case secret == nil && (len(listed) > 0 || justImported):
		resp.State.RemoveResource(ctx)
		return
	case secret == nil:
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
		return
	case !usable(secret) && len(lost) == 0:
		// The identity provider is refused with it, so a new one is needed: that is a create.
		resp.State.RemoveResource(ctx)
		return
	}
	m.fromAPI(secret)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	if len(listed) == 0 {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, listedKey, []byte("true"))...)
	}
}

// Update records the first rotation of an imported secret, and finds out whether a directory that was unknown is another
// one. All other changes replace the secret.
func (r *secretResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, m secretModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.DirectoryID.Equal(m.DirectoryID) || !plan.OrganizationID.Equal(m.OrganizationID) {
		r.make(ctx, plan, &resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
		return
	}
	m.Rotation = plan.Rotation
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

// Delete forgets the secret: the API cannot delete one. The create that may follow makes it inactive.
func (r *secretResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state secretModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	directoryID := state.DirectoryID.ValueString()
	r.Run.Delete(secretOf(directoryID))
	r.Run.Delete(run.In(directoryID, run.DirectorySecret, state.ID.ValueString()))
}

// ImportState accepts ORGANIZATION_ID/DIRECTORY_ID/ID.
func (r *secretResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	tf.Import(ctx, req, resp, "directory secret", tf.ImportPart{Attribute: "organization_id", Prefix: organizationIDPrefix},
		tf.ImportPart{Attribute: "directory_id", Prefix: idPrefix}, tf.ImportPart{Attribute: "id", Prefix: secretIDPrefix})
	const summary = "The secret's value is not known"
	if !resp.Diagnostics.HasError() && r.Run.Say(run.Of("", run.DirectorySecret), summary) {
		resp.Diagnostics.AddWarning(summary, "The platform gives the value of a directory's secret once, when it "+
			"is made, so the attribute secret of an imported resource is null. To get a value, apply with -replace: that makes "+
			"a new secret, with which the identity provider has to be configured, since the present one stops working. The first rotation after "+
			"the import is only recorded; every later change of it makes a new secret.")
	}
}
