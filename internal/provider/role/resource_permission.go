package role

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

type permissionResource struct{ tf.Resource }

// NewPermissionResource returns scalekit_permission.
func NewPermissionResource() resource.Resource { return &permissionResource{} }

var (
	_ resource.ResourceWithConfigure   = (*permissionResource)(nil)
	_ resource.ResourceWithImportState = (*permissionResource)(nil)
	_ resource.ResourceWithIdentity    = (*permissionResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*permissionResource)(nil)
)

func (r *permissionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_permission"
}

func (r *permissionResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A permission of the environment, which roles give to users and your application asks for. The permissions " +
			"built into Scalekit, `sk_…`, exist already; roles name them without a resource.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The permission's id, `perm_…`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name by which roles and your application know the permission, such as `billing:read`: 1 to 64 letters, " +
					"digits, underscores and colons. It cannot be changed: another name is another permission.",
				Required:      true,
				Validators:    []validator.String{permissionName()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "What the permission allows, 1 to 2000 characters. Removing it from the configuration clears it.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 2000)},
			},
			"is_scalekit_permission": schema.BoolAttribute{
				MarkdownDescription: "Whether the permission is built into Scalekit. Destroying an imported one that is removes it from " +
					"Terraform's state alone.",
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (r *permissionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{Description: "The permission's name.", RequiredForImport: true},
		},
	}
}

func (r *permissionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.RememberEnvironment(ctx, resp.Private, &resp.Diagnostics)
	var plan permissionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	permission, err := r.create(ctx, &resp.Diagnostics, plan)
	if err != nil {
		r.addCreateError(ctx, &resp.Diagnostics, plan, err)
		return
	}
	m := plan
	m.fromAPI(permission)
	r.Run.Write(run.InEnvironment(run.Permission, permission.GetId()))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	reportPermissionDeviation(&resp.Diagnostics, plan, m)
}

func (r *permissionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var m permissionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Also for one that is gone: a state written by a Terraform that knows no identities has none to fall back on.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	permission, err := r.get(ctx, m.Name.ValueString())
	switch {
	case scalekit.IsNotFound(err), err == nil && m.ID.ValueString() != "" && permission.GetId() != m.ID.ValueString():
		resp.State.RemoveResource(ctx) // one of another id that has the name by now is somebody else's
		return
	case err != nil:
		tf.AddError(&resp.Diagnostics, "Could not read permission "+m.Name.ValueString(), err, nil)
		return
	}
	m.fromAPI(permission)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (r *permissionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan permissionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	reply, err := r.Client.Roles.UpdatePermission(ctx, connect.NewRequest(&rolesv1.UpdatePermissionRequest{
		PermissionName: plan.Name.ValueString(), Permission: plan.toAPI(),
	}))
	if err != nil {
		tf.AddError(&resp.Diagnostics, "Could not update permission "+plan.Name.ValueString(), err, fields)
		return
	}
	m := plan
	m.fromAPI(reply.Msg.GetPermission())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{Name: m.Name})...)
	reportPermissionDeviation(&resp.Diagnostics, plan, m)
}

func (r *permissionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.RefuseOtherEnvironment(ctx, req.Private, &resp.Diagnostics) {
		return
	}
	var state permissionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.IsScalekitPermission.ValueBool() { // the plan has said so
		return
	}
	permission, err := r.get(ctx, state.Name.ValueString())
	if err == nil && permission.GetId() != state.ID.ValueString() {
		resp.Diagnostics.AddWarning("A permission of the name stays", fmt.Sprintf(
			"Permission %s, %s, is gone. Another permission has its name, %s, which is not touched.",
			state.Name.ValueString(), state.ID.ValueString(), permission.GetId()))
		return
	}
	if err := r.remove(ctx, state.Name.ValueString()); err != nil && !scalekit.IsNotFound(err) {
		r.addRemoveError(ctx, &resp.Diagnostics, state.Name.ValueString(), err)
	}
}

// ImportState accepts a permission's name.
func (r *permissionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if tf.RefuseEmptyImport(req, resp, "permission") {
		return
	}
	if req.ID != "" && !permissionPattern.MatchString(req.ID) {
		resp.Diagnostics.AddError("Cannot import the permission", fmt.Sprintf("%q is not a permission's name, such as %q.", req.ID, "billing:read"))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("name"), path.Root("name"), req, resp)
}
