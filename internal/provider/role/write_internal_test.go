package role

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// A role that differs in one property from what was sent is not what was created.
func TestEqual(t *testing.T) {
	t.Parallel()
	plan := model{
		Name: types.StringValue("engineer"), DisplayName: types.StringValue("Engineer"), Description: types.StringValue("Builds"),
		Extends: types.StringValue("member"), Permissions: stringSet([]string{"billing:read"}),
	}
	role := func(change func(*rolesv1.Role)) *rolesv1.Role {
		made := &rolesv1.Role{
			Name: "engineer", DisplayName: "Engineer", Description: "Builds", Extends: new("member"),
			Permissions: []*rolesv1.RolePermission{{Name: "billing:read"}, {Name: "users:read", RoleName: "member"}},
		}
		change(made)
		return made
	}
	if !equal(plan, role(func(*rolesv1.Role) {})) {
		t.Error("what was sent is not recognized")
	}
	for name, change := range map[string]func(*rolesv1.Role){
		"display_name": func(role *rolesv1.Role) { role.DisplayName = "Engineers" },
		"description":  func(role *rolesv1.Role) { role.Description = "" },
		"base":         func(role *rolesv1.Role) { role.Extends = new("admin") },
		"no base":      func(role *rolesv1.Role) { role.Extends = nil },
		"permission more": func(role *rolesv1.Role) {
			role.Permissions = append(role.Permissions, &rolesv1.RolePermission{Name: "x"})
		},
		"permission less":    func(role *rolesv1.Role) { role.Permissions = role.GetPermissions()[1:] },
		"another permission": func(role *rolesv1.Role) { role.Permissions[0].Name = "billing:write" },
	} {
		if equal(plan, role(change)) {
			t.Errorf("a role with another %s is taken for what was created", name)
		}
	}
}
