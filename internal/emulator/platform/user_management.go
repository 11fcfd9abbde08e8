package platform

import (
	"context"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// UpsertUserManagementSettings implements the RPC of that name. max_allowed_users: none sent clears it, 0 is no limit.
func (s *organizations) UpsertUserManagementSettings(
	_ context.Context, req *connect.Request[orgv1.UpsertUserManagementSettingsRequest],
) (*connect.Response[orgv1.UpsertUserManagementSettingsResponse], error) {
	return store.Mutate(s.store, func() (*orgv1.UpsertUserManagementSettingsResponse, error) {
		settings, err := s.setUserManagement(req.Msg.GetOrganizationId(), req.Msg.GetSettings())
		return &orgv1.UpsertUserManagementSettingsResponse{Settings: settings}, err
	})
}

func (s *organizations) setUserManagement(
	id string, settings *orgv1.OrganizationUserManagementSettings,
) (*orgv1.OrganizationUserManagementSettings, error) {
	org, err := s.rows.Get(id)
	if err != nil {
		return nil, err
	}
	if settings.GetMaxAllowedUsers().GetValue() < 0 {
		return nil, apierr.InvalidField("settings.max_allowed_users", "int32.gte", "must be 0 (no limit) or more")
	}
	s.userManagement.Put(id, id, settings)
	s.touch(org)
	return settings, nil
}

// GetOrganizationUserManagementSetting implements the RPC of that name. Settings that nobody has made are empty.
func (s *organizations) GetOrganizationUserManagementSetting(
	_ context.Context, req *connect.Request[orgv1.GetOrganizationUserManagementSettingsRequest],
) (*connect.Response[orgv1.GetOrganizationUserManagementSettingsResponse], error) {
	return store.Query(s.store, func() (*orgv1.GetOrganizationUserManagementSettingsResponse, error) {
		id := req.Msg.GetOrganizationId()
		if !s.rows.Has(id) {
			return nil, apierr.NotFound("organization", id)
		}
		settings := &orgv1.OrganizationUserManagementSettings{}
		if s.userManagement.Has(id) {
			var err error
			if settings, err = s.userManagement.Get(id); err != nil {
				return nil, err
			}
		}
		return &orgv1.GetOrganizationUserManagementSettingsResponse{Settings: settings}, nil
	})
}
