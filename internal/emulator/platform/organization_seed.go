package platform

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// Seed is what the services are filled with. It names things as the API does and obeys the API's rules; everything
// but the names may be left out.
type Seed struct {
	Permissions   []SeedPermission
	Roles         []SeedRole
	Organizations []SeedOrganization
	Connections   []SeedConnection // those of the environment itself
}

// SeedOrganization is one organization of a [Seed].
type SeedOrganization struct {
	// ID is made where it is "". It is "org_" and digits.
	ID string `json:"id"`

	DisplayName string            `json:"display_name"`
	ExternalID  string            `json:"external_id"`
	RegionCode  string            `json:"region_code"` // "US" or "EU"
	Metadata    map[string]string `json:"metadata"`
	Slug        string            `json:"slug"`

	// Features has the features by name. "dir_sync" and "scim" both name the directory's, whichever the environment has.
	Features map[string]bool `json:"features"`

	SessionPolicy  *SeedSessionPolicy  `json:"session_policy"`
	UserManagement *SeedUserManagement `json:"user_management"`

	Directories []SeedDirectory  `json:"directories"`
	Domains     []SeedDomain     `json:"domains"`
	Roles       []SeedRole       `json:"roles"`
	Users       []SeedUser       `json:"users"`
	Connections []SeedConnection `json:"connections"`
}

// SeedSessionPolicy is a CUSTOM session policy.
type SeedSessionPolicy struct {
	AbsoluteSessionTimeout     int32  `json:"absolute_session_timeout"`
	AbsoluteSessionTimeoutUnit string `json:"absolute_session_timeout_unit"` // "MINUTES" (also ""), "HOURS" or "DAYS"
	IdleSessionTimeoutEnabled  bool   `json:"idle_session_timeout_enabled"`
	IdleSessionTimeout         int32  `json:"idle_session_timeout"` // 0 means none
	IdleSessionTimeoutUnit     string `json:"idle_session_timeout_unit"`
}

// SeedUserManagement is an organization's user management settings.
type SeedUserManagement struct {
	MaxAllowedUsers *int32 `json:"max_allowed_users"` // 0 means no limit
}

// seeding is a seed that is being applied: the services add to it, one after another.
type seeding struct {
	*Seed

	// organizationIDs are the ids of Organizations, made or given.
	organizationIDs []string
}

// Seed creates a seed's objects, by way of what the RPCs do. The store must be locked for writing.
func (p *Platform) Seed(seed *Seed) error {
	run := &seeding{Seed: seed}
	for _, part := range []func(*seeding) error{
		p.organizations.seed,
		p.domains.seed,
		p.roles.seed,
		p.users.seed,
		p.connections.seed,
		p.directories.seed,
	} {
		if err := part(run); err != nil {
			return err
		}
	}
	return nil
}

// seed creates a seed's organizations and their settings, by way of what the RPCs do.
func (s *organizations) seed(run *seeding) error {
	for i, wanted := range run.Organizations {
		id, err := s.seedOrganization(wanted)
		if err != nil {
			return fmt.Errorf("organizations[%d]: %w", i, err)
		}
		run.organizationIDs = append(run.organizationIDs, id)
	}
	return nil
}

func (s *organizations) seedOrganization(wanted SeedOrganization) (string, error) {
	region, ok := commonsv1.RegionCode_value[wanted.RegionCode]
	if !ok && wanted.RegionCode != "" {
		return "", fmt.Errorf("region_code: there is no %q", wanted.RegionCode)
	}
	request := &orgv1.CreateOrganizationRequest{Organization: &orgv1.CreateOrganization{
		DisplayName: wanted.DisplayName,
		RegionCode:  commonsv1.RegionCode(region),
		ExternalId:  nonEmpty(&wanted.ExternalID),
		Metadata:    wanted.Metadata,
		Slug:        nonEmpty(&wanted.Slug),
	}}
	if err := apierr.Validate(request); err != nil {
		return "", err
	}
	org, err := s.create(request.GetOrganization(), wanted.ID)
	if err != nil {
		return "", err
	}
	return org.GetId(), errors.Join(
		s.seedFeatures(org.GetId(), wanted.Features),
		s.seedSessionPolicy(org.GetId(), wanted.SessionPolicy),
		s.seedUserManagement(org.GetId(), wanted.UserManagement),
	)
}

func (s *organizations) seedFeatures(id string, wanted map[string]bool) error {
	if len(wanted) == 0 {
		return nil
	}
	org, err := s.rows.Get(id)
	if err != nil {
		return err
	}
	var features []*orgv1.OrganizationSettingsFeature
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		enabled := wanted[name]
		if name == featureDirSync || name == featureScim {
			name = s.directoryFeature()
		}
		features = append(features, &orgv1.OrganizationSettingsFeature{Name: name, Enabled: enabled})
	}
	if err := s.setFeatures(org, features); err != nil {
		return fmt.Errorf("features: %w", err)
	}
	s.touch(org)
	return nil
}

func (s *organizations) seedSessionPolicy(id string, wanted *SeedSessionPolicy) error {
	if wanted == nil {
		return nil
	}
	request := &orgv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId:            id,
		PolicySource:              orgv1.SessionPolicyType_CUSTOM,
		AbsoluteSessionTimeout:    wrapperspb.Int32(wanted.AbsoluteSessionTimeout),
		IdleSessionTimeoutEnabled: wrapperspb.Bool(wanted.IdleSessionTimeoutEnabled),
	}
	if wanted.IdleSessionTimeout != 0 {
		request.IdleSessionTimeout = wrapperspb.Int32(wanted.IdleSessionTimeout)
	}
	for _, unit := range []struct {
		name  string
		value string
		set   **commonsv1.TimeUnit
	}{
		{"absolute_session_timeout_unit", wanted.AbsoluteSessionTimeoutUnit, &request.AbsoluteSessionTimeoutUnit},
		{"idle_session_timeout_unit", wanted.IdleSessionTimeoutUnit, &request.IdleSessionTimeoutUnit},
	} {
		if unit.value == "" {
			continue
		}
		number, ok := commonsv1.TimeUnit_value[unit.value]
		if !ok {
			return fmt.Errorf("session_policy.%s: there is no %q", unit.name, unit.value)
		}
		*unit.set = commonsv1.TimeUnit(number).Enum()
	}
	if _, err := s.setSessionPolicy(request); err != nil {
		return fmt.Errorf("session_policy: %w", err)
	}
	return nil
}

func (s *organizations) seedUserManagement(id string, wanted *SeedUserManagement) error {
	if wanted == nil {
		return nil
	}
	settings := &orgv1.OrganizationUserManagementSettings{}
	if wanted.MaxAllowedUsers != nil {
		settings.MaxAllowedUsers = wrapperspb.Int32(*wanted.MaxAllowedUsers)
	}
	if _, err := s.setUserManagement(id, settings); err != nil {
		return fmt.Errorf("user_management: %w", err)
	}
	return nil
}
