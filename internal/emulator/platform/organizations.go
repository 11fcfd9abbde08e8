package platform

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations/organizationsconnect"
)

const (
	organizationPrefix  = "org_"
	maxExternalIDLength = 255 // characters, as documented; the descriptors have no rule for it
	maxOrganizationPage = 100 // documented as 10 to 100, but pages of 1 and 5 work
	maxSearchPage       = 30  // the descriptor's rule refuses more
)

// organizations is scalekit.v1.organizations.OrganizationService. Its methods for dashboard sessions stay unimplemented:
// no client token gets that far.
type organizations struct {
	organizationsconnect.UnimplementedOrganizationServiceHandler

	store           *store.Store
	quirks          Quirks
	rows            *store.Table[*orgv1.Organization]
	sessionPolicies *store.Table[*orgv1.OrganizationSessionPolicySettings]  // by organization id; CUSTOM ones alone
	userManagement  *store.Table[*orgv1.OrganizationUserManagementSettings] // by organization id
	portalLinks     *store.Table[*orgv1.Link]

	belongings []func(organizationID string) // what deletes that of other services that goes with an organization
}

func newOrganizations(p *Platform) *organizations {
	s := &organizations{
		store:  p.options.Store,
		quirks: p.options.Quirks,
		rows: store.NewTable[*orgv1.Organization](p.options.Store, "organizations", "organization",
			lifecycle(p.events, "organization.", itsOwn[*orgv1.Organization], organizationData)),
		sessionPolicies: store.NewTable[*orgv1.OrganizationSessionPolicySettings](p.options.Store,
			"session_policies", "session policy", store.Unwatched),
		userManagement: store.NewTable[*orgv1.OrganizationUserManagementSettings](
			p.options.Store, "user_management_settings", "user management settings", store.Unwatched),
		portalLinks: store.NewTable[*orgv1.Link](p.options.Store, "portal_links", "portal link", store.Unwatched),
	}
	return s
}

func (s *organizations) service(options []connect.HandlerOption) web.Service {
	path, handler := organizationsconnect.NewOrganizationServiceHandler(s, options...)
	return web.Service{Path: path, Handler: handler}
}

// CreateOrganization implements the RPC of that name.
func (s *organizations) CreateOrganization(
	_ context.Context, req *connect.Request[orgv1.CreateOrganizationRequest],
) (*connect.Response[orgv1.CreateOrganizationResponse], error) {
	return store.Mutate(s.store, func() (*orgv1.CreateOrganizationResponse, error) {
		created, err := s.create(req.Msg.GetOrganization(), "")
		return &orgv1.CreateOrganizationResponse{Organization: created}, err
	})
}

// create checks what the descriptors do not say and stores an organization. A seed may give the id; its create_time is
// then the one the id holds.
func (s *organizations) create(wanted *orgv1.CreateOrganization, id string) (*orgv1.Organization, error) {
	created, ok := store.IDTime(organizationPrefix, id)
	switch {
	case id == "":
		id, created = s.store.IDs.Next(organizationPrefix)
	case !ok:
		return nil, fmt.Errorf("id: %q is not %q and digits", id, organizationPrefix)
	case s.rows.Has(id):
		return nil, apierr.Duplicate("organization", "id", id)
	}
	if _, known := commonsv1.RegionCode_name[int32(wanted.GetRegionCode())]; !known {
		return nil, apierr.InvalidField("organization.region_code", "enum.defined_only", "no such region")
	}
	org := &orgv1.Organization{
		Id:          id,
		CreateTime:  timestamppb.New(created),
		UpdateTime:  timestamppb.New(created.Add(createdWithin)),
		DisplayName: wanted.GetDisplayName(),
		RegionCode:  wanted.GetRegionCode(),
		Metadata:    wanted.GetMetadata(),
		Slug:        nonEmpty(wanted.Slug),
	}
	if org.GetRegionCode() == commonsv1.RegionCode_REGION_CODE_UNSPECIFIED {
		org.RegionCode = commonsv1.RegionCode_US
	}
	if wanted.ExternalId != nil && wanted.GetExternalId() == "" && s.quirks.RejectsEmptyExternalID {
		return nil, emptyExternalID()
	}
	org.ExternalId = nonEmpty(wanted.ExternalId)
	if s.quirks.GeneratesSlug && org.Slug == nil {
		org.Slug = new(s.freeSlug(org.GetDisplayName()))
	}
	org.Settings = s.freshFeatures()
	if err := s.check(org); err != nil {
		return nil, err
	}
	s.rows.Put(id, "", org)
	return org, nil
}

