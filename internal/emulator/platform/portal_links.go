package platform

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// portalLinkLifetime is documented for links that the API makes; they are good once.
const portalLinkLifetime = time.Minute

// GeneratePortalLink implements the RPC of that name. Without features the link is for whatever is enabled, which may be
// nothing: the SDKs' tests make links for new organizations. See [Quirks.PortalLinkNeedsFeature].
func (s *organizations) GeneratePortalLink(
	ctx context.Context, req *connect.Request[orgv1.GeneratePortalLinkRequest],
) (*connect.Response[orgv1.GeneratePortalLinkResponse], error) {
	return store.Mutate(s.store, func() (*orgv1.GeneratePortalLinkResponse, error) {
		org, err := s.rows.Get(req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		if err := s.checkLinkFeatures(org, req.Msg); err != nil {
			return nil, err
		}

		now := s.store.Now().UTC()
		s.portalLinks.DeleteWhere(func(row *store.Row[*orgv1.Link]) bool {
			return row.Parent == org.GetId() && row.Value.GetExpireTime().AsTime().Before(now)
		})
		uuid := newUUID()
		link := &orgv1.Link{
			Id:         uuid,
			Location:   web.CallFrom(ctx).Base + "/magicLink/" + uuid,
			ExpireTime: timestamppb.New(now.Add(portalLinkLifetime)),
		}
		if s.quirks.PrefixedLinkIDs {
			link.Id, _ = s.store.IDs.Next("lnk_")
		}
		s.portalLinks.Put(link.GetId(), org.GetId(), link)
		return &orgv1.GeneratePortalLinkResponse{Link: link}, nil
	})
}

// checkLinkFeatures refuses a link for a feature that the organization has not enabled.
func (s *organizations) checkLinkFeatures(org *orgv1.Organization, req *orgv1.GeneratePortalLinkRequest) error {
	features := req.GetFeatures()
	if req.GetSso() {
		features = append(features, orgv1.Feature_sso)
	}
	if req.GetDirectorySync() {
		features = append(features, orgv1.Feature_dir_sync)
	}
	if len(features) == 0 && s.quirks.PortalLinkNeedsFeature &&
		!featureEnabled(org, featureSSO) && !featureEnabled(org, s.directoryFeature()) {
		return apierr.New(connect.CodeInvalidArgument, "no feature is enabled for this organization")
	}
	for i, feature := range features {
		var name string
		switch feature {
		case orgv1.Feature_sso:
			name = featureSSO
		case orgv1.Feature_dir_sync:
			name = s.directoryFeature()
		default:
			return apierr.InvalidField(fmt.Sprintf("features[%d]", i), "enum.defined_only", "must be sso or dir_sync")
		}
		if !featureEnabled(org, name) {
			return apierr.InvalidField(fmt.Sprintf("features[%d]", i), "feature.enabled",
				"%s is not enabled for this organization", name)
		}
	}
	return nil
}

// DeletePortalLinkByID implements the RPC of that name. Its descriptor refuses ids that do not begin with lnk_, so the
// UUIDs that the platform is documented to give out never get here; see [Quirks.PrefixedLinkIDs].
func (s *organizations) DeletePortalLinkByID(
	_ context.Context, req *connect.Request[orgv1.DeletePortalLinkByIdRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		id, link := req.Msg.GetId(), req.Msg.GetLinkId()
		switch {
		case !s.rows.Has(id):
			return nil, apierr.NotFound("organization", id)
		case !s.portalLinks.Has(link) || s.portalLinks.Parent(link) != id:
			return nil, apierr.NotFound("portal link", link)
		}
		s.portalLinks.Delete(link)
		return &emptypb.Empty{}, nil
	})
}

// newUUID is a random (version 4) UUID.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // Never fails.
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
