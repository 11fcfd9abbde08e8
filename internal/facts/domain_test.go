package facts_test

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/wrapperspb"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var domainFacts = []fact{
	{
		key:      "domain.status",
		question: "Which status and method has an organization's domain that the API has created?",
		assumed:  "AUTO_VERIFIED by ADMIN",
		mark:     contradictory,
		relies:   "Nothing depends on it: the provider shows what it reads.",
		probe: func(r *run) string {
			domain := r.domain(r.organization(), "acme")
			return fmt.Sprintf("%s by %s", domain.GetVerificationStatus(), domain.GetVerificationMethod())
		},
		variants: []variant{{emulator.Quirks{DomainsVerified: true}, "VERIFIED by ADMIN"}},
	},
	{
		key:      "domain.record",
		question: "Has a domain that needs no verification a TXT record?",
		assumed:  "yes",
		mark:     inferred,
		relies:   "txt_record_key and txt_record_secret may be null.",
		probe: func(r *run) string {
			domain := r.domain(r.organization(), "acme")
			return yesNo(domain.GetTxtRecordKey()+domain.GetTxtRecordSecret() != "", "yes", "no")
		},
	},
	{
		key:      "domain.default-type",
		question: "Which type has a domain that is created without one?",
		assumed:  "ORGANIZATION_DOMAIN",
		mark:     seen,
		relies:   "The provider takes a domain without a type for such a one.",
		probe:    func(r *run) string { return r.domain(r.organization(), "acme").GetDomainType().String() },
	},
	{
		key:      "domain.allowed-email",
		question: "Which status and method has an allowed e-mail domain?",
		assumed:  "VERIFICATION_STATUS_UNSPECIFIED by NOT_APPLICABLE",
		mark:     unknown,
		relies:   "Nothing depends on it: the provider shows what it reads.",
		probe: func(r *run) string {
			created, err := r.createDomain(r.organization(), r.name("friends")+".example", domainsv1.DomainType_ALLOWED_EMAIL_DOMAIN)
			if err != nil {
				return outcome(err)
			}
			return fmt.Sprintf("%s by %s", created.GetVerificationStatus(), created.GetVerificationMethod())
		},
	},
	{
		key:      "domain.twice",
		question: "How is a domain refused that the organization has already?",
		assumed:  "refused as invalid_argument",
		mark:     contradictory,
		relies:   "The provider says that it exists, and how to import it.",
		probe: func(r *run) string {
			org := r.organization()
			domain := r.domain(org, "acme")
			_, err := r.createDomain(org, domain.GetDomain(), domainsv1.DomainType_ORGANIZATION_DOMAIN)
			return outcome(err)
		},
	},
	{
		key:      "domain.other-organization",
		question: "What is the answer to a domain that another organization has?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "Nothing depends on it: the provider passes the error on.",
		probe: func(r *run) string {
			domain := r.domain(r.organization(), "acme")
			_, err := r.createDomain(r.organization(), domain.GetDomain(), domainsv1.DomainType_ORGANIZATION_DOMAIN)
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{DomainsUniquePerOrganization: true}, "accepted"}},
	},
	{
		key:      "domain.case",
		question: "How is a domain with upper-case letters stored?",
		assumed:  "in lower case",
		mark:     inferred,
		relies:   "scalekit_organization_domain wants lower case, so that there is no difference.",
		probe: func(r *run) string {
			name := r.name("Acme") + ".Example"
			created, err := r.createDomain(r.organization(), name, domainsv1.DomainType_ORGANIZATION_DOMAIN)
			switch {
			case err != nil:
				return outcome(err)
			case created.GetDomain() == strings.ToLower(name):
				return "in lower case"
			default:
				return yesNo(created.GetDomain() == name, "as it was sent", "otherwise")
			}
		},
		variants: []variant{{emulator.Quirks{KeepsDomainCase: true}, "as it was sent"}},
	},
	{
		key:      "domain.first-page",
		question: "Which number has the first page of domains?",
		assumed:  "0, and page 1 is the second",
		mark:     contradictory,
		relies:   "The provider begins with 0 and passes over a page that comes again.",
		probe: func(r *run) string {
			org := r.organization()
			r.domain(org, "acme")
			first, second := len(r.domains(org, 0, 10)), len(r.domains(org, 1, 10))
			switch {
			case first == 1 && second == 0:
				return "0, and page 1 is the second"
			case first == 1 && second == 1:
				return "0 and 1 alike"
			default:
				return fmt.Sprintf("page 0 has %d domains of 1, and page 1 has %d", first, second)
			}
		},
	},
	{
		key:      "domain.list-order",
		question: "In which order are domains listed?",
		assumed:  "newest first",
		mark:     unknown,
		relies:   "Nothing depends on it: the data source keeps the platform's order.",
		probe: func(r *run) string {
			org := r.organization()
			older, newer := r.domain(org, "one"), r.domain(org, "two")
			return order(r.domains(org, 0, 10), older.GetId(), newer.GetId())
		},
	},
	{
		key:      "domain.list-page-size",
		question: "What is the page_size of the reply to a list of domains?",
		assumed:  "the number of domains on the page",
		mark:     contradictory,
		relies:   "The provider does not look at it: a list ends with a page that is not full.",
		probe: func(r *run) string {
			org := r.organization()
			r.domain(org, "acme")
			switch size := must(r, r.client.Domains.ListDomains, domainPage(org, 0, 10)).GetPageSize(); size {
			case 1:
				return "the number of domains on the page"
			case 10:
				return "the page_size that was asked for"
			default:
				return fmt.Sprint(size)
			}
		},
	},
	{
		key:      "domain.missing",
		question: "What are the answers to reading and deleting a domain that does not exist?",
		assumed:  "refused as not_found, and refused as not_found",
		mark:     seen,
		relies:   "A domain that is gone leaves the state, and a delete of it succeeds.",
		probe: func(r *run) string {
			org := r.organization()
			const id = "dom_100000000000000009"
			_, readErr := try(r, r.client.Domains.GetDomain, &domainsv1.GetDomainRequest{
				Identities: &domainsv1.GetDomainRequest_OrganizationId{OrganizationId: org.GetId()}, Id: id,
			})
			_, deleteErr := try(r, r.client.Domains.DeleteDomain, &domainsv1.DeleteDomainRequest{
				Identities: &domainsv1.DeleteDomainRequest_OrganizationId{OrganizationId: org.GetId()}, Id: id,
			})
			return outcome(readErr) + ", and " + outcome(deleteErr)
		},
	},
	{
		key:      "domain.missing-organization",
		question: "What is the answer to a list of the domains of an organization that does not exist?",
		assumed:  "refused as not_found",
		mark:     inferred,
		relies:   "The data source says that there is no such organization.",
		probe: func(r *run) string {
			_, err := try(r, r.client.Domains.ListDomains, domainPage(&organizationsv1.Organization{Id: missingOrganization}, 0, 10))
			return outcome(err)
		},
	},
}

