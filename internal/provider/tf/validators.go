package tf

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// maxIDLength is what the API's rules allow an id.
const maxIDLength = 32

// ValidID reports whether the text has the form of an id of the platform: its kind's prefix, such as "org_", and at
// most 32 characters in all.
func ValidID(prefix, id string) bool { return hasForm(id, prefix, maxIDLength) }

func hasForm(id, prefix string, maximum int) bool {
	return strings.HasPrefix(id, prefix) && len(id) > len(prefix) && utf8.RuneCountInString(id) <= maximum
}

// ID validates an id of the kind with the prefix.
func ID(prefix string) validator.String { return idValidator{prefix, maxIDLength} }

// LongID validates an id of a kind whose ids have up to maximum characters.
func LongID(prefix string, maximum int) validator.String { return idValidator{prefix, maximum} }

type idValidator struct {
	prefix  string
	maximum int
}

func (v idValidator) Description(context.Context) string {
	return fmt.Sprintf("must be an id that begins with %q and has at most %d characters", v.prefix, v.maximum)
}

func (v idValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v idValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || hasForm(req.ConfigValue.ValueString(), v.prefix, v.maximum) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid id", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
}

// Time validates a time in RFC 3339 form.
func Time() validator.String { return timeValidator{} }

type timeValidator struct{}

func (timeValidator) Description(context.Context) string {
	return "must be a time in RFC 3339 form, such as 2026-01-31T00:00:00Z"
}

func (v timeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
