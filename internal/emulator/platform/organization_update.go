package platform

import (
	"context"
	"maps"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// UpdateOrganization implements the RPC of that name. It touches the fields that are sent, or those that update_mask
// names.
func (s *organizations) UpdateOrganization(
	_ context.Context, req *connect.Request[orgv1.UpdateOrganizationRequest],
) (*connect.Response[orgv1.UpdateOrganizationResponse], error) {
	return store.Mutate(s.store, func() (*orgv1.UpdateOrganizationResponse, error) {
		org, err := s.resolve(req.Msg)
		if err != nil {
			return nil, err
		}
		change := req.Msg.GetOrganization()
		fields, err := s.fieldsToWrite(change, req.Msg.GetUpdateMask().GetPaths())
		if err != nil {
			return nil, err
		}
		for _, field := range fields {
			if err := s.write(org, change, field); err != nil {
				return nil, err
			}
		}
		if err := s.check(org); err != nil {
			return nil, err
		}
		s.touch(org)
		return &orgv1.UpdateOrganizationResponse{Organization: org}, nil
	})
}

var updatableFields = []string{"display_name", "external_id", "metadata", "slug"}

// fieldsToWrite names the fields that an update writes: without a mask, those that are sent. An empty metadata map
// cannot be told from none on the wire, so without a mask it writes nothing [I].
func (s *organizations) fieldsToWrite(change *orgv1.UpdateOrganization, mask []string) ([]string, error) {
	if len(mask) == 0 || s.quirks.IgnoresUpdateMask {
		sent := map[string]bool{
			"display_name": change.DisplayName != nil,
			"external_id":  change.ExternalId != nil,
			"metadata":     len(change.GetMetadata()) > 0,
			"slug":         change.Slug != nil,
		}
		return slices.DeleteFunc(slices.Clone(updatableFields), func(field string) bool { return !sent[field] }), nil
	}
	fields := make([]string, 0, len(mask))
	for _, path := range mask {
		// Whether the platform counts from the organization or from the request is unknown [U]: both are understood.
		field := strings.TrimPrefix(path, "organization.")
		if !slices.Contains(updatableFields, field) {
			return nil, apierr.InvalidField("update_mask", "field_mask", "%q is not a field that can be updated", path)
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// write sets one field; one that is not sent, which only a mask can name, is cleared.
func (s *organizations) write(org *orgv1.Organization, change *orgv1.UpdateOrganization, field string) error {
	switch field {
	case "display_name":
		if change.DisplayName == nil {
			return apierr.InvalidField("organization.display_name", "required", "cannot be cleared")
		}
		org.DisplayName = change.GetDisplayName()
	case "external_id":
		if change.GetExternalId() == "" {
			switch {
			case s.quirks.RejectsEmptyExternalID:
				return emptyExternalID()
			case s.quirks.KeepsExternalID:
				return nil
			}
		}
		org.ExternalId = nonEmpty(change.ExternalId)
	case "metadata":
		if s.quirks.MetadataMerges && len(change.GetMetadata()) > 0 {
			return s.mergeMetadata(org, change.GetMetadata())
		}
		org.Metadata = change.GetMetadata()
	case "slug":
		org.Slug = nonEmpty(change.Slug)
	}
	return nil
}

// mergeMetadata holds the result against the rules, not only what was sent: ten pairs are the limit of an organization.
func (s *organizations) mergeMetadata(org *orgv1.Organization, added map[string]string) error {
	if org.Metadata == nil {
		org.Metadata = map[string]string{}
	}
	maps.Copy(org.GetMetadata(), added)
	return apierr.Validate(&orgv1.UpdateOrganizationRequest{
		Organization: &orgv1.UpdateOrganization{Metadata: org.GetMetadata()},
	})
}
