package platform

import (
	"context"
	"slices"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

// override returns an organization's own default member role.
func (s *roles) override(organizationID string) (string, bool) {
	if organizationID == "" || !s.defaults.Has(organizationID) {
		return "", false
	}
	return s.defaults.Row(organizationID).Value.GetDefaultMemberRole(), true
}

// defaultMember is the role that a new member of an organization gets.
func (s *roles) defaultMember(organizationID string) string {
	if name, ok := s.override(organizationID); ok {
		return name
	}
	id, _ := s.rows.Find((*rolesv1.Role).GetDefaultMember)
	return s.rows.Row(id).Value.GetName()
}

// overriding returns the organizations that have a role as a default of their own. It is one of the environment if the
// organization's id is "", and one of that organization otherwise.
func (s *roles) overriding(name, organizationID string) []string {
	var ids []string
	for _, row := range s.defaults.All() {
		if row.Value.GetDefaultMemberRole() == name && (organizationID == "" || organizationID == row.Parent) {
			ids = append(ids, row.Parent)
		}
	}
	return ids
}

// UpdateDefaultRoles implements the RPC of that name. It wants both roles: each by its name, or in the deprecated way, by
// id or name.
func (s *roles) UpdateDefaultRoles(
	_ context.Context, req *connect.Request[rolesv1.UpdateDefaultRolesRequest],
) (*connect.Response[rolesv1.UpdateDefaultRolesResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.UpdateDefaultRolesResponse, error) {
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
		found := s.rows.Row(deprecated.GetId())
		if found == nil || found.Parent != "" {
			return "", apierr.NotFound("role", deprecated.GetId())
		}
		name = found.Value.GetName()
	}
	if name == "" {
		return "", apierr.New(connect.CodeInvalidArgument, "%s role must be specified", which)
	}
	role, err := s.find("", name)
	return role.GetId(), err
}

func (s *roles) setDefaults(creator, member string) error {
	for _, row := range slices.Clone(s.rows.All()) {
		role, err := s.rows.Get(row.ID)
		if err != nil {
			return err
		}
		if isCreator, isMember := row.ID == creator, row.ID == member; isCreator != role.GetDefaultCreator() ||
			isMember != role.GetDefaultMember() {
			role.DefaultCreator, role.DefaultMember = isCreator, isMember
			s.rows.Put(row.ID, row.Parent, role)
		}
	}
	return nil
}

// UpdateDefaultOrganizationRoles implements the RPC of that name. The role may be the organization's or the
// environment's. Nothing takes the organization back to the environment's default.
func (s *roles) UpdateDefaultOrganizationRoles(
	_ context.Context, req *connect.Request[rolesv1.UpdateDefaultOrganizationRolesRequest],
) (*connect.Response[rolesv1.UpdateDefaultOrganizationRolesResponse], error) {
	return store.Mutate(s.store, func() (*rolesv1.UpdateDefaultOrganizationRolesResponse, error) {
		organizationID, name := req.Msg.GetOrgId(), req.Msg.GetDefaultMemberRole()
		if !s.organizations.rows.Has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		found, ok := s.visible(organizationID, name)
		if !ok {
			return nil, apierr.NotFound("role", name)
		}
		s.defaults.Put(organizationID, organizationID, req.Msg)
		return &rolesv1.UpdateDefaultOrganizationRolesResponse{
			DefaultMember: s.reply(found, organizationID, includePermissions),
		}, nil
	})
}
