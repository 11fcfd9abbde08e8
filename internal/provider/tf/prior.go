package tf

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
)

// priorKey is where a plan keeps what it is about.
const priorKey = "planned"

// Prior returns what a plan is about: current, which is of the state, or, in the second of the two steps in which Terraform
// plans a replacement and which sees no state, what the first step had. It is zero for a resource that is to be created.
// Warnings of the second step are not shown, errors are.
func Prior[T any](ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, current T) T {
	if req.State.Raw.IsNull() {
		var prior T
		note, diags := req.Private.GetKey(ctx, priorKey)
		resp.Diagnostics.Append(diags...)
		if len(note) == 0 || json.Unmarshal(note, &prior) != nil {
			return *new(T)
		}
		return prior
	}
	note, err := json.Marshal(current)
	if err != nil {
		resp.Diagnostics.AddError("The provider has a bug", fmt.Sprintf("A plan cannot note what it is about: %v. Please report this.", err))
		return current
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, priorKey, note)...)
	return current
}

// Claim reports a key that another resource of the configuration has as well. Prior tells a resource that is planned twice,
// since it is replaced, from two: it is "" for one that is to be created. What names the object in messages, such as
// "role engineer".
func (d *Data) Claim(diags *diag.Diagnostics, at path.Path, object run.Object, prior, what string) {
	if d != nil && d.Run.Claim(object, prior) {
		diags.AddAttributeError(at, "Declared twice", fmt.Sprintf(
			"This configuration declares %s in two resources, each of which would undo the other. Remove one of them, or change its key.", what))
	}
}

// Keep and Discard report an object that one resource of the configuration keeps and another one destroys. What names it
// in messages, such as "organization org_1".
func (d *Data) Keep(diags *diag.Diagnostics, object run.Object, resourceType, what string) {
	if d != nil && d.Run.Keep(object) {
		addKeptAndDestroyed(diags, resourceType, what)
	}
}

// Discard is the counterpart of Keep.
func (d *Data) Discard(diags *diag.Diagnostics, object run.Object, resourceType, what string) {
	if d != nil && d.Run.Discard(object) {
		addKeptAndDestroyed(diags, resourceType, what)
	}
}

func addKeptAndDestroyed(diags *diag.Diagnostics, resourceType, what string) {
	diags.AddError("The plan keeps and destroys the same object", fmt.Sprintf(
		"One resource of this configuration keeps %s, perhaps by an import block, and another address of the state, which the configuration no "+
			"longer has, destroys it. To give it the new address, put a moved block in place of the import block:\n\n"+
			"  moved {\n    from = %s.OLD\n    to   = %s.NEW\n  }", what, resourceType, resourceType))
}
