package provider_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// unlisted are the resources that cannot be listed, and why.
var unlisted = map[string]string{
	"scalekit_organization_features":        "every organization has them, and its id is theirs",
	"scalekit_organization_session_policy":  "every organization has one, and its id is the policy's",
	"scalekit_organization_user_management": "every organization has it, and its id is its own",
	"scalekit_organization_default_role":    "every organization has one, and its id is the default's",
	"scalekit_default_roles":                "the environment has one pair",
	"scalekit_directory_secret":             "the platform shows a secret's value once, so that one which exists is better replaced than adopted",
	"scalekit_directory_role_assignments":   "every directory has one mapping, and its id is the mapping's",
	"scalekit_directory_role_assignment":    "it is a part of a mapping, which scalekit_directory_role_assignments adopts as a whole",
}

func TestListSchemas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, newListResource := range provider.New("test")().(*provider.Provider).ListResources(ctx) {
		one := newListResource()
		var metadata resource.MetadataResponse
		one.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "scalekit"}, &metadata)
		name := metadata.TypeName
		if reason, ok := unlisted[name]; ok {
			t.Errorf("%s is listed, and is said not to be: %s", name, reason)
		}
		if _, ok := one.(list.ListResourceWithConfigure); !ok {
			t.Errorf("%s gets no client", name)
		}

		var got list.ListResourceSchemaResponse
		one.ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &got)
		if diags := got.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		if description := got.Schema.MarkdownDescription; !strings.HasPrefix(description, "Lists ") || !strings.HasSuffix(description, ".") {
			t.Errorf("%s: the description does not say in sentences what is listed: %q", name, description)
		}
		for attributeName, attribute := range got.Schema.Attributes {
			at := name + "." + attributeName
			if description := attribute.GetMarkdownDescription(); !strings.HasSuffix(description, ".") {
				t.Errorf("%s: the description is not a sentence: %q", at, description)
			}
			if !attribute.IsOptional() {
				t.Errorf("%s has to be given, so that a list block without a config block fails", at)
			}
		}
	}
}

// A resource either can be listed or is in the table of those that cannot.
func TestEveryResourceIsListed(t *testing.T) {
	t.Parallel()
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{}))
	wanted := slices.Sorted(maps.Keys(unlisted))
	got := slices.DeleteFunc(driver.ResourceTypes(), func(name string) bool {
		return slices.Contains(driver.ListResourceTypes(), name)
	})
	if !slices.Equal(got, wanted) {
		t.Errorf("the resources that cannot be listed are %q, and should be %q", got, wanted)
	}
}
