package platform

import (
	"fmt"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// SeedPermission is a permission of a [Seed].
type SeedPermission struct {
	ID          string `json:"id"` // "perm_" and digits
	Name        string `json:"name"`
	Description string `json:"description"`
}

// SeedRole is a role of the environment or of an organization. Unlike the API, a seed refuses a permission that does not
// exist.
type SeedRole struct {
	ID          string   `json:"id"` // "role_" and digits
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"` // the name where it is ""
	Description string   `json:"description"`
	Extends     string   `json:"extends"` // a role that is there already, or stands before this one
	Permissions []string `json:"permissions"`

	// DefaultCreator and DefaultMember make it the default role: in an organization, the default for its members alone.
	DefaultCreator bool `json:"default_creator"`
	DefaultMember  bool `json:"default_member"`
}

// seed creates a seed's permissions and roles.
func (s *roles) seed(run *seeding) error {
	for i, wanted := range run.Permissions {
		request := &rolesv1.CreatePermissionRequest{Permission: &rolesv1.CreatePermission{
			Name: wanted.Name, Description: wanted.Description,
		}}
		err := apierr.Validate(request)
		if err == nil {
			_, err = s.createPermission(request.GetPermission(), wanted.ID)
		}
		if err != nil {
			return fmt.Errorf("permissions[%d]: %w", i, err)
		}
	}
	for i, wanted := range run.Roles {
		if err := s.seedRole("", wanted); err != nil {
			return fmt.Errorf("roles[%d]: %w", i, err)
		}
	}
	for i, organization := range run.Organizations {
		for j, wanted := range organization.Roles {
			if err := s.seedRole(run.organizationIDs[i], wanted); err != nil {
				return fmt.Errorf("organizations[%d].roles[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

func (s *roles) seedRole(organizationID string, wanted SeedRole) error {
	role := &rolesv1.CreateRole{
		Name:        wanted.Name,
		DisplayName: wanted.DisplayName,
		Description: nonEmpty(&wanted.Description),
		Extends:     nonEmpty(&wanted.Extends),
		Permissions: wanted.Permissions,
	}
	if role.GetDisplayName() == "" {
		role.DisplayName = role.GetName()
	}
	if err := apierr.Validate(&rolesv1.CreateRoleRequest{Role: role}); err != nil {
		return err
	}
	for _, name := range role.GetPermissions() {
		if _, ok := s.permissionNames.Get(name); !ok {
			return apierr.NotFound("permission", name)
		}
	}
	id, err := s.create(organizationID, role, wanted.ID)
	if err != nil {
		return err
	}
	switch {
	case organizationID == "":
		return s.seedDefaults(id, wanted)
	case wanted.DefaultCreator:
		return fmt.Errorf("default_creator: an organization has no default of its own for creators")
	case wanted.DefaultMember:
		s.defaults.Put(organizationID, organizationID, &rolesv1.UpdateDefaultOrganizationRolesRequest{
			OrgId: organizationID, DefaultMemberRole: wanted.Name,
		})
	}
	return nil
}

// seedDefaults moves the environment's defaults to a role.
func (s *roles) seedDefaults(id string, wanted SeedRole) error {
	creator, _ := s.rows.Find((*rolesv1.Role).GetDefaultCreator)
	member, _ := s.rows.Find((*rolesv1.Role).GetDefaultMember)
	if wanted.DefaultCreator {
		creator = id
	}
	if wanted.DefaultMember {
		member = id
	}
	return s.setDefaults(creator, member)
}
