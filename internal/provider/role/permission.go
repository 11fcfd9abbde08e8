package role

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

func (r *permissionResource) get(ctx context.Context, name string) (*rolesv1.Permission, error) {
	reply, err := r.Client.Roles.GetPermission(ctx, connect.NewRequest(&rolesv1.GetPermissionRequest{PermissionName: name}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetPermission(), nil
}

// create makes the permission exactly once. Its name is unique, so a repeated create is refused; one that is found after
// a create of unknown outcome is that create's if it is equal, no older, and not another resource's.
func (r *permissionResource) create(ctx context.Context, diags *diag.Diagnostics, plan permissionModel) (*rolesv1.Permission, error) {
	started := time.Now()
	return scalekit.Create(ctx, r.Client, scalekit.Creation[*rolesv1.Permission]{
		Create: func(ctx context.Context) (*rolesv1.Permission, error) {
			reply, err := r.Client.Roles.CreatePermission(ctx, connect.NewRequest(
				&rolesv1.CreatePermissionRequest{Permission: plan.toAPI()}))
			if err != nil {
				return nil, err
			}
			return reply.Msg.GetPermission(), nil
		},
		Find: func(ctx context.Context) (*rolesv1.Permission, bool, error) {
			permission, err := r.get(ctx, plan.Name.ValueString())
			if scalekit.IsNotFound(err) {
				return nil, false, nil
			}
			if err != nil {
				return nil, false, err
			}
			return permission, permission.GetDescription() == plan.Description.ValueString() &&
				r.Client.RecentEnough(permission.GetCreateTime().AsTime(), started) &&
				!r.Run.Wrote(run.InEnvironment(run.Permission, permission.GetId())), nil
		},
		Adopted: func(permission *rolesv1.Permission) { tf.AddAdopted(diags, "permission "+permission.GetName()) },
		Unique:  true,
	})
}

// addCreateError reports a failed create.
func (r *permissionResource) addCreateError(ctx context.Context, diags *diag.Diagnostics, plan permissionModel, err error) {
	name := plan.Name.ValueString()
	summary := "Could not create permission " + name
	if unknown := new(scalekit.UnknownOutcomeError); errors.As(err, &unknown) {
		diags.AddError(summary, fmt.Sprintf("It is not known whether the permission was created: %s.\n\nApply again: if the permission exists, "+
			"the plan says so and gives the import block.", tf.Text(err.Error())))
		return
	}
	// The platform says in words only that a name is taken, so that is looked up.
	if len(scalekit.Explain(err).Violations) == 0 {
		if permission, lookErr := r.get(ctx, name); lookErr == nil {
			addPermissionConflict(diags, permission)
			return
		}
	}
	tf.AddError(diags, summary, err, fields)
}

// addPermissionConflict reports a permission that has the wanted name already, and what to do about it.
func addPermissionConflict(diags *diag.Diagnostics, permission *rolesv1.Permission) {
	kind := "Permission"
	if permission.GetIsScalekitPermission() {
		kind = "Scalekit's built-in permission"
	}
	tf.AddTaken(diags, tf.Taken{
		Attribute: path.Root("name"), Key: fmt.Sprintf("the name %q", permission.GetName()),
		Holder:       fmt.Sprintf("%s %s (%s) of this environment", kind, tf.Quote(permission.GetName()), tf.Text(permission.GetId())),
		ResourceType: "scalekit_permission", ImportID: permission.GetName(),
	})
}

// reportPermissionDeviation says that the platform stored another description.
func reportPermissionDeviation(diags *diag.Diagnostics, plan, got permissionModel) {
	tf.ReportDeviations(diags, tf.Deviation{Attribute: "description", Wanted: plan.Description, Stored: got.Description})
}

// ModifyPlan looks for a permission of the planned name, and says which roles a destroy takes the permission from.
func (r *permissionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.RefuseOtherEnvironment(ctx, resp.Private, &resp.Diagnostics) {
		return
	}
	var plan, state permissionModel
	isCreate, isDestroy := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !isDestroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() || r.Data == nil {
		return
	}
	if !isCreate && (isDestroy || !plan.Name.Equal(state.Name)) {
		r.warnOfDestroy(ctx, &resp.Diagnostics, state)
	}
	object := run.InEnvironment(run.Permission, state.ID.ValueString())
	if isDestroy {
		r.Discard(&resp.Diagnostics, object, "scalekit_permission", "permission "+state.Name.ValueString())
		return
	}
	if !isCreate {
		r.Keep(&resp.Diagnostics, object, "scalekit_permission", "permission "+state.Name.ValueString())
	}
	prior := tf.Prior(ctx, req, resp, state.Name.ValueString())
	if plan.Name.IsUnknown() {
		return
	}
	name := plan.Name.ValueString()
	object = run.InEnvironment(run.Permission, name)
	r.Run.Plan(object)
	r.Claim(&resp.Diagnostics, path.Root("name"), object, prior, "permission "+name)
	if prior != name && r.PlanChecks {
		r.checkName(ctx, &resp.Diagnostics, name)
	}
}

// checkName reports a permission that has the name of one to be created.
func (r *permissionResource) checkName(ctx context.Context, diags *diag.Diagnostics, name string) {
	r.LookUp(ctx, "the name of a permission", func(ctx context.Context) error {
		permission, err := r.get(ctx, name)
		if err == nil {
			addPermissionConflict(diags, permission)
		}
		return ignoreNotFound(err)
	})
}

// warnOfDestroy says what becomes of a permission, and of the roles that have it.
func (r *permissionResource) warnOfDestroy(ctx context.Context, diags *diag.Diagnostics, state permissionModel) {
	name := state.Name.ValueString()
	if state.IsScalekitPermission.ValueBool() {
		diags.AddWarning(fmt.Sprintf("Permission %q stays", name),
			"The permission is built into Scalekit and cannot be deleted. It is only removed from Terraform's state.")
		return
	}
	if !r.PlanChecks {
		return
	}
	r.LookUp(ctx, "the roles that have a permission", func(ctx context.Context) error {
		having, err := r.having(ctx, name)
		if names := roleNames(having); len(names) > 0 {
			diags.AddWarning(fmt.Sprintf("Permission %q will be deleted", name), fmt.Sprintf(
				"%s %s it and %s it: %s.", tf.Count(len(names), "role"), agree(len(names), "has", "have"),
				agree(len(names), "loses", "lose"), tf.QuoteAll(names)))
		}
		return err
	})
}

// having reads the roles that have the permission themselves, those of organizations among them.
func (r *permissionResource) having(ctx context.Context, name string) ([]*rolesv1.Role, error) {
	reply, err := r.Client.Roles.ListRoles(ctx, connect.NewRequest(&rolesv1.ListRolesRequest{Include: new(withPermissions)}))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(reply.Msg.GetRoles(), func(role *rolesv1.Role) bool {
		return !slices.Contains(ownPermissions(role), name)
	}), nil
}

func roleNames(roles []*rolesv1.Role) []string {
	var names []string
	for _, role := range roles {
		names = append(names, role.GetName())
	}
	return names
}

// remove deletes the permission. Whether the platform then takes it from the roles that have it, or refuses, is not
// documented. Terraform destroys a permission before it updates the roles that referred to it, so where the platform
// refuses, the permission is taken from them here.
func (r *permissionResource) remove(ctx context.Context, name string) error {
	send := func() error {
		_, err := r.Client.Roles.DeletePermission(ctx, connect.NewRequest(&rolesv1.DeletePermissionRequest{PermissionName: name}))
		return err
	}
	refused := send()
	if !isInUse(refused) {
		return refused
	}
	having, err := r.having(ctx, name)
	if err != nil {
		return refused
	}
	for _, role := range having {
		if role.GetIsOrgRole() {
			continue // there is no call for them
		}
		_, err := r.Client.Roles.RemovePermissionFromRole(ctx, connect.NewRequest(&rolesv1.RemovePermissionFromRoleRequest{
			RoleName: role.GetName(), PermissionName: name,
		}))
		if err != nil && !scalekit.IsNotFound(err) {
			return err
		}
	}
	return settle(ctx, send)
}

// addRemoveError reports a permission that could not be deleted, and which roles have it.
func (r *permissionResource) addRemoveError(ctx context.Context, diags *diag.Diagnostics, name string, err error) {
	var explained diag.Diagnostics
	tf.AddError(&explained, "Could not delete permission "+name, err, fields)
	having, lookErr := r.having(ctx, name)
	for _, one := range explained {
		detail := one.Detail()
		if names := roleNames(having); lookErr == nil && isInUse(err) && len(names) > 0 {
			detail += fmt.Sprintf("\n\nIt belongs to %s. Take it from there, apply, and then destroy it; or set lifecycle { "+
				"create_before_destroy = true } on it and apply before, and Terraform updates the roles first.", tf.QuoteAll(names))
		}
		diags.AddError(one.Summary(), detail)
	}
}
