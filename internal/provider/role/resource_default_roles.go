package role

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// defaultsID is the id of the environment's default roles, of which there is one pair.
const defaultsID = "default"

// The built-in roles that are the defaults of a new environment.
const (
	builtInCreator = "admin"
	builtInMember  = "member"
)

type defaultRolesResource struct{ tf.Resource }

// NewDefaultRolesResource returns scalekit_default_roles.
func NewDefaultRolesResource() resource.Resource { return &defaultRolesResource{} }

var (
	_ resource.ResourceWithConfigure   = (*defaultRolesResource)(nil)
	_ resource.ResourceWithImportState = (*defaultRolesResource)(nil)
	_ resource.ResourceWithIdentity    = (*defaultRolesResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*defaultRolesResource)(nil)
)

// defaultRolesModel is the environment's default roles.
type defaultRolesModel struct {
	ID                 types.String `tfsdk:"id"`
	DefaultCreatorRole types.String `tfsdk:"default_creator_role"`
	DefaultMemberRole  types.String `tfsdk:"default_member_role"`
}

// fromAPI takes over the roles that are flagged as defaults, either of which may be nil.
func (m *defaultRolesModel) fromAPI(creator, member *rolesv1.Role) {
	m.ID = types.StringValue(defaultsID)
	m.DefaultCreatorRole = tf.OptionalString(creator.GetName())
	m.DefaultMemberRole = tf.OptionalString(member.GetName())
}

// defaultRolesIdentity is what identifies the environment's default roles: a word.
type defaultRolesIdentity struct {
	ID types.String `tfsdk:"id"`
}

var defaultFields = tf.Fields{
	"default_creator_role": path.Root("default_creator_role"),
	"default_member_role":  path.Root("default_member_role"),
	"org_id":               path.Root("organization_id"),
}

func (r *defaultRolesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_default_roles"
}

func (r *defaultRolesResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The roles that the environment gives the creator of an organization and its new members. An environment has " +
			"one pair, and always has it: creating this resource takes the pair over, and destroying it returns to the built-in roles " +
			"`admin` and `member`, as far as they still exist.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Always `default`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"default_creator_role": schema.StringAttribute{
				MarkdownDescription: "The name of the role that the creator of an organization gets. It is one of the environment's.",
				Required:            true,
				Validators:          []validator.String{roleName()},
			},
			"default_member_role": schema.StringAttribute{
				MarkdownDescription: "The name of the role that new members of an organization get, unless the organization has a default of " +
					"its own. It is one of the environment's.",
				Required:   true,
				Validators: []validator.String{roleName()},
			},
		},
	}
}

func (r *defaultRolesResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{Description: "Always default.", RequiredForImport: true},
		},
	}
}

// ModifyPlan looks for the roles that are to be the defaults.
func (r *defaultRolesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state defaultRolesModel
	if req.Plan.Raw.IsNull() || r.Data == nil {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.Claim(&resp.Diagnostics, path.Root("default_creator_role"), run.Of("", run.DefaultRoles),
		tf.Prior(ctx, req, resp, state.ID.ValueString()), "the environment's default roles")
	for _, wanted := range plan.references(state) {
		scope{Data: r.Data}.checkReference(ctx, &resp.Diagnostics, wanted)
	}
}

// references are the roles that the plan names anew.
func (m *defaultRolesModel) references(state defaultRolesModel) []reference {
	var references []reference
	for _, attribute := range []struct {
		name          string
		wanted, found types.String
	}{
		{"default_creator_role", m.DefaultCreatorRole, state.DefaultCreatorRole},
		{"default_member_role", m.DefaultMemberRole, state.DefaultMemberRole},
	} {
		if !attribute.wanted.IsUnknown() && !attribute.wanted.Equal(attribute.found) {
			references = append(references, reference{path.Root(attribute.name), "role", []string{attribute.wanted.ValueString()}})
		}
	}
	return references
}

func (r *defaultRolesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan defaultRolesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m, ok := r.write(ctx, &resp.Diagnostics, plan, defaultRolesModel{})
	if !ok {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, defaultRolesIdentity{ID: m.ID})...)
}

func (r *defaultRolesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m defaultRolesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, defaultRolesIdentity{ID: types.StringValue(defaultsID)})...)
	roles, err := scope{Data: r.Data}.list(ctx)
	if err != nil {
		tf.AddError(&resp.Diagnostics, "Could not read the default roles", err, nil)
		return
	}
	m.fromAPI(flagged(roles))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *defaultRolesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state defaultRolesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m, ok := r.write(ctx, &resp.Diagnostics, plan, state)
	if !ok {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, defaultRolesIdentity{ID: m.ID})...)
}

