package tf_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

// notes is a resource's private state.
type notes map[string][]byte

func (n notes) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return n[key], nil }

func (n notes) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	n[key] = value
	return nil
}

func TestRefuseOtherEnvironment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		written, configured string
		previous            []string
		refused             string // what the error advises; empty if the state passes
	}{
		"the same":                     {written: "acme.scalekit.com", configured: "acme.scalekit.com"},
		"another":                      {written: "acme-dev.scalekit.com", configured: "acme.scalekit.com", refused: `["https://acme-dev.scalekit.com"]`},
		"another that begins alike":    {written: "acme.scalekit.com", configured: "acme.scalekit.com.example", refused: `["https://acme.scalekit.com"]`},
		"another port":                 {written: "127.0.0.1:8787", configured: "127.0.0.1:8788", refused: `["http://127.0.0.1:8787"]`},
		"moved":                        {written: "acme.scalekit.com", configured: "auth.acme.com", previous: []string{"acme.scalekit.com"}},
		"moved from yet another place": {written: "acme.scalekit.com", configured: "auth.acme.com", previous: []string{"acme-dev.scalekit.com"}, refused: "acme.scalekit.com"},
		"none remembered":              {configured: "acme.scalekit.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private := notes{}
			var diags diag.Diagnostics
			if test.written != "" {
				(&tf.Data{Environment: test.written}).RememberEnvironment(t.Context(), private, &diags)
			}
			data := &tf.Data{Environment: test.configured, PreviousEnvironments: test.previous}
			refused := data.RefuseOtherEnvironment(t.Context(), private, &diags)
			if refused != (test.refused != "") || diags.HasError() != refused {
				t.Fatalf("refused is %t: %v", refused, diags)
			}
			if refused && !strings.Contains(diags.Errors()[0].Detail(), test.refused) {
				t.Errorf("the advice lacks %q: %s", test.refused, diags.Errors()[0].Detail())
			}
		})
	}
}
