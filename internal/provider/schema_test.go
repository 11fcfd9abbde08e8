package provider_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// updatable are the attributes that an update takes; every other attribute that a user may set replaces.
var updatable = map[string][]string{
	"scalekit_directory":                    {"enabled", "attribute_mapping"},
	"scalekit_directory_secret":             nil,
	"scalekit_directory_role_assignments":   {"role_by_group_id"},
	"scalekit_directory_role_assignment":    {"role_name"},
	"scalekit_organization":                 {"display_name", "external_id", "metadata", "slug", "deletion_protection"},
	"scalekit_organization_domain":          {"organization_id", "domain_type"},
	"scalekit_organization_features":        {"organization_id", "sso", "scim", "domain_verification", "session_policy"},
	"scalekit_organization_session_policy":  {"organization_id", "absolute_session_timeout", "idle_session_timeout", "idle_session_timeout_enabled"},
	"scalekit_organization_user_management": {"organization_id", "max_allowed_users"},
	"scalekit_role":                         {"name", "display_name", "description", "extends", "permissions", "reassign_role_name"},
	"scalekit_organization_role":            {"name", "display_name", "description", "extends", "permissions", "reassign_role_name"},
	"scalekit_permission":                   {"description"},
	"scalekit_default_roles":                {"default_creator_role", "default_member_role"},
	"scalekit_organization_default_role":    {"organization_id", "default_member_role"},
	"scalekit_webhook_endpoint": {
		"url", "description", "event_types", "enabled", "channels", "rate_limit", "metadata", "uid", "headers_wo",
		"headers_wo_version", "secret_rotation", "secret_grace_period",
	},
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, newResource := range provider.New("test")().Resources(ctx) {
		one := newResource()
		var metadata resource.MetadataResponse
		one.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "scalekit"}, &metadata)
		name := metadata.TypeName

		var got resource.SchemaResponse
		one.Schema(ctx, resource.SchemaRequest{}, &got)
		if diags := got.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		if got.Schema.MarkdownDescription == "" {
			t.Errorf("%s has no description", name)
		}
		if _, ok := one.(resource.ResourceWithImportState); !ok {
			t.Errorf("%s cannot be imported", name)
		}
		if _, ok := one.(resource.ResourceWithIdentity); !ok {
			t.Errorf("%s has no identity", name)
		}
		if _, ok := updatable[name]; !ok {
			t.Errorf("%s is not in the table of updatable attributes", name)
		}
		for attributeName, attribute := range got.Schema.Attributes {
			at := name + "." + attributeName
			if description := attribute.GetMarkdownDescription(); !strings.HasSuffix(description, ".") {
				t.Errorf("%s: the description is not a sentence: %q", at, description)
			}
			settable := attribute.IsRequired() || attribute.IsOptional()
			isUpdatable := false
			for _, candidate := range updatable[name] {
				isUpdatable = isUpdatable || candidate == attributeName
			}
			if settable && isUpdatable == replaces(ctx, attribute) {
				t.Errorf("%s is neither updatable nor replacing, or both", at)
			}
		}
	}
}

// replaces reports whether a change of the attribute replaces the resource.
func replaces(ctx context.Context, attribute schema.Attribute) bool {
	var descriptions []string
	switch attribute := attribute.(type) {
	case schema.StringAttribute:
		for _, modifier := range attribute.PlanModifiers {
			descriptions = append(descriptions, modifier.(planmodifier.Describer).Description(ctx))
		}
	case schema.BoolAttribute:
		for _, modifier := range attribute.PlanModifiers {
			descriptions = append(descriptions, modifier.(planmodifier.Describer).Description(ctx))
		}
	case schema.Int64Attribute:
		for _, modifier := range attribute.PlanModifiers {
			descriptions = append(descriptions, modifier.(planmodifier.Describer).Description(ctx))
		}
	case schema.MapAttribute:
		for _, modifier := range attribute.PlanModifiers {
			descriptions = append(descriptions, modifier.(planmodifier.Describer).Description(ctx))
		}
	}
	return strings.Contains(strings.Join(descriptions, "\n"), "destroy and recreate")
}
