package tf

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ImportPart is one part of an import id that has several, and the attribute of state and identity that it names.
type ImportPart struct {
	// Attribute is the attribute's name, the same in state and identity.
	Attribute string
	// Prefix begins the ids of its kind, such as "org_".
	Prefix string
}

// Import takes over an import by identity, or by an id whose parts are joined by slashes. What is the thing that is
// imported, such as "directory", for the error about an id of another form.
func Import(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, what string, parts ...ImportPart) {
	if RefuseEmptyImport(req, resp, what) {
		return
	}
	values := strings.Split(req.ID, "/")
	for i, part := range parts {
		at := path.Root(part.Attribute)
		if req.ID == "" {
			var value types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, at, &value)...)
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, at, value)...)
			continue
		}
		if len(values) != len(parts) || !ValidID(part.Prefix, values[i]) {
			names, example := make([]string, len(parts)), make([]string, len(parts))
			for j, part := range parts {
				names[j], example[j] = strings.ToUpper(part.Attribute), part.Prefix+"12345678901234567"
			}
			resp.Diagnostics.AddError("Cannot import the "+what, fmt.Sprintf("%q is not an import id of a %s. Give %s, such as %q.",
				req.ID, what, strings.Join(names, "/"), strings.Join(example, "/")))
			return
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, at, values[i])...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, at, values[i])...)
	}
}

// RefuseEmptyImport reports, and returns true for, an import by an empty id. An import by identity has an empty id, too,
// and passes. What is the thing that is imported, as for Import.
func RefuseEmptyImport(req resource.ImportStateRequest, resp *resource.ImportStateResponse, what string) bool {
	if req.ID != "" || req.Identity != nil && !req.Identity.Raw.IsNull() {
		return false
	}
	resp.Diagnostics.AddError("Cannot import the "+what, "The import id is empty.")
	return true
}
