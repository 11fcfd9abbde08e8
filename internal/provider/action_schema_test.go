package provider_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

func TestActionSchemas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, newAction := range provider.New("test")().(*provider.Provider).Actions(ctx) {
		one := newAction()
		var metadata action.MetadataResponse
		one.Metadata(ctx, action.MetadataRequest{ProviderTypeName: "scalekit"}, &metadata)
		name := metadata.TypeName

		var got action.SchemaResponse
		one.Schema(ctx, action.SchemaRequest{}, &got)
		if diags := got.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		description := got.Schema.MarkdownDescription
		for _, said := range []string{"Needs Terraform 1.14 or newer.", "does not wait", "terraform apply -invoke=action." + name + ".NAME"} {
			if !strings.Contains(description, said) {
				t.Errorf("%s: the description lacks %q: %q", name, said, description)
			}
		}
		if !strings.HasSuffix(description, ".") {
			t.Errorf("%s: the description does not end as a sentence: %q", name, description)
		}
		if _, ok := one.(action.ActionWithModifyPlan); !ok {
			t.Errorf("%s helps no plan", name)
		}
		for attributeName, attribute := range got.Schema.Attributes {
			if text := attribute.GetMarkdownDescription(); !strings.HasSuffix(text, ".") {
				t.Errorf("%s.%s: the description is not a sentence: %q", name, attributeName, text)
			}
		}
	}
}
