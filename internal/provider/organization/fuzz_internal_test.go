package organization

import (
	"context"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/wrapperspb"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// accepts says whether a validator accepts a text.
func accepts(v validator.String, text string) bool {
	var resp validator.StringResponse
	v.ValidateString(context.Background(), validator.StringRequest{ConfigValue: types.StringValue(text)}, &resp)
	return !resp.Diagnostics.HasError()
}

// inPlan is what becomes of a duration in the plan of a policy that is stored as another one.
func inPlan(wanted, stored types.String) types.String {
	resp := planmodifier.StringResponse{PlanValue: wanted}
	sameDuration{}.PlanModifyString(context.Background(), planmodifier.StringRequest{StateValue: stored, PlanValue: wanted}, &resp)
	return resp.PlanValue
}

// A duration that is accepted goes out in minutes, comes back as it was written, and is no change from any other that
// means the same.
func FuzzDuration(f *testing.F) {
	for _, text := range []string{"8h", "480m", "8h0m0s", "1.5h", "-8h", "+8h", "0", "1m", "59s", "8760h", "525601m", "1e3h", "9223372036854775807ns", "8h ", "8 h", "٨h", "1h1m1s", "0.01666666666666666666h", ".5h", "5.h"} {
		f.Add(text)
	}
	const maximum = 525600
	f.Fuzz(func(t *testing.T, text string) {
		if !accepts(minutesValidator{maximum: maximum}, text) {
			return
		}
		parsed, err := time.ParseDuration(text)
		if err != nil || parsed < time.Minute || parsed > maximum*time.Minute || parsed%time.Minute != 0 {
			t.Fatalf("%q is accepted: %s (%v)", text, parsed, err)
		}
		wanted := types.StringValue(text)
		model := sessionPolicyModel{AbsoluteSessionTimeout: wanted}
		sent := model.toAPI()
		count := sent.GetAbsoluteSessionTimeout().GetValue()
		if time.Duration(count)*time.Minute != parsed || sent.GetAbsoluteSessionTimeoutUnit() != commonsv1.TimeUnit_MINUTES {
			t.Errorf("%q is sent as %d %s", text, count, sent.GetAbsoluteSessionTimeoutUnit())
		}
		model.fromAPI(&organizationsv1.OrganizationSessionPolicySettings{AbsoluteSessionTimeout: wrapperspb.Int32(count)})
		if !model.AbsoluteSessionTimeout.Equal(wanted) {
			t.Errorf("%q comes back as %s", text, model.AbsoluteSessionTimeout)
		}
		short := types.StringValue(formatMinutes(int64(count)))
		if !accepts(minutesValidator{maximum: maximum}, short.ValueString()) {
			t.Errorf("%q is written as %s, which is not accepted", text, short)
		}
		if got := inPlan(wanted, short); !got.Equal(short) {
			t.Errorf("%s and %s mean the same, and the plan is %s", wanted, short, got)
		}
		longer := types.StringValue(formatMinutes(int64(count) + 1))
		if got := inPlan(longer, wanted); !got.Equal(longer) {
			t.Errorf("%s and %s differ, and the plan is %s", longer, wanted, got)
		}
	})
}

// Whatever the platform stores reaches the state as a duration that means the same, and stays written as it was where it
// does.
func FuzzStoredTimeout(f *testing.F) {
	f.Add(int32(480), uint8(0), "8h")
	f.Add(int32(8), uint8(2), "480m")
	f.Add(int32(2147483647), uint8(3), "")
	f.Add(int32(-2147483648), uint8(2), "x")
	f.Add(int32(-90), uint8(1), "")
	f.Add(int32(0), uint8(9), "0s")
	f.Fuzz(func(t *testing.T, count int32, unit uint8, before string) {
		if !utf8.ValidString(before) {
			return
		}
		length := map[commonsv1.TimeUnit]time.Duration{commonsv1.TimeUnit_HOURS: time.Hour, commonsv1.TimeUnit_DAYS: 24 * time.Hour}[commonsv1.TimeUnit(unit)]
		if length == 0 {
			length = time.Minute
		}
		stored := duration(wrapperspb.Int32(count), commonsv1.TimeUnit(unit), types.StringValue(before))
		if stored.IsNull() != (count == 0) {
			t.Errorf("%d %s is %s in the state", count, commonsv1.TimeUnit(unit), stored)
		}
		if stored.IsNull() {
			return
		}
		state := stored.ValueString()
		const longest = time.Duration(1<<63 - 1)
		if most := int64(longest / length); int64(count) > most || int64(count) < -most {
			return // More than a duration can say.
		}
		parsed, err := time.ParseDuration(state)
		if err != nil || parsed.Truncate(time.Minute) != time.Duration(count)*length {
			t.Errorf("%d %s is %q in the state", count, commonsv1.TimeUnit(unit), state)
		}
		if again := duration(wrapperspb.Int32(count), commonsv1.TimeUnit(unit), types.StringValue(state)).ValueString(); again != state {
			t.Errorf("%q is %q the next time", state, again)
		}
	})
}
