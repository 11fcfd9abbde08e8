package facts_test

import (
	"context"
	"strings"

	"connectrpc.com/connect"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var portalLinkFacts = []fact{
	{
		key:      "portal-link.id",
		question: "What form has the id of a link to the admin portal?",
		assumed:  "a UUID",
		mark:     contradictory,
		relies:   "Nothing depends on it: scalekit_portal_link shows what it gets.",
		probe: func(r *run) string {
			link, err := r.portalLink(r.organization())
			if err != nil {
				return outcome(err)
			}
			return form(link.GetId())
		},
		variants: []variant{{emulator.Quirks{PrefixedLinkIDs: true}, "lnk_ and 18 digits"}},
	},
	{
		key:      "portal-link.location",
		question: "What form has the location of a link to the admin portal?",
		assumed:  "ENVIRONMENT/magicLink/ and a UUID",
		mark:     contradictory,
		relies:   "Nothing depends on it: scalekit_portal_link shows what it gets.",
		probe: func(r *run) string {
			link, err := r.portalLink(r.organization())
			if err != nil {
				return outcome(err)
			}
			location := link.GetLocation()
			last := strings.LastIndex(location, "/") + 1
			_, address, _ := strings.Cut(r.redact(location[:last]), "://")
			return address + " and " + form(location[last:])
		},
	},
	{
		key:      "portal-link.nothing-enabled",
		question: "What is the answer to a link for an organization none of whose features is on?",
		assumed:  "accepted",
		mark:     seen,
		relies:   "scalekit_portal_link may name no features, and explains a refusal.",
		probe: func(r *run) string {
			org := r.organization()
			must(r, r.client.Organizations.UpdateOrganizationSettings, &organizationsv1.UpdateOrganizationSettingsRequest{
				Id: org.GetId(), Settings: &organizationsv1.OrganizationSettings{Features: []*organizationsv1.OrganizationSettingsFeature{{Name: "sso"}}},
			})
			_, err := r.portalLink(org)
			return outcome(err)
		},
		variants: []variant{{emulator.Quirks{PortalLinkNeedsFeature: true}, "refused as invalid_argument"}},
	},
	{
		key:      "portal-link.disabled-feature",
		question: "What is the answer to a link for a feature that is off?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "scalekit_portal_link says which of the features are off.",
		probe: func(r *run) string {
			_, err := r.portalLink(r.organization(), organizationsv1.Feature_dir_sync)
			return outcome(err)
		},
	},
}

// portalLink makes a link, which is removed after the probe; the API's own links end after a minute anyway.
func (r *run) portalLink(org *organizationsv1.Organization, features ...organizationsv1.Feature) (*organizationsv1.Link, error) {
	reply, err := try(r, r.client.Organizations.GeneratePortalLink, &organizationsv1.GeneratePortalLinkRequest{Id: org.GetId(), Features: features})
	if err != nil {
		return nil, err
	}
	r.later(func(ctx context.Context) {
		_, _ = r.client.Organizations.DeletePortalLink(ctx, connect.NewRequest(&organizationsv1.DeletePortalLinkRequest{Id: org.GetId()}))
	})
	return reply.GetLink(), nil
}
