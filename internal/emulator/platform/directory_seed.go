package platform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// SeedDirectory is a directory of a [SeedOrganization], with what its identity provider has sent.
type SeedDirectory struct {
	// ID is made where it is "". It is "dir_" and digits.
	ID string `json:"id"`

	Name              string `json:"name"`
	DirectoryType     string `json:"directory_type"` // "SCIM" (also ""), "LDAP" or "POLL"
	DirectoryProvider string `json:"directory_provider"`
	Enabled           *bool  `json:"enabled"` // left out, it is what it is for a new directory

	// AttributeMappings has map_to by key.
	AttributeMappings map[string]string `json:"attribute_mappings"`

	Groups []SeedDirectoryGroup `json:"groups"`
	Users  []SeedDirectoryUser  `json:"users"`

	// RoleAssignments has the names of roles by the display names, or ids, of groups.
	RoleAssignments map[string]string `json:"role_assignments"`

	Secrets []SeedDirectorySecret `json:"secrets"`
}

// SeedDirectorySecret is a secret of a [SeedDirectory]. Nobody gets to see its value.
type SeedDirectorySecret struct {
	ID         string `json:"id"`          // made where it is ""; "sec_" and digits
	Status     string `json:"status"`      // "ACTIVE" (also "") or "INACTIVE"
	ExpireTime string `json:"expire_time"` // in RFC 3339 form; "" is never
}

// SeedDirectoryGroup is a group of a [SeedDirectory].
type SeedDirectoryGroup struct {
	ID          string `json:"id"` // made where it is ""; "dirgroup_" and digits
	DisplayName string `json:"display_name"`

	// GroupDetail is a JSON object: what the identity provider has sent. Left out, one is made of the other properties.
	GroupDetail json.RawMessage `json:"group_detail"`
}

// SeedDirectoryUser is a user of a [SeedDirectory].
type SeedDirectoryUser struct {
	ID                string   `json:"id"` // made where it is ""; "diruser_" and digits
	Email             string   `json:"email"`
	PreferredUsername string   `json:"preferred_username"` // left out, the e-mail address
	GivenName         string   `json:"given_name"`
	FamilyName        string   `json:"family_name"`
	Emails            []string `json:"emails"` // left out, the e-mail address alone

	// Groups are named by their display names, or ids.
	Groups []string `json:"groups"`

	// UserDetail is a JSON object: what the identity provider has sent. Left out, one is made of the other properties.
	UserDetail json.RawMessage `json:"user_detail"`
}

// seed creates a seed's directories, after the roles that they assign.
func (s *directories) seed(run *seeding) error {
	for i, organization := range run.Organizations {
		for j, wanted := range organization.Directories {
			if err := s.seedDirectory(run.organizationIDs[i], wanted); err != nil {
				return fmt.Errorf("organizations[%d].directories[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

func (s *directories) seedDirectory(organizationID string, wanted SeedDirectory) error {
	directory, err := s.seedSettings(wanted)
	if err != nil {
		return err
	}
	if directory, err = s.create(organizationID, wanted.ID, directory); err != nil {
		return err
	}
	for i, group := range wanted.Groups {
		if _, err := s.addGroup(directory.GetId(), group); err != nil {
			return fmt.Errorf("groups[%d]: %w", i, err)
		}
	}
	for i, secret := range wanted.Secrets {
		if err := s.seedSecret(directory.GetId(), secret); err != nil {
			return fmt.Errorf("secrets[%d]: %w", i, err)
		}
	}
	there := s.population(directory.GetId())
	for i, user := range wanted.Users {
		if _, err := s.addUser(directory.GetId(), user, there); err != nil {
			return fmt.Errorf("users[%d]: %w", i, err)
		}
	}
	return s.seedAssignments(directory, wanted.RoleAssignments, there)
}

// seedSettings is the directory itself, held against the rules of the RPCs that would make it so.
func (s *directories) seedSettings(wanted SeedDirectory) (*dirv1.Directory, error) {
	directory := &dirv1.Directory{
		Name:          wanted.Name,
		DirectoryType: dirv1.DirectoryType_SCIM,
		Enabled:       !s.quirks.DirectoryCreatedDisabled,
	}
	if wanted.DirectoryType != "" {
		number, ok := dirv1.DirectoryType_value[wanted.DirectoryType]
		if !ok || number == 0 {
			return nil, fmt.Errorf("directory_type: there is no %q", wanted.DirectoryType)
		}
		directory.DirectoryType = dirv1.DirectoryType(number)
	}
	if wanted.DirectoryProvider != "" {
		number, ok := dirv1.DirectoryProvider_value[wanted.DirectoryProvider]
		if !ok {
			return nil, fmt.Errorf("directory_provider: there is no %q", wanted.DirectoryProvider)
		}
		directory.DirectoryProvider = dirv1.DirectoryProvider(number)
	}
	if wanted.Enabled != nil {
		directory.Enabled = *wanted.Enabled
	}
	if wanted.Name != "" {
		if err := apierr.Validate(&dirv1.UpdateDirectory{Name: wanted.Name}); err != nil {
			return nil, err
		}
	}
	if len(wanted.AttributeMappings) == 0 {
		return directory, nil
	}
	attributes := &dirv1.AttributeMappings{}
	for _, key := range slices.Sorted(maps.Keys(wanted.AttributeMappings)) {
		attributes.Attributes = append(attributes.Attributes,
			&dirv1.AttributeMapping{Key: key, MapTo: wanted.AttributeMappings[key]})
	}
	if err := apierr.Validate(attributes); err != nil {
		return nil, fmt.Errorf("attribute_mappings: %w", err)
	}
	return directory, s.setAttributes(directory, attributes.GetAttributes(), "attribute_mappings")
}

func (s *directories) seedSecret(directoryID string, wanted SeedDirectorySecret) error {
	status, ok := dirv1.SecretStatus_value[wanted.Status]
	if !ok && wanted.Status != "" {
		return fmt.Errorf("status: there is no %q", wanted.Status)
	}
	id, created, err := store.NewID(s.secrets, secretPrefix, wanted.ID)
	if err != nil {
		return err
	}
	secret := newDirectorySecret(directoryID, id, created, randomAlphanumerics(secretLength))
	secret.Status = dirv1.SecretStatus(status)
	if wanted.ExpireTime != "" {
		expiry, err := time.Parse(time.RFC3339, wanted.ExpireTime)
		if err != nil {
			return fmt.Errorf("expire_time: %q is not a time in RFC 3339 form", wanted.ExpireTime)
		}
		secret.ExpireTime = timestamppb.New(expiry)
	}
	s.secrets.Put(id, directoryID, secret)
	return nil
}

func (s *directories) seedAssignments(directory *dirv1.Directory, wanted map[string]string, there population) error {
	if len(wanted) == 0 {
		return nil
	}
	assignments := &dirv1.RoleAssignments{}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		groupID, err := there.group(name)
		if err != nil {
			return fmt.Errorf("role_assignments: %w", err)
		}
		assignments.Assignments = append(assignments.Assignments,
			&dirv1.RoleAssignment{GroupId: groupID, RoleName: wanted[name]})
	}
	if err := apierr.Validate(assignments); err != nil {
		return fmt.Errorf("role_assignments: %w", err)
	}
	if err := s.assignRoles(directory, assignments.GetAssignments()); err != nil {
		return fmt.Errorf("role_assignments: %w", err)
	}
	return nil
}
