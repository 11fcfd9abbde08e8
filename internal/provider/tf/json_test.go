package tf_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

func TestSameJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state, config string
		kept          bool
	}{
		{`{"b": 1, "a": [2, "<"]}`, `{"a":[2,"\u003c"],"b":1}`, true},
		{`[1, 2]`, `[1,2]`, true},
		{`{"a": 1}`, `{"a":2}`, false},
		{`{"a": 9007199254740993}`, `{"a":9007199254740992}`, false},
		{`[1, 2]`, `[2,1]`, false},
		{`1`, ` 1`, false},
		{`"a"`, ` "a"`, false},
		{`{`, `{`, true},
		{`{`, ` {`, false},
		{`{}`, `{} {}`, false},
		{`{} and more`, `{}`, false},
		{`Acme`, `acme`, false},
	} {
		req := planmodifier.StringRequest{
			StateValue: types.StringValue(test.state), ConfigValue: types.StringValue(test.config), PlanValue: types.StringValue(test.config),
		}
		resp := planmodifier.StringResponse{PlanValue: req.PlanValue}
		tf.SameJSON().PlanModifyString(t.Context(), req, &resp)
		if kept := resp.PlanValue.Equal(req.StateValue); kept != test.kept {
			t.Errorf("%s in place of %s: the state's text is kept: %t", test.config, test.state, kept)
		}
	}
	for _, absent := range []types.String{types.StringNull(), types.StringUnknown()} {
		req := planmodifier.StringRequest{StateValue: types.StringValue(`{}`), ConfigValue: absent, PlanValue: absent}
		resp := planmodifier.StringResponse{PlanValue: absent}
		tf.SameJSON().PlanModifyString(t.Context(), req, &resp)
		if !resp.PlanValue.Equal(absent) {
			t.Errorf("the plan is %s, and should stay %s", resp.PlanValue, absent)
		}
	}
}
