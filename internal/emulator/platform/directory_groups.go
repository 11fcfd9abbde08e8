package platform

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

const (
	directoryGroupPrefix = "dirgroup_"
	maxDirectoryText     = 256 // characters of a group's and a user's properties, by the descriptors' rules
)

// ListDirectoryGroups implements the RPC of that name. That the newest come first, as they do for organizations, is
// assumed [U].
func (s *directories) ListDirectoryGroups(
	_ context.Context, req *connect.Request[dirv1.ListDirectoryGroupsRequest],
) (*connect.Response[dirv1.ListDirectoryGroupsResponse], error) {
	return store.Query(s.store, func() (*dirv1.ListDirectoryGroupsResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetDirectoryId())
		if err != nil {
			return nil, err
		}
		rows := s.groups.Children.Of(directory.GetId())
		if req.Msg.GetIncludeExternalGroups() {
			rows = s.withExternalGroups(slices.Clone(rows), directory.GetId())
		}
		found, err := listUpdated(rows, req.Msg.GetUpdatedAfter(), store.PageRequest{
			Size:  req.Msg.GetPageSize(),
			Max:   maxDirectoryPage,
			Token: req.Msg.GetPageToken(),
			Scope: fmt.Sprintf("%s/groups?updated_after=%s&external=%t", directory.GetId(),
				afterText(req.Msg.GetUpdatedAfter()), req.Msg.GetIncludeExternalGroups()),
		})
		s.viewGroups(found.Items, req.Msg.GetIncludeDetail())
		return &dirv1.ListDirectoryGroupsResponse{
			Groups:        found.Items,
			NextPageToken: found.Next,
			PrevPageToken: found.Prev,
			TotalSize:     found.Total,
		}, err
	})
}

// ListDirectoryGroupsSummary implements the RPC of that name: all groups at once, without detail.
func (s *directories) ListDirectoryGroupsSummary(
	_ context.Context, req *connect.Request[dirv1.ListDirectoryGroupsSummaryRequest],
) (*connect.Response[dirv1.ListDirectoryGroupsResponse], error) {
	return store.Query(s.store, func() (*dirv1.ListDirectoryGroupsResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetDirectoryId())
		if err != nil {
			return nil, err
		}
		reply := &dirv1.ListDirectoryGroupsResponse{}
		for _, row := range slices.Backward(s.groups.Children.Of(directory.GetId())) {
			reply.Groups = append(reply.Groups, proto.CloneOf(row.Value))
		}
		s.viewGroups(reply.GetGroups(), false)
		reply.TotalSize = uint32(len(reply.GetGroups()))
		return reply, nil
	})
}

// listUpdated is a page of the groups or users that pass the updated_after filter, which may be nil.
func listUpdated[T interface {
	proto.Message
	GetUpdatedAt() *timestamppb.Timestamp
}](rows []*store.Row[T], after *timestamppb.Timestamp, request store.PageRequest) (store.Page[T], error) {
	if after != nil {
		rows = store.Where(rows, func(row *store.Row[T]) bool { return row.Value.GetUpdatedAt().AsTime().After(after.AsTime()) })
	}
	return store.Paginate(rows, request)
}

// afterText is an updated_after filter as a part of a page token's scope.
func afterText(after *timestamppb.Timestamp) string {
	if after == nil {
		return ""
	}
	return after.AsTime().String()
}

// viewGroups adds to groups what they do not hold themselves.
func (s *directories) viewGroups(groups []*dirv1.DirectoryGroup, detail bool) {
	for _, group := range groups {
		group.TotalUsers = int32(len(s.members.Of(group.GetId())))
		switch {
		case !detail:
			group.GroupDetail = nil
		case group.GetGroupDetail() == nil:
			group.GroupDetail = groupDetail(group)
		}
	}
}

// groupDetail is what an identity provider may have sent for a group: a SCIM resource [U], with the id and the name that a
// detail has [S].
func groupDetail(group *dirv1.DirectoryGroup) *structpb.Struct {
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"id":           structpb.NewStringValue(group.GetId()),
		"display_name": structpb.NewStringValue(group.GetDisplayName()),

		"displayName": structpb.NewStringValue(group.GetDisplayName()),
	}}
}

// addGroup stores a group as its identity provider sends it. Whether the platform lets two groups of a directory have one
// name is unknown [U]: it asks more of a client if it does, so two may.
func (s *directories) addGroup(directoryID string, wanted SeedDirectoryGroup) (*dirv1.DirectoryGroup, error) {
	if wanted.DisplayName == "" || utf8.RuneCountInString(wanted.DisplayName) > maxDirectoryText {
		return nil, fmt.Errorf("display_name: must have 1 to %d characters", maxDirectoryText)
	}
	detail, err := detailStruct(wanted.GroupDetail)
	if err != nil {
		return nil, fmt.Errorf("group_detail: %w", err)
	}
	id, created, err := store.NewID(s.groups, directoryGroupPrefix, wanted.ID)
	if err != nil {
		return nil, err
	}
	group := &dirv1.DirectoryGroup{
		Id:          id,
		DisplayName: wanted.DisplayName,
		UpdatedAt:   timestamppb.New(created),
		GroupDetail: detail,
	}
	s.groups.Put(id, directoryID, group)
	return group, nil
}

