package organization

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// turnedOnKey is where the resource notes which features it has turned on, by attribute name: those that a destroy
// turns off.
const turnedOnKey = "turned_on"

type featuresResource struct{ tf.Resource }

// NewFeaturesResource returns scalekit_organization_features.
func NewFeaturesResource() resource.Resource { return &featuresResource{} }

var (
	_ resource.ResourceWithConfigure        = (*featuresResource)(nil)
	_ resource.ResourceWithConfigValidators = (*featuresResource)(nil)
	_ resource.ResourceWithImportState      = (*featuresResource)(nil)
	_ resource.ResourceWithIdentity         = (*featuresResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*featuresResource)(nil)
)

func (r *featuresResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_organization_features"
	resp.ResourceBehavior.MutableIdentity = true // another organization is an update
}

func (r *featuresResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	feature := func(what string) schema.BoolAttribute {
		return schema.BoolAttribute{
			MarkdownDescription: "Whether " + what + ". Left out, it is left as it is.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The features of an organization. A feature that is left out of the configuration is left as it is. " +
			"Destroying the resource turns off the features that it had turned on, and no other; after an import those are the ones it turns on from then on.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization's id, `org_…`. Changing it turns off at the old organization what a destroy would.",
				Required:            true,
				Validators:          []validator.String{tf.ID(idPrefix)},
			},
			"sso":                 feature("the organization's users can sign in through its identity provider"),
			"scim":                feature("the organization can provision users and groups from its directory; `dir_sync` in the API"),
			"domain_verification": feature("the organization can prove in the admin portal that it owns a domain"),
			"session_policy":      feature("the organization can have a session policy of its own"),
		},
	}
}

// ConfigValidators asks for one feature at least, without which the resource would do nothing.
func (r *featuresResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{resourcevalidator.AtLeastOneOf(
		path.MatchRoot("sso"), path.MatchRoot("scim"), path.MatchRoot("domain_verification"), path.MatchRoot("session_policy"),
	)}
}

func (r *featuresResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = settingsIdentitySchema()
}

// ModifyPlan refuses to declare the features of an organization twice, and leaves to the apply what another organization
// has of the features that the configuration leaves out.
func (r *featuresResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) || req.Plan.Raw.IsNull() {
		return
	}
	_, moves := planSettings(ctx, r.Data, req, resp, run.Features, "features")
	var config featuresModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !moves || resp.Diagnostics.HasError() {
		return
	}
	for _, feature := range config.features() {
		if feature.value.IsNull() {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(feature.attribute), types.BoolUnknown())...)
		}
	}
}

func (r *featuresResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan featuresModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := plan.OrganizationID.ValueString()
	summary := fmt.Sprintf("Could not set the features of organization %s", id)
	defer r.Run.Lock(run.Of(id, run.Features))()
	r.Run.Write(run.Of(id, run.Features))

	before, err := r.read(ctx, id)
	if err != nil {
		r.AddReadError(ctx, &resp.Diagnostics, summary, err, id)
		return
	}
	// What is about to be turned on is noted before it is, so that a destroy after a failed apply turns it off again.
	m := plan
	m.fromAPI(before)
	turnedOn, err := json.Marshal(plan.turningOn(before))
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, turnedOnKey, turnedOn)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: plan.OrganizationID})...)
	if resp.Diagnostics.HasError() {
		return
	}

	after, err := r.write(ctx, id, plan, before)
	if err != nil {
		tf.AddError(&resp.Diagnostics, summary, err, nil)
		return
	}
	m.fromAPI(after)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	plan.reportDeviations(&resp.Diagnostics, m)
}

func (r *featuresResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m featuresModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
	org, err := r.read(ctx, m.OrganizationID.ValueString())
	switch {
	case scalekit.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, fmt.Sprintf("Could not read the features of organization %s", m.OrganizationID.ValueString()), err, nil)
		return
	}
	m.fromAPI(org)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *featuresResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var config, plan, state featuresModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	noted, diags := req.Private.GetKey(ctx, turnedOnKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := plan.OrganizationID.ValueString()
	summary := fmt.Sprintf("Could not set the features of organization %s", id)
	if !plan.OrganizationID.Equal(state.OrganizationID) {
		if !r.turnOff(ctx, state.OrganizationID.ValueString(), attributeNames(noted), &resp.Diagnostics) {
			return
		}
		noted = nil
	}
	defer r.Run.Lock(run.Of(id, run.Features))()
	r.Run.Write(run.Of(id, run.Features))

	before, err := r.read(ctx, id)
	if err != nil {
		r.AddReadError(ctx, &resp.Diagnostics, summary, err, id)
		return
	}
	turnedOn := append(attributeNames(noted), config.turningOn(before)...)
	slices.Sort(turnedOn)
	note, err := json.Marshal(slices.Compact(turnedOn))
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, turnedOnKey, note)...)

	after, err := r.write(ctx, id, config, before)
	if err != nil {
		tf.AddError(&resp.Diagnostics, summary, err, nil)
		return
	}
	m := plan
	m.fromAPI(after)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{OrganizationID: m.OrganizationID})...)
	config.reportDeviations(&resp.Diagnostics, m)
}

func (r *featuresResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state featuresModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	noted, diags := req.Private.GetKey(ctx, turnedOnKey)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.turnOff(ctx, state.OrganizationID.ValueString(), attributeNames(noted), &resp.Diagnostics)
	}
}

// turnOff turns the features off that this resource has turned on, unless another resource of this run has set the
// organization's features. It reports whether that is done; an organization that is gone has none.
func (r *featuresResource) turnOff(ctx context.Context, id string, turnedOn []string, diags *diag.Diagnostics) bool {
	defer r.Run.Lock(run.Of(id, run.Features))()
	if len(turnedOn) == 0 || r.Run.Wrote(run.Of(id, run.Features)) {
		return true
	}
	before, err := r.read(ctx, id)
	if err == nil {
		_, err = r.write(ctx, id, turningOff(turnedOn), before)
	}
	if err != nil && !scalekit.IsNotFound(err) {
		tf.AddError(diags, fmt.Sprintf("Could not turn off the features of organization %s", id), err, nil)
		return false
	}
	return true
}

func (r *featuresResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importSettings(ctx, req, resp)
}

// attributeNames reads the note of what was turned on; after an import there is none.
func attributeNames(noted []byte) []string {
	var names []string
	if json.Unmarshal(noted, &names) != nil {
		return nil
	}
	return names
}
