package tf

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// maxIDLength is what the API's rules allow an id.
const maxIDLength = 32

// ValidID reports whether the text has the form of an id of the platform: its kind's prefix, such as "org_", and at
// most 32 characters in all.
func ValidID(prefix, id string) bool {
	return strings.HasPrefix(id, prefix) && len(id) > len(prefix) && utf8.RuneCountInString(id) <= maxIDLength
}

// ID validates an id of the kind with the prefix.
func ID(prefix string) validator.String { return idValidator{prefix} }

type idValidator struct{ prefix string }

func (v idValidator) Description(context.Context) string {
	return fmt.Sprintf("must be an id that begins with %q and has at most %d characters", v.prefix, maxIDLength)
}

func (v idValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v idValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || ValidID(v.prefix, req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid id", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
}
