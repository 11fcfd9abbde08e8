package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// roleContract is one attribute and the fields of the API's requests that its value goes to.
type roleContract struct {
	resource, attribute string
	// field is the fields' name as violations name it.
	field string
	// messages are requests with the value, valid in everything else. The schema accepts what all of them accept.
	messages []func(value any) proto.Message
	values   []any
	// stricter says that the schema refuses more than the API's rules do, for a reason that stands with its validator.
	stricter bool
}

// TestRoleSchemasAgreeWithDescriptors is TestSchemaAgreesWithDescriptors for roles and permissions, whose attributes go
// to several requests. It fails, too, when a request has a field with a rule that no attribute is held against.
func TestRoleSchemasAgreeWithDescriptors(t *testing.T) {
	t.Parallel()
	covered := map[protoreflect.FullName]bool{}
	for _, rule := range roleContracts() {
		for _, value := range rule.values {
			byAPI, forSchema := true, value
			for _, message := range rule.messages {
				request := message(value)
				markCovered(covered, request.ProtoReflect(), rule.field)
				byAPI = byAPI && apiAccepts(t, request, rule.field)
			}
			if list, ok := value.([]string); ok {
				elements := []tftypes.Value{}
				for _, element := range list {
					elements = append(elements, tftypes.NewValue(tftypes.String, element))
				}
				forSchema = elements
			}
			bySchema := schemaAccepts(t, rule.resource, rule.attribute, forSchema)
			if byAPI != bySchema && (!rule.stricter || bySchema) {
				t.Errorf("%s.%s=%.60q: the API accepts it: %t, the schema accepts it: %t",
					rule.resource, rule.attribute, fmt.Sprint(value), byAPI, bySchema)
			}
		}
	}

	for _, message := range []proto.Message{
		&rolesv1.CreateRole{}, &rolesv1.CreateOrganizationRoleRequest{}, &rolesv1.CreateOrganizationRole{},
		&rolesv1.UpdateRole{}, &rolesv1.DeleteRoleRequest{}, &rolesv1.DeleteOrganizationRoleRequest{},
		&rolesv1.UpdateRoleRequest{}, &rolesv1.UpdateOrganizationRoleRequest{}, &rolesv1.CreatePermission{},
		&rolesv1.UpdatePermissionRequest{}, &rolesv1.DeletePermissionRequest{}, &rolesv1.UpdateDefaultRolesRequest{}, &rolesv1.UpdateDefaultOrganizationRolesRequest{},
	} {
		fields := message.ProtoReflect().Descriptor().Fields()
		for i := range fields.Len() {
			field := fields.Get(i)
			if hasRule(field) && !covered[field.FullName()] {
				t.Errorf("%s has a rule, and no attribute is held against it", field.FullName())
			}
		}
	}
}

// hasRule reports whether a value of the field may be refused. Messages in requests are always there, and deprecated
// fields are never sent.
func hasRule(field protoreflect.FieldDescriptor) bool {
	options := field.Options()
	return proto.HasExtension(options, validate.E_Field) && field.Message() == nil &&
		!options.(interface{ GetDeprecated() bool }).GetDeprecated()
}

// markCovered notes the fields of that name in the message and in those that it holds.
func markCovered(covered map[protoreflect.FullName]bool, message protoreflect.Message, name string) {
	if field := message.Descriptor().Fields().ByName(protoreflect.Name(name)); field != nil {
		covered[field.FullName()] = true
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Message() != nil && !field.IsList() && !field.IsMap() {
			markCovered(covered, value.Message(), name)
		}
		return true
	})
}

