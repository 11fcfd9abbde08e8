package platform

import (
	"cmp"
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
)

// SeedConnection is a connection of an organization or of the environment.
type SeedConnection struct {
	ID            string `json:"id"` // "conn_" and digits
	Provider      string `json:"provider"`
	Type          string `json:"type"`
	Status        string `json:"status"`  // "DRAFT", "IN_PROGRESS" or "COMPLETED" (also "")
	Enabled       *bool  `json:"enabled"` // true where it is left out
	UIButtonTitle string `json:"ui_button_title"`
	ProviderKey   string `json:"provider_key"` // the provider where it is ""
	KeyID         string `json:"key_id"`

	// Domains are names of domains that the organization has.
	Domains []string `json:"domains"`
}

// seed creates a seed's connections.
func (s *connections) seed(run *seeding) error {
	for i, wanted := range run.Connections {
		if err := s.seedConnection("", wanted); err != nil {
			return fmt.Errorf("connections[%d]: %w", i, err)
		}
	}
	for i, organization := range run.Organizations {
		for j, wanted := range organization.Connections {
			if err := s.seedConnection(run.organizationIDs[i], wanted); err != nil {
				return fmt.Errorf("organizations[%d].connections[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

func (s *connections) seedConnection(organizationID string, wanted SeedConnection) error {
	provider, err := enumNamed(connectionsv1.ConnectionProvider_value, "provider", wanted.Provider)
	if err != nil {
		return err
	}
	kind, err := enumNamed(connectionsv1.ConnectionType_value, "type", wanted.Type)
	if err != nil {
		return err
	}
	if kind == 0 {
		return fmt.Errorf("type: a connection needs one, such as OIDC or SAML")
	}
	status, err := enumNamed(connectionsv1.ConnectionStatus_value, "status", wanted.Status)
	if err != nil {
		return err
	}
	id, created, err := store.NewID(s.rows, connectionPrefix, wanted.ID)
	if err != nil {
		return err
	}
	connection := &connectionsv1.Connection{
		Id:             id,
		Provider:       connectionsv1.ConnectionProvider(provider),
		Type:           connectionsv1.ConnectionType(kind),
		Status:         connectionsv1.ConnectionStatus(status),
		Enabled:        wanted.Enabled == nil || *wanted.Enabled,
		OrganizationId: nonEmpty(&organizationID),
		UiButtonTitle:  wanted.UIButtonTitle,
		ProviderKey:    cmp.Or(wanted.ProviderKey, wanted.Provider),
		KeyId:          nonEmpty(&wanted.KeyID),
		CreateTime:     timestamppb.New(created),
		UpdateTime:     timestamppb.New(created),
	}
	if status == 0 {
		connection.Status = connectionsv1.ConnectionStatus_COMPLETED
	}
	for i, name := range wanted.Domains {
		domainID := ""
		for _, row := range s.domains.rows.All() {
			if row.Parent == organizationID && row.Value.GetDomain() == strings.ToLower(name) {
				domainID = row.ID
			}
		}
		if domainID == "" {
			return fmt.Errorf("domains[%d]: the organization has no domain %q", i, name)
		}
		connection.Domains = append(connection.Domains, &domainsv1.Domain{Id: domainID})
	}
	s.rows.Put(id, organizationID, connection)
	return nil
}
