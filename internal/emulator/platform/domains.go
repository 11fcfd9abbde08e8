package platform

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains/domainsconnect"
)

const (
	domainPrefix      = "dom_"
	defaultDomainPage = 30
	maxDomainPage     = 100

	// environmentID is the id of the only environment there is.
	environmentID = "env_53053583523840257"
)

// domains is scalekit.v1.domains.DomainService. ListAuthorizedDomains, which is for browsers and needs no token, stays
// unimplemented.
type domains struct {
	domainsconnect.UnimplementedDomainServiceHandler

	store         *store.Store
	quirks        Quirks
	organizations *organizations
	rows          *store.Table[*domainsv1.Domain]
}

func newDomains(p *Platform) *domains {
	s := &domains{
		store:         p.options.Store,
		quirks:        p.options.Quirks,
		organizations: p.organizations,
		rows: store.NewTable[*domainsv1.Domain](p.options.Store, "domains", "domain",
			lifecycle(p.events, "organization.domain_", itsParents[*domainsv1.Domain], domainData)),
	}
	return s
}

// organizationDeleted deletes what belongs to an organization that goes.
func (s *domains) organizationDeleted(id string) { s.rows.DeleteOf(id) }

func (s *domains) service(options []connect.HandlerOption) web.Service {
	path, handler := domainsconnect.NewDomainServiceHandler(s, options...)
	return web.Service{Path: path, Handler: handler}
}

// ofOrganization is a request that names an organization by its id or, PREVIEW, its external id.
type ofOrganization interface {
	GetOrganizationId() string
	GetExternalId() string
}

// organization returns the id of the organization that a request names.
func (s *domains) organization(req ofOrganization) (string, error) {
	id := req.GetOrganizationId()
	switch externalID := req.GetExternalId(); {
	case externalID != "":
		found, ok := s.organizations.byExternalID(externalID)
		if !ok {
			return "", apierr.New(connect.CodeNotFound, "organization with external id %q not found", externalID)
		}
		return found, nil
	case id == "":
		return "", apierr.InvalidField("organization_id", "required", "either organization_id or external_id is required")
	case !s.organizations.rows.Has(id):
		return "", apierr.NotFound("organization", id)
	}
	return id, nil
}

// find returns the domain that a request names: by its id, and in the right organization.
func (s *domains) find(req interface {
	ofOrganization
	GetId() string
},
) (*domainsv1.Domain, error) {
	organizationID, err := s.organization(req)
	if err != nil {
		return nil, err
	}
	if s.rows.Parent(req.GetId()) != organizationID {
		return nil, apierr.NotFound("domain", req.GetId())
	}
	return s.rows.Get(req.GetId())
}

// CreateDomain implements the RPC of that name. A connection_id, PREVIEW, is ignored [U].
func (s *domains) CreateDomain(
	_ context.Context, req *connect.Request[domainsv1.CreateDomainRequest],
) (*connect.Response[domainsv1.CreateDomainResponse], error) {
	return store.Mutate(s.store, func() (*domainsv1.CreateDomainResponse, error) {
		organizationID, err := s.organization(req.Msg)
		if err != nil {
			return nil, err
		}
		if req.Msg.GetDomain() == nil {
			return nil, apierr.InvalidField("domain", "required", "value is required") // The descriptor has no such rule.
		}
		created, err := s.create(organizationID, req.Msg.GetDomain(), "")
		return &domainsv1.CreateDomainResponse{Domain: created}, err
	})
}

// create checks what the descriptors do not say and stores a domain, whose id a seed may give. Without a type it is an
// organization's domain.
func (s *domains) create(organizationID string, wanted *domainsv1.CreateDomain, id string) (*domainsv1.Domain, error) {
	id, created, err := store.NewID(s.rows, domainPrefix, id)
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(wanted.GetDomain()) // That case does not count is inferred [I].
	if err := checkDomain(name); err != nil {
		return nil, err
	}
	if s.quirks.KeepsDomainCase {
		name = wanted.GetDomain()
	}
	for _, row := range s.rows.All() {
		if row.Value.GetDomain() == name &&
			(row.Parent == organizationID || !s.quirks.DomainsUniquePerOrganization) {
			// In any organization [I], and whatever the types [U].
			return nil, apierr.Duplicate("domain", "name", name)
		}
	}
	domain := &domainsv1.Domain{
		Id:             id,
		Domain:         name,
		EnvironmentId:  environmentID,
		OrganizationId: organizationID,
		DomainType:     wanted.GetDomainType(),
		CreateTime:     timestamppb.New(created),
		UpdateTime:     timestamppb.New(created),
	}
	switch domain.GetDomainType() {
	case domainsv1.DomainType_DOMAIN_TYPE_UNSPECIFIED, domainsv1.DomainType_ORGANIZATION_DOMAIN:
		domain.DomainType = domainsv1.DomainType_ORGANIZATION_DOMAIN
		domain.VerificationMethod = domainsv1.VerificationMethod_ADMIN
		domain.VerificationStatus = domainsv1.VerificationStatus_AUTO_VERIFIED
		if s.quirks.DomainsVerified {
			domain.VerificationStatus = domainsv1.VerificationStatus_VERIFIED
		}
		domain.TxtRecordKey, domain.TxtRecordSecret = txtRecord(id)
	case domainsv1.DomainType_ALLOWED_EMAIL_DOMAIN:
		// There is nothing to verify; that the status stays unspecified is assumed [U].
		domain.VerificationMethod = domainsv1.VerificationMethod_NOT_APPLICABLE
	default:
		return nil, apierr.InvalidField("domain.domain_type", "enum.defined_only", "no such type")
	}
	s.rows.Put(id, organizationID, domain)
	return domain, nil
}