// removeGroup deletes a group, its part of the role mapping and its memberships. Its members count as updated, since
// their roles are calculated again.
func (s *directories) removeGroup(directory *dirv1.Directory, groupID string) {
	for _, row := range slices.Clone(s.members.Of(groupID)) {
		user := proto.CloneOf(row.Value)
		user.Groups = slices.DeleteFunc(user.GetGroups(), func(group *dirv1.DirectoryGroup) bool { return group.GetId() == groupID })
		user.UpdatedAt = timestamppb.New(s.store.UpdateTime(user.GetUpdatedAt().AsTime()))
		s.users.Put(row.ID, row.Parent, user)
	}
	assignments := directory.GetRoleAssignments().GetAssignments()
	kept := slices.DeleteFunc(slices.Clone(assignments), func(assignment *dirv1.RoleAssignment) bool {
		return assignment.GetGroupId() == groupID
	})
	if len(kept) < len(assignments) {
		s.setAssignments(directory, kept)
	}
	s.groups.Delete(groupID)
}

// withExternalGroups adds to a directory's groups those that its provider has and the directory does not track [U].
func (s *directories) withExternalGroups(
	groups []*store.Row[*dirv1.DirectoryGroup], directoryID string,
) []*store.Row[*dirv1.DirectoryGroup] {
	for _, external := range s.externalGroups.ChildrenOf(directoryID) {
		if s.groups.Has(external.ID) {
			continue
		}
		created, _ := store.IDTime(directoryGroupPrefix, external.ID)
		groups = append(groups, &store.Row[*dirv1.DirectoryGroup]{
			ID:       external.ID,
			Sequence: external.Sequence,
			Value: &dirv1.DirectoryGroup{
				Id:          external.ID,
				DisplayName: external.Value.GetDisplayName(),
				UpdatedAt:   timestamppb.New(created),
			},
		})
	}
	slices.SortFunc(groups, func(a, b *store.Row[*dirv1.DirectoryGroup]) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return groups
}

// setExternalGroups replaces what is known of the groups at a directory's provider [U]. A group that is tracked stays.
func (s *directories) setExternalGroups(directoryID string, wanted []*dirv1.ExternalGroup) error {
	known := map[string]string{}
	for _, row := range s.externalGroups.ChildrenOf(directoryID) {
		known[row.Value.GetExternalId()] = row.ID
	}
	seen := map[string]bool{}
	for i, group := range wanted {
		externalID := group.GetExternalId()
		if seen[externalID] {
			return apierr.InvalidField(fmt.Sprintf("directory.groups[%d].external_id", i), "repeated.unique",
				"%q is there twice", externalID)
		}
		seen[externalID] = true
		id, ok := known[externalID]
		if !ok {
			id, _ = s.store.IDs.Next(directoryGroupPrefix)
		}
		s.externalGroups.Put(id, directoryID, group)
	}
	for externalID, id := range known {
		if !seen[externalID] {
			s.externalGroups.Delete(id)
		}
	}
	return nil
}

// AssignGroupsForDirectory implements the RPC of that name, for polling directories: those groups at the provider are
// tracked, no others. That they must be known from UpdateDirectory is assumed [U].
func (s *directories) AssignGroupsForDirectory(
	_ context.Context, req *connect.Request[dirv1.AssignGroupsForDirectoryRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		if directory.GetDirectoryType() != dirv1.DirectoryType_POLL {
			return nil, notPolling(directory)
		}
		chosen := map[string]bool{}
		for _, externalID := range req.Msg.GetExternalIds() {
			id, found := s.externalGroupID(directory.GetId(), externalID)
			if !found {
				return nil, apierr.NotFound("external group", externalID)
			}
			chosen[id] = true
			s.track(directory.GetId(), id)
		}
		for _, row := range s.groups.ChildrenOf(directory.GetId()) {
			if !chosen[row.ID] {
				s.removeGroup(directory, row.ID)
			}
		}
		directory.GroupsTracked = someGroups
		s.put(directory)
		return &emptypb.Empty{}, nil
	})
}

func notPolling(directory *dirv1.Directory) error {
	return apierr.New(connect.CodeInvalidArgument, "directory %q is %s; only a POLL directory can do this",
		directory.GetId(), directory.GetDirectoryType())
}

func (s *directories) externalGroupID(directoryID, externalID string) (string, bool) {
	for _, row := range s.externalGroups.Children.Of(directoryID) {
		if row.Value.GetExternalId() == externalID {
			return row.ID, true
		}
	}
	return "", false
}

// track makes a group of an external group, where it is not one yet.
func (s *directories) track(directoryID, id string) {
	external, err := s.externalGroups.Get(id)
	if err != nil || s.groups.Has(id) {
		return
	}
	created, _ := store.IDTime(directoryGroupPrefix, id)
	s.groups.Put(id, directoryID, &dirv1.DirectoryGroup{
		Id:          id,
		DisplayName: external.GetDisplayName(),
		UpdatedAt:   timestamppb.New(s.store.UpdateTime(created)),
	})
}

// TriggerDirectorySync implements the RPC of that name, as if the provider had nothing new. Whether it is for polling
// directories alone, and whether for disabled ones, is unknown [U]: here it is for all that are enabled.
func (s *directories) TriggerDirectorySync(
	_ context.Context, req *connect.Request[dirv1.TriggerDirectorySyncRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetDirectoryId())
		switch {
		case err != nil:
			return nil, err
		case !directory.GetEnabled():
			return nil, apierr.New(connect.CodeInvalidArgument, "directory %q is disabled", directory.GetId())
		case s.quirks.DirectorySyncNeedsPolling && directory.GetDirectoryType() != dirv1.DirectoryType_POLL:
			return nil, notPolling(directory)
		}
		directory.LastSyncedAt = timestamppb.New(s.store.Now().UTC())
		s.put(directory)
		return &emptypb.Empty{}, nil
	})
}
