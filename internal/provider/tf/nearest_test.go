package tf_test

import (
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	candidates := []string{"admin", "member", "engineer", "billing_reader"}
	for name, wanted := range map[string]string{
		"enginee": "engineer", "Engineer": "engineer", "engineering": "engineer", "adm": "", "admim": "admin", "": "", "seller": "",
		"billing-reader": "billing_reader", "mamber": "member",
	} {
		if got := tf.Nearest(name, candidates); got != wanted {
			t.Errorf("the nearest to %q is %q, and should be %q", name, got, wanted)
		}
	}
	if got := tf.DidYouMean("admim", candidates); got != ` Did you mean "admin"?` {
		t.Errorf("the proposal is %q", got)
	}
}
