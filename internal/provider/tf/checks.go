package tf

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// LookUpTimeout bounds one plan-time look-up. A look-up is help, so it must not hold the plan up.
const LookUpTimeout = 20 * time.Second

// silenceTime is how long plan-time look-ups are left out after one of them was not answered.
const silenceTime = 10 * time.Second

// LookUp makes a plan-time look-up, of what the log names. A look-up that fails does not fail the plan. After one that the
// environment did not answer, the next ones are left out for a while, so that a plan waits for it once.
func (d *Data) LookUp(ctx context.Context, what string, look func(ctx context.Context) error) {
	if time.Now().UnixNano() < d.silentUntil.Load() {
		tflog.Warn(ctx, "Plan check skipped, since the environment has not answered lately", map[string]any{"what": what})
		return
	}
	ctx, cancel := context.WithTimeout(ctx, LookUpTimeout)
	defer cancel()
	err := look(ctx)
	if err == nil {
		return
	}
	if scalekit.IsUnanswered(err) {
		d.silentUntil.Store(time.Now().Add(silenceTime).UnixNano())
	}
	LogSkippedCheck(ctx, what, err)
}

// countingCalls is how many calls the plans of a run may make in order to count who is affected.
const countingCalls = 200

// Afford reports whether a plan may make so many calls more in order to count who is affected. At most 200 are made in a
// run, however many resources it plans.
func (d *Data) Afford(calls int) bool { return d.counted.Add(int64(calls)) <= countingCalls }

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
