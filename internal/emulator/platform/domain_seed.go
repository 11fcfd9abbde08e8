package platform

import (
	"fmt"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
)

// SeedDomain is a domain of an organization.
type SeedDomain struct {
	ID         string `json:"id"` // "dom_" and digits
	Domain     string `json:"domain"`
	DomainType string `json:"domain_type"` // "ORGANIZATION_DOMAIN" (also "") or "ALLOWED_EMAIL_DOMAIN"

	// VerificationStatus is "PENDING", "VERIFIED", "FAILED" or "AUTO_VERIFIED", for a domain of the organization; "" is
	// what the API gives. PENDING and FAILED, which only the admin portal can bring about, make the method DNS.
	VerificationStatus string `json:"verification_status"`

	// VerificationMethod is "ADMIN" or "DNS"; "" is what goes with the status.
	VerificationMethod string `json:"verification_method"`
}

// seed creates a seed's domains.
func (s *domains) seed(run *seeding) error {
	for i, organization := range run.Organizations {
		for j, wanted := range organization.Domains {
			if err := s.seedDomain(run.organizationIDs[i], wanted); err != nil {
				return fmt.Errorf("organizations[%d].domains[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

func (s *domains) seedDomain(organizationID string, wanted SeedDomain) error {
	kind, err := enumNamed(domainsv1.DomainType_value, "domain_type", wanted.DomainType)
	if err != nil {
		return err
	}
	status, err := enumNamed(domainsv1.VerificationStatus_value, "verification_status", wanted.VerificationStatus)
	if err != nil {
		return err
	}
	method, err := enumNamed(domainsv1.VerificationMethod_value, "verification_method", wanted.VerificationMethod)
	if err != nil {
		return err
	}
	request := &domainsv1.CreateDomainRequest{
		Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: organizationID},
		Domain:     &domainsv1.CreateDomain{Domain: wanted.Domain, DomainType: domainsv1.DomainType(kind)},
	}
	if err := apierr.Validate(request); err != nil {
		return err
	}
	domain, err := s.create(organizationID, request.GetDomain(), wanted.ID)
	if err != nil || status == 0 && method == 0 {
		return err
	}
	if domain.GetDomainType() != domainsv1.DomainType_ORGANIZATION_DOMAIN {
		return fmt.Errorf("verification_status: only an ORGANIZATION_DOMAIN is verified")
	}
	if status != 0 {
		domain.VerificationStatus = domainsv1.VerificationStatus(status)
	}
	switch domain.GetVerificationStatus() {
	case domainsv1.VerificationStatus_PENDING, domainsv1.VerificationStatus_FAILED:
		domain.VerificationMethod = domainsv1.VerificationMethod_DNS
	}
	if method != 0 {
		domain.VerificationMethod = domainsv1.VerificationMethod(method)
	}
	s.rows.Put(domain.GetId(), organizationID, domain)
	return nil
}

// enumNamed returns the number of an enum's value that a seed names; 0 for "".
func enumNamed(values map[string]int32, field, name string) (int32, error) {
	number, ok := values[name]
	if !ok && name != "" {
		return 0, fmt.Errorf("%s: there is no %q", field, name)
	}
	return number, nil
}
