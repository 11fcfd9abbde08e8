package tf

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// LogSkippedCheck notes a plan-time look-up that failed: a plan does not fail for it.
func LogSkippedCheck(ctx context.Context, what string, err error) {
	tflog.Warn(ctx, "Plan check skipped, since the look-up failed", map[string]any{"what": what, "error": err.Error()})
}

// ImportBlock is the block that adopts an object, for the user to paste.
func ImportBlock(resourceType, id string) string {
	return fmt.Sprintf("  import {\n    to = %s.NAME\n    id = %q\n  }\n", resourceType, id)
}

// Count says how many there are of a noun whose plural ends in s.
func Count(count int, noun string) string { return CountOf(count, noun, noun+"s") }

// CountOf says how many there are of a noun.
func CountOf(count int, singular, plural string) string {
	switch count {
	case 0:
		return "no " + plural
	case 1:
		return "1 " + singular
	default:
		return fmt.Sprintf("%d %s", count, plural)
	}
}

// Enumerate joins parts as in a sentence: "a", "a and b", "a, b and c".
func Enumerate(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