// createdWithin is how much later the update_time of a new organization is than its create_time, which has a precision of
// 10 ms: a captured pair differs by some microseconds [S].
const createdWithin = 1234 * time.Microsecond

// nonEmpty treats "" as not set: no object has an empty value of an optional property [I].
func nonEmpty(value *string) *string {
	if value == nil || *value == "" {
		return nil
	}
	return value
}

func emptyExternalID() error {
	return apierr.InvalidField("organization.external_id", "string.min_len", "must not be empty")
}

// check holds an organization against the documented rules that the descriptors do not have.
func (s *organizations) check(org *orgv1.Organization) error {
	if utf8.RuneCountInString(org.GetExternalId()) > maxExternalIDLength {
		return apierr.InvalidField("organization.external_id", "string.max_len", "must be at most %d characters", maxExternalIDLength)
	}
	if other, taken := s.byExternalID(org.GetExternalId()); taken && other != org.GetId() {
		return apierr.Duplicate("organization", "external id", org.GetExternalId())
	}
	if other, taken := s.bySlug(org.GetSlug()); taken && other != org.GetId() {
		return apierr.Duplicate("organization", "slug", org.GetSlug())
	}
	return nil
}

func (s *organizations) byExternalID(externalID string) (id string, found bool) {
	return s.rows.Find(func(org *orgv1.Organization) bool {
		return org.ExternalId != nil && org.GetExternalId() == externalID
	})
}

func (s *organizations) bySlug(slug string) (id string, found bool) {
	return s.rows.Find(func(org *orgv1.Organization) bool { return org.Slug != nil && org.GetSlug() == slug })
}

