package emulator

import (
	"context"
	"slices"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// override returns an organization's own default member role.
func (s *roles) override(organizationID string) (string, bool) {
	if organizationID == "" || !s.defaults.has(organizationID) {
		return "", false
	}
	return s.defaults.rows[organizationID].value.GetDefaultMemberRole(), true
}

// defaultMember is the role that a new member of an organization gets.
func (s *roles) defaultMember(organizationID string) string {
	if name, ok := s.override(organizationID); ok {
		return name
	}
	id, _ := s.rows.find((*rolesv1.Role).GetDefaultMember)
	return s.rows.rows[id].value.GetName()
}

// isDefault says whether a role is a default one: of the environment, or of any organization that can use it.
func (s *roles) isDefault(role *rolesv1.Role, organizationID string) bool {
	return role.GetDefaultCreator() || role.GetDefaultMember() ||
		slices.ContainsFunc(s.defaults.order, func(row *row[*rolesv1.UpdateDefaultOrganizationRolesRequest]) bool {
			return row.value.GetDefaultMemberRole() == role.GetName() &&
				(organizationID == "" || organizationID == row.parent)
		})
}

// UpdateDefaultRoles implements the RPC of that name. It wants both roles: each by its name, or in the deprecated way, by
// id or name.
func (s *roles) UpdateDefaultRoles(
	_ context.Context, req *connect.Request[rolesv1.UpdateDefaultRolesRequest],
) (*connect.Response[rolesv1.UpdateDefaultRolesResponse], error) {
	return mutate(s.store, func() (*rolesv1.UpdateDefaultRolesResponse, error) {
		creator, err := s.wantedDefault("creator", req.Msg.GetDefaultCreatorRole(), req.Msg.GetDefaultCreator())
		if err != nil {
			return nil, err
		}
		member, err := s.wantedDefault("member", req.Msg.GetDefaultMemberRole(), req.Msg.GetDefaultMember())
		if err != nil {
			return nil, err
		}
		if err := s.setDefaults(creator, member); err != nil {
			return nil, err
		}
		return &rolesv1.UpdateDefaultRolesResponse{
			DefaultCreator: s.replyOf(creator, includePermissions),
			DefaultMember:  s.replyOf(member, includePermissions),
		}, nil
	})
}

// wantedDefault returns the id of the role of the environment that is to be a default.
func (s *roles) wantedDefault(which, name string, deprecated *rolesv1.UpdateDefaultRole) (string, error) {
	if name == "" {
		name = deprecated.GetName()
	}
	if name == "" && deprecated.GetId() != "" {
		found, ok := s.rows.rows[deprecated.GetId()]
		if !ok || found.parent != "" {
			return "", apierr.NotFound("role", deprecated.GetId())
		}
		name = found.value.GetName()
	}
	if name == "" {
		return "", apierr.New(connect.CodeInvalidArgument, "%s role must be specified", which)
	}
	role, err := s.find("", name)
	return role.GetId(), err
}

func (s *roles) setDefaults(creator, member string) error {
	for _, row := range slices.Clone(s.rows.order) {
		role, err := s.rows.get(row.id)
		if err != nil {
			return err
		}
		if isCreator, isMember := row.id == creator, row.id == member; isCreator != role.GetDefaultCreator() ||
			isMember != role.GetDefaultMember() {
			role.DefaultCreator, role.DefaultMember = isCreator, isMember
			s.rows.put(row.id, row.parent, role)
		}
	}
	return nil
}

// UpdateDefaultOrganizationRoles implements the RPC of that name. The role may be the organization's or the
// environment's. Nothing takes the organization back to the environment's default.
func (s *roles) UpdateDefaultOrganizationRoles(
	_ context.Context, req *connect.Request[rolesv1.UpdateDefaultOrganizationRolesRequest],
) (*connect.Response[rolesv1.UpdateDefaultOrganizationRolesResponse], error) {
	return mutate(s.store, func() (*rolesv1.UpdateDefaultOrganizationRolesResponse, error) {
		organizationID, name := req.Msg.GetOrgId(), req.Msg.GetDefaultMemberRole()
		if !s.organizations.rows.has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		found, ok := s.visible(organizationID, name)
		if !ok {
			return nil, apierr.NotFound("role", name)
		}
		s.defaults.put(organizationID, organizationID, req.Msg)
		return &rolesv1.UpdateDefaultOrganizationRolesResponse{
			DefaultMember: s.reply(found, organizationID, includePermissions),
		}, nil
	})
}
