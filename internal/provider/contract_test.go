package provider_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/protobuf/proto"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// contract is one attribute and the API's field for it.
type contract struct {
	resource, attribute string
	// field is the field's name as violations name it.
	field string
	// message is a request with the value, valid in everything else.
	message func(value any) proto.Message
	values  []any
	// stricter says that the schema refuses more than the API's rules do, for a reason that stands with its validator.
	stricter bool
}

// Every value that the API's own rules refuse is refused by the schema, and none that they accept.
func TestSchemaAgreesWithDescriptors(t *testing.T) {
	t.Parallel()
	create := func(set func(*organizationsv1.CreateOrganization, any)) func(any) proto.Message {
		return func(value any) proto.Message {
			org := &organizationsv1.CreateOrganization{DisplayName: "Acme"}
			set(org, value)
			return &organizationsv1.CreateOrganizationRequest{Organization: org}
		}
	}
	lengths := func(counts ...int) []any {
		var values []any
		for _, count := range counts {
			values = append(values, strings.Repeat("a", count), strings.Repeat("é", count))
		}
		return values
	}
	pairs := func(count int) map[string]string {
		values := map[string]string{}
		for i := range count {
			values[fmt.Sprintf("key%d", i)] = "value"
		}
		return values
	}
	key := func(length int) map[string]string { return map[string]string{strings.Repeat("k", length): "v"} }
	value := func(length int) map[string]string { return map[string]string{"key": strings.Repeat("é", length)} }

	for _, rule := range append(directoryContracts(), []contract{
		{
			"scalekit_organization", "display_name", "display_name",
			create(func(org *organizationsv1.CreateOrganization, value any) { org.DisplayName = value.(string) }),
			lengths(0, 1, 200, 201),
			false,
		},
		{
			"scalekit_organization", "slug", "slug",
			create(func(org *organizationsv1.CreateOrganization, value any) { org.Slug = new(value.(string)) }),
			append(lengths(0, 1, 63, 64, 253, 254), "acme", "Acme", "acme-inc", "-acme", "acme-", "a--b", "acme.example", ".acme", "acme.",
				"a..b", "acme_inc", "acme inc", strings.Repeat("a.", 126)+"a", strings.Repeat("a.", 127)+"a", "a\nb", "acme\n"),
			false,
		},
		{
			"scalekit_organization", "metadata", "metadata",
			create(func(org *organizationsv1.CreateOrganization, value any) { org.Metadata = value.(map[string]string) }),
			[]any{pairs(0), pairs(10), pairs(11), key(2), key(3), key(25), key(26), value(0), value(1), value(256), value(257)},
			false,
		},
		{
			"scalekit_organization_features", "organization_id", "id",
			func(value any) proto.Message {
				return &organizationsv1.UpdateOrganizationSettingsRequest{Id: value.(string), Settings: &organizationsv1.OrganizationSettings{}}
			},
			[]any{"", "org", "org_1", "acme", "dir_1", "xorg_1", "org_" + strings.Repeat("1", 28), "org_" + strings.Repeat("1", 29)},
			false,
		},
		{
			"scalekit_organization_session_policy", "organization_id", "organization_id",
			func(value any) proto.Message {
				return &organizationsv1.UpdateOrganizationSessionPolicyRequest{OrganizationId: value.(string)}
			},
			[]any{"", "org_1", "acme", "org_" + strings.Repeat("1", 29)},
			false,
		},
		{
			"scalekit_organization_user_management", "organization_id", "organization_id",
			func(value any) proto.Message {
				return &organizationsv1.UpsertUserManagementSettingsRequest{
					OrganizationId: value.(string), Settings: &organizationsv1.OrganizationUserManagementSettings{},
				}
			},
			[]any{"", "org_1", "acme", "org_" + strings.Repeat("1", 29)},
			false,
		},
		{
			"scalekit_organization_domain", "organization_id", "organization_id",
			func(value any) proto.Message {
				return &domainsv1.CreateDomainRequest{
					Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: value.(string)},
					Domain:     &domainsv1.CreateDomain{Domain: "acme.example"},
				}
			},
			[]any{"", "org_1", "acme", "org_" + strings.Repeat("1", 29)},
			true,
		},
		{
			"scalekit_organization_domain", "domain", "domain",
			func(value any) proto.Message {
				return &domainsv1.CreateDomainRequest{
					Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: "org_1"},
					Domain:     &domainsv1.CreateDomain{Domain: value.(string)},
				}
			},
			[]any{"", "a.b", "a.bc", "acme.example", "acme", "Acme.example", strings.Repeat("a.", 126) + "abc", strings.Repeat("a.", 127) + "ab"},
			true,
		},
	}...) {
		for _, value := range rule.values {
			name := fmt.Sprintf("%s.%s=%.40q", rule.resource, rule.attribute, value)
			byAPI := apiAccepts(t, rule.message(value), rule.field)
			bySchema := schemaAccepts(t, rule.resource, rule.attribute, value)
			if byAPI != bySchema && (!rule.stricter || bySchema) {
				t.Errorf("%s: the API accepts it: %t, the schema accepts it: %t", name, byAPI, bySchema)
			}
		}
	}
}

// apiAccepts reports whether the descriptors' rules accept a message, as far as one field is concerned.
func apiAccepts(t *testing.T, message proto.Message, field string) bool {
	t.Helper()
	err := protovalidate.Validate(message)
	if err == nil {
		return true
	}
	violations := new(protovalidate.ValidationError)
	if !errors.As(err, &violations) {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(violations.Violations, func(violation *protovalidate.Violation) bool {
		return strings.Contains(protovalidate.FieldPathString(violation.Proto.GetField()), field)
	})
}

// schemaAccepts reports whether a resource's validation accepts a value for one attribute, all others being null.
func schemaAccepts(t *testing.T, resourceType, attribute string, value any) bool {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	object := schemas.ResourceSchemas[resourceType].ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attributeType := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
	}
	if pairs, ok := value.(map[string]string); ok {
		elements := map[string]tftypes.Value{}
		for key, element := range pairs {
			elements[key] = tftypes.NewValue(tftypes.String, element)
		}
		value = elements
	}
	values[attribute] = tftypes.NewValue(object.AttributeTypes[attribute], value)
	config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: resourceType, Config: &config,
	})
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(reply.Diagnostics, func(diagnostic *tfprotov6.Diagnostic) bool {
		return diagnostic.Attribute != nil && strings.HasPrefix(diagnostic.Attribute.String(), fmt.Sprintf("AttributeName(%q)", attribute))
	})
}