// freeSlug makes a slug of a display name: its ASCII letters and digits, with hyphens for the rest.
func (s *organizations) freeSlug(displayName string) string {
	words := strings.FieldsFunc(strings.ToLower(displayName), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	const room = 55 // of a label's 63 characters; the rest is for a number
	base := strings.Join(words, "-")
	base = strings.TrimRight(base[:min(len(base), room)], "-")
	if base == "" {
		base = "org"
	}
	slug := base
	for n := 2; ; n++ {
		if _, taken := s.bySlug(slug); !taken {
			return slug
		}
		slug = fmt.Sprintf("%s-%d", base, n)
	}
}

// identified is a request that names an organization by its id or, PREVIEW, its external id.
type identified interface {
	GetId() string
	GetExternalId() string
}

// resolve finds the organization that a request names. Which one it names when it has neither is no question: such a
// request is refused [I].
func (s *organizations) resolve(req identified) (*orgv1.Organization, error) {
	if externalID := req.GetExternalId(); externalID != "" {
		id, found := s.byExternalID(externalID)
		if !found {
			return nil, apierr.New(connect.CodeNotFound, "organization with external id %q not found", externalID)
		}
		return s.rows.Get(id)
	}
	if req.GetId() == "" {
		return nil, apierr.InvalidField("id", "required", "either id or external_id is required")
	}
	return s.rows.Get(req.GetId())
}

// GetOrganization implements the RPC of that name.
func (s *organizations) GetOrganization(
	_ context.Context, req *connect.Request[orgv1.GetOrganizationRequest],
) (*connect.Response[orgv1.GetOrganizationResponse], error) {
	return store.Query(s.store, func() (*orgv1.GetOrganizationResponse, error) {
		org, err := s.resolve(req.Msg)
		return &orgv1.GetOrganizationResponse{Organization: org}, err
	})
}

// GetOrganizationByExternalId implements the RPC of that name.
//
//nolint:revive,staticcheck // The generated interface names it.
func (s *organizations) GetOrganizationByExternalId(
	ctx context.Context, req *connect.Request[orgv1.GetOrganizationRequest],
) (*connect.Response[orgv1.GetOrganizationResponse], error) {
	if req.Msg.GetExternalId() == "" {
		return nil, apierr.InvalidField("external_id", "required", "external_id is required")
	}
	return s.GetOrganization(ctx, req)
}

// ListOrganization implements the RPC of that name: newest first.
func (s *organizations) ListOrganization(
	_ context.Context, req *connect.Request[orgv1.ListOrganizationsRequest],
) (*connect.Response[orgv1.ListOrganizationsResponse], error) {
	return store.Query(s.store, func() (*orgv1.ListOrganizationsResponse, error) {
		externalID := req.Msg.GetExternalId()
		rows := s.rows.All()
		if externalID != "" {
			rows = store.Where(rows, func(row *store.Row[*orgv1.Organization]) bool { return row.Value.GetExternalId() == externalID })
		}
		found, err := store.Paginate(rows, store.PageRequest{
			Size:  req.Msg.GetPageSize(),
			Max:   maxOrganizationPage,
			Token: req.Msg.GetPageToken(),
			Scope: "organizations?external_id=" + externalID,
		})
		return &orgv1.ListOrganizationsResponse{
			Organizations: found.Items,
			NextPageToken: found.Next,
			PrevPageToken: found.Prev,
			TotalSize:     found.Total,
		}, err
	})
}

// SearchOrganization implements the RPC of that name. That it looks for a part of the id, the name, the external id and
// the slug, in any case of letters, is assumed [U]; metadata cannot be searched.
func (s *organizations) SearchOrganization(
	_ context.Context, req *connect.Request[orgv1.SearchOrganizationsRequest],
) (*connect.Response[orgv1.SearchOrganizationsResponse], error) {
	return store.Query(s.store, func() (*orgv1.SearchOrganizationsResponse, error) {
		wanted := strings.ToLower(req.Msg.GetQuery())
		matching := store.Where(s.rows.All(), func(row *store.Row[*orgv1.Organization]) bool {
			org := row.Value
			texts := []string{org.GetId(), org.GetDisplayName(), org.GetExternalId(), org.GetSlug()}
			return slices.ContainsFunc(texts, func(text string) bool {
				return strings.Contains(strings.ToLower(text), wanted)
			})
		})
		found, err := store.Paginate(matching, store.PageRequest{
			Size:  req.Msg.GetPageSize(),
			Max:   maxSearchPage,
			Token: req.Msg.GetPageToken(),
			Scope: "organizations:search?query=" + wanted,
		})
		return &orgv1.SearchOrganizationsResponse{
			Organizations: found.Items,
			NextPageToken: found.Next,
			PrevPageToken: found.Prev,
			TotalSize:     found.Total,
		}, err
	})
}

// DeleteOrganization implements the RPC of that name. Everything that belongs to the organization goes with it.
func (s *organizations) DeleteOrganization(
	_ context.Context, req *connect.Request[orgv1.DeleteOrganizationRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		org, err := s.resolve(req.Msg)
		if err != nil {
			return nil, err
		}
		for _, deleteBelongings := range s.belongings {
			deleteBelongings(org.GetId())
		}
		s.sessionPolicies.DeleteOf(org.GetId())
		s.userManagement.DeleteOf(org.GetId())
		s.portalLinks.DeleteOf(org.GetId())
		s.rows.Delete(org.GetId())
		return &emptypb.Empty{}, nil
	})
}

// touch stores a changed organization with a new update_time. That a change of its settings and policies counts too is
// assumed [U].
func (s *organizations) touch(org *orgv1.Organization) {
	org.UpdateTime = timestamppb.New(s.store.UpdateTime(org.GetCreateTime().AsTime()))
	s.rows.Put(org.GetId(), "", org)
}