func (r *run) createDomain(org *organizationsv1.Organization, name string, kind domainsv1.DomainType) (*domainsv1.Domain, error) {
	reply, err := try(r, r.client.Domains.CreateDomain, &domainsv1.CreateDomainRequest{
		Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: org.GetId()},
		Domain:     &domainsv1.CreateDomain{Domain: name, DomainType: kind},
	})
	return reply.GetDomain(), err
}

// domain makes a domain without saying of which type.
func (r *run) domain(org *organizationsv1.Organization, name string) *domainsv1.Domain {
	domain, err := r.createDomain(org, r.name(name)+".example", domainsv1.DomainType_DOMAIN_TYPE_UNSPECIFIED)
	if err != nil {
		giveUp("a domain is refused: %s", r.redact(err.Error()))
	}
	return domain
}

func domainPage(org *organizationsv1.Organization, number, size int32) *domainsv1.ListDomainRequest {
	return &domainsv1.ListDomainRequest{
		Identities: &domainsv1.ListDomainRequest_OrganizationId{OrganizationId: org.GetId()},
		PageSize:   wrapperspb.Int32(size), PageNumber: wrapperspb.Int32(number),
	}
}

// domains are the ids on a page; a page that is refused has none.
func (r *run) domains(org *organizationsv1.Organization, number, size int32) []string {
	reply, err := try(r, r.client.Domains.ListDomains, domainPage(org, number, size))
	if err != nil {
		return nil
	}
	var listed []string
	for _, domain := range reply.GetDomains() {
		listed = append(listed, domain.GetId())
	}
	return slices.Clip(listed)
}