// write sets the defaults and returns them as the platform then has them.
func (r *defaultRolesResource) write(ctx context.Context, diags *diag.Diagnostics, plan, state defaultRolesModel) (defaultRolesModel, bool) {
	at := scope{Data: r.Data}
	for _, wanted := range plan.references(state) {
		at.refuseMissing(ctx, diags, wanted)
	}
	if diags.HasError() {
		return plan, false
	}
	defer r.Run.Lock(run.InEnvironment(run.DefaultRoles, ""))()
	r.Run.Write(run.Of("", run.DefaultRoles))
	reply, err := at.setDefaults(ctx, plan.DefaultCreatorRole.ValueString(), plan.DefaultMemberRole.ValueString())
	if err != nil {
		tf.AddError(diags, "Could not set the default roles", err, defaultFields)
		return plan, false
	}
	m := plan
	m.fromAPI(reply.GetDefaultCreator(), reply.GetDefaultMember())
	if !m.DefaultCreatorRole.Equal(plan.DefaultCreatorRole) || !m.DefaultMemberRole.Equal(plan.DefaultMemberRole) {
		// Whether the reply names both roles is not documented; their flags decide.
		roles, err := at.list(ctx)
		if err != nil {
			tf.AddError(diags, "Could not read the default roles", err, nil)
			return plan, false
		}
		m.fromAPI(flagged(roles))
		reportDefault(diags, "default_creator_role", plan.DefaultCreatorRole, m.DefaultCreatorRole)
		reportDefault(diags, "default_member_role", plan.DefaultMemberRole, m.DefaultMemberRole)
	}
	return m, true
}

func reportDefault(diags *diag.Diagnostics, attribute string, wanted, stored types.String) {
	if !wanted.Equal(stored) {
		diags.AddAttributeError(path.Root(attribute), tf.NotStored, fmt.Sprintf(
			"The platform accepted %s = %s and reports %s as the default.", attribute, wanted, stored))
	}
}

// Delete returns to the built-in roles, since there is no environment without defaults. A default that somebody has
// changed since is left alone, and so is the pair that another resource of this run has written.
func (r *defaultRolesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state defaultRolesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Could not return to the built-in default roles"
	at := scope{Data: r.Data}
	defer r.Run.Lock(run.InEnvironment(run.DefaultRoles, ""))()
	if r.Run.Wrote(run.Of("", run.DefaultRoles)) {
		return
	}
	roles, err := at.list(ctx)
	if err != nil {
		tf.AddError(&resp.Diagnostics, summary, err, nil)
		return
	}
	creator, member := flagged(roles)
	restored := func(attribute string, now *rolesv1.Role, ours types.String, builtIn string) string {
		if now != nil && now.GetName() != ours.ValueString() {
			return now.GetName()
		}
		if hasRole(roles, builtIn) {
			return builtIn
		}
		resp.Diagnostics.AddWarning("A default role stays as it is", fmt.Sprintf(
			"The environment has no role %q to return to, so %s is still %s.", builtIn, attribute, ours))
		return ours.ValueString()
	}
	toCreator := restored("default_creator_role", creator, state.DefaultCreatorRole, builtInCreator)
	toMember := restored("default_member_role", member, state.DefaultMemberRole, builtInMember)
	if toCreator == creator.GetName() && toMember == member.GetName() {
		return
	}
	if _, err := at.setDefaults(ctx, toCreator, toMember); err != nil {
		tf.AddError(&resp.Diagnostics, summary, err, nil)
	}
}

// ImportState accepts the one id that there is.
func (r *defaultRolesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID
	if id == "" {
		var identity defaultRolesIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		id = identity.ID.ValueString()
	}
	if id != defaultsID {
		resp.Diagnostics.AddError("Cannot import the default roles", fmt.Sprintf("%q is not their id, which is always %q.", id, defaultsID))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}

// setDefaults writes the environment's defaults. The caller holds their lock.
func (s scope) setDefaults(ctx context.Context, creator, member string) (*rolesv1.UpdateDefaultRolesResponse, error) {
	reply, err := s.Client.Roles.UpdateDefaultRoles(ctx, connect.NewRequest(&rolesv1.UpdateDefaultRolesRequest{
		DefaultCreatorRole: &creator, DefaultMemberRole: &member,
	}))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}
