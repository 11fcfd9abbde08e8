package tf_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects        [][2]string // name and id
		want, leftOut  string
		warningsWanted int
	}{
		{nil, "map[]", "", 0},
		{[][2]string{{"a", "1"}, {"b", "2"}}, `map[a:"1" b:"2"]`, "", 0},
		{[][2]string{{"", "1"}, {"b", "2"}, {"", "3"}}, `map[b:"2"]`, "", 0},
		{[][2]string{{"a", "1"}, {"b", "2"}, {"a", "1"}}, `map[a:"1" b:"2"]`, "", 0}, // the list shifted between two pages
		{[][2]string{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"a", "4"}, {"b", "1"}, {"c", "5"}}, `map[c:"5"]`, `"a" and "b"`, 1},
	} {
		var ids tf.IDs
		for _, object := range test.objects {
			ids.Add(object[0], types.StringValue(object[1]))
		}
		var diags diag.Diagnostics
		got := ids.Map(&diags, "name", "groups of directory dir_1")
		if text := fmt.Sprint(got); got == nil || text != test.want {
			t.Errorf("%v: the map is %s, and should be %s", test.objects, text, test.want)
		}
		if len(diags) != test.warningsWanted || diags.HasError() {
			t.Errorf("%v: the diagnostics are %v", test.objects, diags)
		}
		for _, warning := range diags {
			want := "Several groups of directory dir_1 share a name, so ids_by_name leaves these names out: " + test.leftOut + "."
			if warning.Detail() != want {
				t.Errorf("%v: the warning is %q, and should be %q", test.objects, warning.Detail(), want)
			}
		}
	}
}
