package platform

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// UpdateDirectory implements the RPC of that name, which is PREVIEW and used by no SDK. What it may do is unknown [U]:
// here it sets the name, provider and status, replaces attribute mappings and external groups where it has any, and
// leaves what is not sent alone. The type is fixed; enabled is left to its own RPCs, because no client can send false
// apart from nothing.
func (s *directories) UpdateDirectory(
	ctx context.Context, req *connect.Request[dirv1.UpdateDirectoryRequest],
) (*connect.Response[dirv1.UpdateDirectoryResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.UpdateDirectoryResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		if err := s.update(directory, req.Msg.GetDirectory()); err != nil {
			return nil, err
		}
		return &dirv1.UpdateDirectoryResponse{Directory: s.view(ctx, directory)}, nil
	})
}

func (s *directories) update(directory *dirv1.Directory, change *dirv1.UpdateDirectory) error {
	kind := change.GetDirectoryType()
	if kind != dirv1.DirectoryType_DIRECTORY_TYPE_UNSPECIFIED && kind != directory.GetDirectoryType() {
		return apierr.InvalidField("directory.directory_type", "immutable", "cannot be changed")
	}
	directory.Name = change.GetName()
	if provider := change.GetDirectoryProvider(); provider != dirv1.DirectoryProvider_DIRECTORY_PROVIDER_UNSPECIFIED {
		directory.DirectoryProvider = provider
	}
	if status := change.GetStatus(); status != dirv1.DirectoryStatus_DIRECTORY_STATUS_UNSPECIFIED {
		directory.Status = status.String()
	}
	if len(change.GetMappings()) > 0 {
		attributes := make([]*dirv1.AttributeMapping, 0, len(change.GetMappings()))
		for _, mapping := range change.GetMappings() {
			attributes = append(attributes, &dirv1.AttributeMapping{Key: mapping.GetKey(), MapTo: mapping.GetMapTo()})
		}
		if err := s.setAttributes(directory, attributes, "directory.mappings"); err != nil {
			return err
		}
	}
	if len(change.GetGroups()) > 0 {
		if err := s.setExternalGroups(directory.GetId(), change.GetGroups()); err != nil {
			return err
		}
	}
	s.put(directory)
	return nil
}

// UpdateAttributes implements the RPC of that name. It is a PUT: the mappings that are sent are all there are.
func (s *directories) UpdateAttributes(
	_ context.Context, req *connect.Request[dirv1.UpdateAttributesRequest],
) (*connect.Response[dirv1.UpdateAttributesResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.UpdateAttributesResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		attributes := req.Msg.GetAttributeMapping().GetAttributes()
		if err := s.setAttributes(directory, attributes, "attribute_mapping.attributes"); err != nil {
			return nil, err
		}
		s.put(directory)
		return &dirv1.UpdateAttributesResponse{AttributeMappings: directory.GetAttributeMappings()}, nil
	})
}

// setAttributes keeps the mappings in the order of their keys, which need not be the one they were sent in [U]. Which of
// two mappings of one key would count is unknown [U], so both are refused. field is the list's path in the request.
func (s *directories) setAttributes(directory *dirv1.Directory, wanted []*dirv1.AttributeMapping, field string) error {
	mapTo := map[string]string{}
	for i, attribute := range wanted {
		if _, twice := mapTo[attribute.GetKey()]; twice {
			return apierr.InvalidField(fmt.Sprintf("%s[%d].key", field, i), "repeated.unique", "%q is there twice", attribute.GetKey())
		}
		mapTo[attribute.GetKey()] = attribute.GetMapTo()
	}
	if s.quirks.DirectoryAttributesMerge {
		for _, old := range directory.GetAttributeMappings().GetAttributes() {
			if _, sent := mapTo[old.GetKey()]; !sent {
				mapTo[old.GetKey()] = old.GetMapTo()
			}
		}
	}
	directory.AttributeMappings = &dirv1.AttributeMappings{}
	for _, key := range slices.Sorted(maps.Keys(mapTo)) {
		directory.AttributeMappings.Attributes = append(directory.AttributeMappings.Attributes,
			&dirv1.AttributeMapping{Key: key, MapTo: mapTo[key]})
	}
	return nil
}