// txtRecord is the two sides of the value <app>-verify-dom_<id>=<hex> that the documentation shows; which side is which
// property is inferred [I]. Other pages show other forms. That a domain which needs no record has one is inferred too.
func txtRecord(id string) (key, secret string) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // Never fails.
	return "scalekit-verify-" + id, hex.EncodeToString(random[:])
}

// sharedDomains are some of the public and disposable mail domains that the platform refuses; its own list is unknown.
var sharedDomains = []string{
	"aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk",
	"hotmail.com", "hotmail.fr", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com",
	"outlook.com", "pm.me", "proton.me", "protonmail.com", "qq.com", "rediffmail.com", "tutanota.com", "web.de",
	"yahoo.co.in", "yahoo.co.uk", "yahoo.com", "yandex.com", "yandex.ru", "ymail.com", "zoho.com", "163.com", "126.com",

	"10minutemail.com", "discard.email", "dispostable.com", "fakeinbox.com", "getnada.com", "grr.la", "guerrillamail.com",
	"maildrop.cc", "mailinator.com", "mailnesia.com", "moakt.com", "sharklasers.com", "spam4.me", "temp-mail.org",
	"tempmail.com", "throwawaymail.com", "trashmail.com", "yopmail.com",
}

// checkDomain holds a name in lower case against the documented rules that the descriptor does not have: a host name of
// two labels or more, and no public or disposable mail domain.
func checkDomain(name string) error {
	const field = "domain.domain"
	labels := strings.Split(name, ".")
	if len(labels) < 2 {
		return apierr.InvalidField(field, "string.hostname", "%q has no dot", name)
	}
	for _, label := range labels {
		bad := strings.IndexFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
		})
		if bad >= 0 || label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return apierr.InvalidField(field, "string.hostname", "%q is not a domain name", name)
		}
	}
	if slices.Contains(sharedDomains, name) {
		return apierr.InvalidField(field, "domain.public", "%q is a public or disposable mail domain", name)
	}
	return nil
}

// GetDomain implements the RPC of that name.
func (s *domains) GetDomain(
	_ context.Context, req *connect.Request[domainsv1.GetDomainRequest],
) (*connect.Response[domainsv1.GetDomainResponse], error) {
	return store.Query(s.store, func() (*domainsv1.GetDomainResponse, error) {
		domain, err := s.find(req.Msg)
		return &domainsv1.GetDomainResponse{Domain: domain}, err
	})
}

// UpdateDomain implements the RPC of that name. There is no field that it could change, so it changes nothing.
func (s *domains) UpdateDomain(
	_ context.Context, req *connect.Request[domainsv1.UpdateDomainRequest],
) (*connect.Response[domainsv1.UpdateDomainResponse], error) {
	return store.Query(s.store, func() (*domainsv1.UpdateDomainResponse, error) {
		domain, err := s.find(req.Msg)
		return &domainsv1.UpdateDomainResponse{Domain: domain}, err
	})
}

// VerifyDomain implements the RPC of that name. The emulator looks up no DNS records: what is pending stays so.
func (s *domains) VerifyDomain(
	_ context.Context, req *connect.Request[domainsv1.VerifyDomainRequest],
) (*connect.Response[domainsv1.VerifyDomainResponse], error) {
	return store.Query(s.store, func() (*domainsv1.VerifyDomainResponse, error) {
		domain, err := s.find(req.Msg)
		status := domain.GetVerificationStatus()
		return &domainsv1.VerifyDomainResponse{
			Verified: status == domainsv1.VerificationStatus_VERIFIED || status == domainsv1.VerificationStatus_AUTO_VERIFIED,
		}, err
	})
}

// ListDomains implements the RPC of that name. Pages are numbered from 0, and nothing says whether there are more. A page
// is cut to 100 domains; the platform may as well refuse a bigger one [U]. The order, newest first as for organizations,
// and that connection_id and include (PREVIEW) do nothing are assumed [U].
func (s *domains) ListDomains(
	_ context.Context, req *connect.Request[domainsv1.ListDomainRequest],
) (*connect.Response[domainsv1.ListDomainResponse], error) {
	return store.Query(s.store, func() (*domainsv1.ListDomainResponse, error) {
		organizationID, err := s.organization(req.Msg)
		if err != nil {
			return nil, err
		}
		size, number := int(req.Msg.GetPageSize().GetValue()), int(req.Msg.GetPageNumber().GetValue())
		switch {
		case size < 0:
			return nil, apierr.InvalidField("page_size", "int32.gte", "must not be negative")
		case number < 0:
			return nil, apierr.InvalidField("page_number", "int32.gte", "must not be negative")
		case size == 0:
			size = defaultDomainPage
		}
		size = min(size, maxDomainPage)

		out := &domainsv1.ListDomainResponse{PageNumber: int32(number)}
		skip := number * size
		for _, row := range slices.Backward(s.rows.Children.Of(organizationID)) {
			wanted := req.Msg.GetDomainType()
			if wanted != 0 && wanted != row.Value.GetDomainType() {
				continue
			}
			if skip--; skip >= 0 {
				continue
			}
			if len(out.GetDomains()) == size {
				break
			}
			domain, err := s.rows.Get(row.ID)
			if err != nil {
				return nil, err
			}
			out.Domains = append(out.Domains, domain)
		}
		out.PageSize = int32(len(out.GetDomains())) // Documented as the number that is on this page.
		return out, nil
	})
}

// DeleteDomain implements the RPC of that name. A connection_id, PREVIEW, is ignored [U].
func (s *domains) DeleteDomain(
	_ context.Context, req *connect.Request[domainsv1.DeleteDomainRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		domain, err := s.find(req.Msg)
		if err != nil {
			return nil, err
		}
		s.rows.Delete(domain.GetId())
		return &emptypb.Empty{}, nil
	})
}
