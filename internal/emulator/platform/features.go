package platform

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// The names of features. The directory's is dir_sync, unless [Quirks.ScimFeatureName] says scim.
const (
	featureDirSync            = "dir_sync"
	featureScim               = "scim"
	featureSSO                = "sso"
	featureDomainVerification = "domain_verification"
	featureSessionPolicy      = "session_policy"
)

func (s *organizations) directoryFeature() string {
	if s.quirks.ScimFeatureName {
		return featureScim
	}
	return featureDirSync
}

// featureNames is also the order in which features are listed: sso and the directory's first, as the Java SDK reads them
// [S].
func (s *organizations) featureNames() []string {
	return []string{featureSSO, s.directoryFeature(), featureDomainVerification, featureSessionPolicy}
}

// freshFeatures are those that a new organization lists.
func (s *organizations) freshFeatures() *orgv1.OrganizationSettings {
	settings := &orgv1.OrganizationSettings{}
	switch {
	case s.quirks.FreshFeaturesListed:
		for _, name := range s.featureNames() {
			settings.Features = append(settings.Features, &orgv1.OrganizationSettingsFeature{Name: name})
		}
	case s.quirks.NoFreshFeatures:
		return nil
	default:
		settings.Features = []*orgv1.OrganizationSettingsFeature{{Name: featureSSO, Enabled: true}, {Name: s.directoryFeature()}}
	}
	return settings
}

// UpdateOrganizationSettings implements the RPC of that name: it sets features by name and leaves the others alone [I].
func (s *organizations) UpdateOrganizationSettings(
	_ context.Context, req *connect.Request[orgv1.UpdateOrganizationSettingsRequest],
) (*connect.Response[orgv1.GetOrganizationResponse], error) {
	return store.Mutate(s.store, func() (*orgv1.GetOrganizationResponse, error) {
		org, err := s.rows.Get(req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		if err := s.setFeatures(org, req.Msg.GetSettings().GetFeatures()); err != nil {
			return nil, err
		}
		s.touch(org)
		return &orgv1.GetOrganizationResponse{Organization: org}, nil
	})
}

func (s *organizations) setFeatures(org *orgv1.Organization, wanted []*orgv1.OrganizationSettingsFeature) error {
	names := s.featureNames()
	var features []*orgv1.OrganizationSettingsFeature
	if !s.quirks.FeaturesReplace {
		features = org.GetSettings().GetFeatures()
	}
	set := map[string]bool{}
	for i, feature := range wanted {
		name := feature.GetName()
		field := fmt.Sprintf("settings.features[%d].name", i)
		switch {
		case !slices.Contains(names, name):
			return apierr.InvalidField(field, "string.in", "%q is not a feature; features are %q", name, names)
		case set[name]:
			// Which of the two would count is unknown [U].
			return apierr.InvalidField(field, "repeated.unique", "%q is there twice", name)
		}
		set[name] = true
		features = slices.DeleteFunc(features, func(old *orgv1.OrganizationSettingsFeature) bool {
			return old.GetName() == name
		})
		features = append(features, &orgv1.OrganizationSettingsFeature{Name: name, Enabled: feature.GetEnabled()})
	}
	slices.SortFunc(features, func(a, b *orgv1.OrganizationSettingsFeature) int {
		return cmp.Compare(slices.Index(names, a.GetName()), slices.Index(names, b.GetName()))
	})
	org.Settings = &orgv1.OrganizationSettings{Features: features}
	return nil
}

func featureEnabled(org *orgv1.Organization, name string) bool {
	return slices.ContainsFunc(org.GetSettings().GetFeatures(), func(feature *orgv1.OrganizationSettingsFeature) bool {
		return feature.GetName() == name && feature.GetEnabled()
	})
}