func roleContracts() []roleContract {
	type messages = []func(any) proto.Message
	create := func(set func(*rolesv1.CreateRole, any)) func(any) proto.Message {
		return func(value any) proto.Message {
			role := &rolesv1.CreateRole{Name: "engineer", DisplayName: "Engineer"}
			set(role, value)
			return &rolesv1.CreateRoleRequest{Role: role}
		}
	}
	createOfOrganization := func(set func(*rolesv1.CreateOrganizationRole, any)) func(any) proto.Message {
		return func(value any) proto.Message {
			role := &rolesv1.CreateOrganizationRole{Name: "engineer", DisplayName: "Engineer"}
			set(role, value)
			return &rolesv1.CreateOrganizationRoleRequest{OrgId: "org_1", Role: role}
		}
	}
	update := func(set func(*rolesv1.UpdateRole, any)) func(any) proto.Message {
		return func(value any) proto.Message {
			role := &rolesv1.UpdateRole{}
			set(role, value)
			return &rolesv1.UpdateRoleRequest{RoleName: "engineer", Role: role}
		}
	}
	names := []any{
		"", "a", "A_1", "engineer", "a-b", "a b", "a:b", "é", "a\n", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 101),
	}
	lengths := func(counts ...int) []any {
		var values []any
		for _, count := range counts {
			values = append(values, strings.Repeat("a", count), strings.Repeat("é", count))
		}
		return values
	}
	list := func(count int) []string {
		values := []string{}
		for i := range count {
			values = append(values, fmt.Sprintf("p%d", i))
		}
		return values
	}
	lists := []any{list(0), list(1), list(100), list(101)}
	for _, name := range names {
		lists = append(lists, []string{name.(string)}, []string{"billing:read", name.(string)})
	}

	contracts := []roleContract{
		{
			"scalekit_permission", "name", "name",
			messages{func(value any) proto.Message {
				return &rolesv1.CreatePermissionRequest{Permission: &rolesv1.CreatePermission{Name: value.(string)}}
			}},
			append(names, "billing:read", ":"), false,
		},
		{
			"scalekit_permission", "name", "permission_name",
			messages{
				func(value any) proto.Message { return &rolesv1.UpdatePermissionRequest{PermissionName: value.(string)} },
				func(value any) proto.Message { return &rolesv1.DeletePermissionRequest{PermissionName: value.(string)} },
			},
			append(names, "billing:read"), false,
		},
		{
			"scalekit_permission", "description", "description",
			messages{func(value any) proto.Message {
				return &rolesv1.CreatePermissionRequest{Permission: &rolesv1.CreatePermission{Name: "a", Description: value.(string)}}
			}},
			// None is written as null, so that an empty one and none are no difference.
			lengths(0, 1, 2000, 2001), true,
		},
		{
			"scalekit_default_roles", "default_creator_role", "default_creator_role",
			messages{func(value any) proto.Message {
				return &rolesv1.UpdateDefaultRolesRequest{DefaultCreatorRole: new(value.(string))}
			}},
			names, false,
		},
		{
			"scalekit_default_roles", "default_member_role", "default_member_role",
			messages{func(value any) proto.Message {
				return &rolesv1.UpdateDefaultRolesRequest{DefaultMemberRole: new(value.(string))}
			}},
			names, false,
		},
		{
			"scalekit_organization_default_role", "default_member_role", "default_member_role",
			messages{func(value any) proto.Message {
				return &rolesv1.UpdateDefaultOrganizationRolesRequest{OrgId: "org_1", DefaultMemberRole: value.(string)}
			}},
			names, false,
		},
		{
			"scalekit_organization_default_role", "organization_id", "org_id",
			messages{func(value any) proto.Message {
				return &rolesv1.UpdateDefaultOrganizationRolesRequest{OrgId: value.(string), DefaultMemberRole: "member"}
			}},
			[]any{"", "org_1", "acme", strings.Repeat("a", 101), "org_" + strings.Repeat("1", 97)},
			true,
		},
		{
			"scalekit_organization_role", "organization_id", "org_id",
			messages{
				func(value any) proto.Message {
					return &rolesv1.CreateOrganizationRoleRequest{
						OrgId: value.(string), Role: &rolesv1.CreateOrganizationRole{Name: "engineer", DisplayName: "Engineer"},
					}
				},
				func(value any) proto.Message {
					return &rolesv1.DeleteOrganizationRoleRequest{OrgId: value.(string), RoleName: "engineer"}
				},
				func(value any) proto.Message {
					return &rolesv1.UpdateOrganizationRoleRequest{OrgId: value.(string), RoleName: "engineer"}
				},
			},
			[]any{"", "org_1", "acme", strings.Repeat("a", 101), "org_" + strings.Repeat("1", 97)},
			true,
		},
	}
	for _, resource := range []string{"scalekit_role", "scalekit_organization_role"} {
		contracts = append(contracts,
			roleContract{resource, "name", "name", messages{
				create(func(role *rolesv1.CreateRole, value any) { role.Name = value.(string) }),
				createOfOrganization(func(role *rolesv1.CreateOrganizationRole, value any) { role.Name = value.(string) }),
			}, names, false},
			roleContract{resource, "name", "role_name", messages{
				func(value any) proto.Message { return &rolesv1.DeleteRoleRequest{RoleName: value.(string)} },
				func(value any) proto.Message { return &rolesv1.UpdateRoleRequest{RoleName: value.(string)} },
				func(value any) proto.Message {
					return &rolesv1.UpdateOrganizationRoleRequest{OrgId: "org_1", RoleName: value.(string)}
				},
				func(value any) proto.Message {
					return &rolesv1.DeleteOrganizationRoleRequest{OrgId: "org_1", RoleName: value.(string)}
				},
			}, names, false},
			roleContract{resource, "display_name", "display_name", messages{
				create(func(role *rolesv1.CreateRole, value any) { role.DisplayName = value.(string) }),
				createOfOrganization(func(role *rolesv1.CreateOrganizationRole, value any) { role.DisplayName = value.(string) }),
				update(func(role *rolesv1.UpdateRole, value any) { role.DisplayName = new(value.(string)) }),
			}, lengths(0, 1, 100, 101), false},
			roleContract{resource, "description", "description", messages{
				create(func(role *rolesv1.CreateRole, value any) { role.Description = new(value.(string)) }),
				createOfOrganization(func(role *rolesv1.CreateOrganizationRole, value any) { role.Description = new(value.(string)) }),
				update(func(role *rolesv1.UpdateRole, value any) { role.Description = new(value.(string)) }),
			}, lengths(0, 1, 2000, 2001), false},
			roleContract{resource, "extends", "extends", messages{
				create(func(role *rolesv1.CreateRole, value any) { role.Extends = new(value.(string)) }),
				createOfOrganization(func(role *rolesv1.CreateOrganizationRole, value any) { role.Extends = new(value.(string)) }),
				update(func(role *rolesv1.UpdateRole, value any) { role.Extends = new(value.(string)) }),
			}, names, false},
			roleContract{resource, "permissions", "permissions", messages{
				create(func(role *rolesv1.CreateRole, value any) { role.Permissions = value.([]string) }),
				createOfOrganization(func(role *rolesv1.CreateOrganizationRole, value any) { role.Permissions = value.([]string) }),
				update(func(role *rolesv1.UpdateRole, value any) { role.Permissions = value.([]string) }),
			}, lists, false},
			roleContract{resource, "reassign_role_name", "reassign_role_name", messages{
				func(value any) proto.Message {
					return &rolesv1.DeleteRoleRequest{RoleName: "engineer", ReassignRoleName: new(value.(string))}
				},
				func(value any) proto.Message {
					return &rolesv1.DeleteOrganizationRoleRequest{OrgId: "org_1", RoleName: "engineer", ReassignRoleName: new(value.(string))}
				},
			}, names, false},
		)
	}
	return contracts
}
