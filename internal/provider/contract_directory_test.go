package provider_test

import (
	"strings"

	"google.golang.org/protobuf/proto"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// directoryContracts are the rules on directories.
func directoryContracts() []contract {
	const undefined = 99 // as which a value comes out that an enumeration does not have
	number := func(values map[string]int32, name any) int32 {
		if value, ok := values[name.(string)]; ok {
			return value
		}
		return undefined
	}
	create := func(set func(*directoriesv1.CreateDirectory, any)) func(any) proto.Message {
		return func(value any) proto.Message {
			directory := &directoriesv1.CreateDirectory{DirectoryType: directoriesv1.DirectoryType_SCIM}
			set(directory, value)
			return &directoriesv1.CreateDirectoryRequest{OrganizationId: "org_1", Directory: directory}
		}
	}
	organizationIDs := []any{"", "org_1", "acme", "dir_1", "org_" + strings.Repeat("1", 28), "org_" + strings.Repeat("1", 29)}
	directoryIDs := []any{"", "dir_1", "acme", "org_1", "dir_" + strings.Repeat("1", 28), "dir_" + strings.Repeat("1", 29)}
	roleNames := []string{"", "a", "Engineer_1", "an engineer", "engineer-1", "é", "a\n", strings.Repeat("a", 64), strings.Repeat("a", 65)}
	groupIDs := []string{"", "dirgroup_1", "dirgroup_" + strings.Repeat("1", 23), "dirgroup_" + strings.Repeat("1", 24)}
	assign := func(groupID, role string) proto.Message {
		return &directoriesv1.AssignRolesRequest{OrganizationId: "org_1", Id: "dir_1", RoleAssignments: &directoriesv1.RoleAssignments{
			Assignments: []*directoriesv1.RoleAssignment{{GroupId: groupID, RoleName: role}},
		}}
	}
	assignMap := func(value any) proto.Message {
		for groupID, role := range value.(map[string]string) {
			return assign(groupID, role)
		}
		return nil
	}

	contracts := []contract{
		{
			resource: "scalekit_directory", attribute: "organization_id", field: "organization_id",
			message: func(value any) proto.Message {
				return &directoriesv1.ToggleDirectoryRequest{OrganizationId: value.(string), Id: "dir_1"}
			},
			values: organizationIDs,
		},
		{
			resource: "scalekit_directory", attribute: "directory_type", field: "directory_type",
			message: create(func(directory *directoriesv1.CreateDirectory, value any) {
				directory.DirectoryType = directoriesv1.DirectoryType(number(directoriesv1.DirectoryType_value, value))
			}),
			values: []any{"SCIM", "LDAP", "POLL", "DIRECTORY_TYPE_UNSPECIFIED", "scim", "CSV"},
		},
		{
			resource: "scalekit_directory", attribute: "directory_provider", field: "directory_provider",
			message: create(func(directory *directoriesv1.CreateDirectory, value any) {
				directory.DirectoryProvider = directoriesv1.DirectoryProvider(number(directoriesv1.DirectoryProvider_value, value))
			}),
			values: []any{
				"OKTA", "GOOGLE", "MICROSOFT_AD", "AUTH0", "ONELOGIN", "JUMPCLOUD", "PING_IDENTITY", "CUSTOM", "okta",
				"DIRECTORY_PROVIDER_UNSPECIFIED",
			},
			stricter: true, // none is written by leaving the attribute out
		},
		{
			resource: "scalekit_directory", attribute: "attribute_mapping", field: "attributes",
			message: func(value any) proto.Message {
				mapping := &directoriesv1.AttributeMappings{}
				for key, mapTo := range value.(map[string]string) {
					mapping.Attributes = append(mapping.Attributes, &directoriesv1.AttributeMapping{Key: key, MapTo: mapTo})
				}
				return &directoriesv1.UpdateAttributesRequest{OrganizationId: "org_1", Id: "dir_1", AttributeMapping: mapping}
			},
			values: []any{
				map[string]string{},
				map[string]string{"": "x"},
				map[string]string{"x": ""},
				map[string]string{"x": "y"},
				map[string]string{strings.Repeat("é", 32): strings.Repeat("é", 32)},
				map[string]string{strings.Repeat("k", 33): "x"},
				map[string]string{"x": strings.Repeat("v", 33)},
			},
		},
	}
	for _, one := range []string{"scalekit_directory_secret", "scalekit_directory_role_assignments", "scalekit_directory_role_assignment"} {
		contracts = append(contracts, contract{
			resource: one, attribute: "organization_id", field: "organization_id",
			message: func(value any) proto.Message {
				return &directoriesv1.CreateDirectorySecretRequest{OrganizationId: value.(string), DirectoryId: "dir_1"}
			},
			values: organizationIDs,
		}, contract{
			resource: one, attribute: "directory_id", field: "directory_id",
			message: func(value any) proto.Message {
				return &directoriesv1.CreateDirectorySecretRequest{OrganizationId: "org_1", DirectoryId: value.(string)}
			},
			values: directoryIDs,
		})
	}
	for _, role := range roleNames {
		contracts = append(contracts, contract{
			resource: "scalekit_directory_role_assignments", attribute: "role_by_group_id", field: "role_name",
			message: assignMap, values: []any{map[string]string{"dirgroup_1": role}},
		}, contract{
			resource: "scalekit_directory_role_assignment", attribute: "role_name", field: "role_name",
			message: func(value any) proto.Message { return assign("dirgroup_1", value.(string)) }, values: []any{role},
		})
	}
	for _, groupID := range groupIDs {
		contracts = append(contracts, contract{
			resource: "scalekit_directory_role_assignments", attribute: "role_by_group_id", field: "group_id",
			message: assignMap, values: []any{map[string]string{groupID: "engineer"}},
		}, contract{
			resource: "scalekit_directory_role_assignment", attribute: "group_id", field: "group_id",
			message: func(value any) proto.Message { return assign(value.(string), "engineer") }, values: []any{groupID},
		})
	}
	return contracts
}
