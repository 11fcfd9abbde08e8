package platform

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"
)

const (
	directoryPrefix  = "dir_"
	maxDirectoryPage = 30 // of groups and users; the descriptors' rules refuse more

	// allGroups is groups_tracked of a polling directory that takes every group of its provider.
	allGroups = "ALL"
	// someGroups is groups_tracked once AssignGroupsForDirectory has chosen; its name is assumed [U].
	someGroups = "SELECTED"
)

// directories is scalekit.v1.directories.DirectoryService. Its methods for dashboard sessions stay unimplemented: no
// client token gets that far. No RPC makes groups and users: on the platform the identity provider does, here a seed or
// a control request. Nobody serves a directory's endpoint, and a secret opens nothing.
type directories struct {
	directoriesconnect.UnimplementedDirectoryServiceHandler

	store         *store.Store
	events        *events
	quirks        Quirks
	organizations *organizations
	roles         *roles

	rows           *store.Table[*dirv1.Directory] // without what view adds
	secrets        *store.Table[*dirv1.Secret]    // these and the following by directory
	groups         *store.Table[*dirv1.DirectoryGroup]
	externalGroups *store.Table[*dirv1.ExternalGroup] // by the id that each has or would have as a group
	users          *store.Table[*dirv1.DirectoryUser] // their groups have an id alone

	members *store.Grouping[*dirv1.DirectoryUser] // by the ids of their groups
}

func newDirectories(p *Platform) *directories {
	s := &directories{
		store:         p.options.Store,
		events:        p.events,
		quirks:        p.options.Quirks,
		organizations: p.organizations,
		roles:         p.roles,
	}
	s.rows = store.NewTable(s.store, "directories", "directory", s.watch)
	s.secrets = store.NewTable[*dirv1.Secret](s.store, "directory_secrets", "directory secret", store.Unwatched)
	s.groups = store.NewTable(s.store, "directory_groups", "directory group", s.watchGroups)
	s.externalGroups = store.NewTable[*dirv1.ExternalGroup](
		s.store, "directory_external_groups", "external group", store.Unwatched)
	s.users = store.NewTable(s.store, "directory_users", "directory user", s.watchUsers)
	s.members = s.users.GroupBy(func(row *store.Row[*dirv1.DirectoryUser]) []string {
		var ids []string
		for _, group := range row.Value.GetGroups() {
			ids = append(ids, group.GetId())
		}
		return ids
	})
	return s
}

// organizationDeleted deletes what belongs to an organization that goes.
func (s *directories) organizationDeleted(id string) {
	for _, row := range s.rows.ChildrenOf(id) {
		s.remove(row.ID)
	}
}

// roleReference is what groups have to do with roles.
func (s *directories) roleReference() roleReference {
	return roleReference{assignedTo: "directory groups", count: s.countAssignments, reassign: s.reassignRole, isMapping: true}
}

func (s *directories) service(options []connect.HandlerOption) web.Service {
	path, handler := directoriesconnect.NewDirectoryServiceHandler(s, options...)
	return web.Service{Path: path, Handler: handler}
}

// CreateDirectory implements the RPC of that name. An organization may have several, as clients tolerate it. Whether
// the organization's dir_sync feature must be on is unknown [U]: it need not.
func (s *directories) CreateDirectory(
	ctx context.Context, req *connect.Request[dirv1.CreateDirectoryRequest],
) (*connect.Response[dirv1.CreateDirectoryResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.CreateDirectoryResponse, error) {
		wanted := req.Msg.GetDirectory()
		directory, err := s.create(req.Msg.GetOrganizationId(), "", &dirv1.Directory{
			DirectoryType:     wanted.GetDirectoryType(),
			DirectoryProvider: wanted.GetDirectoryProvider(),
			Enabled:           !s.quirks.DirectoryCreatedDisabled,
		})
		if err != nil {
			return nil, err
		}
		return &dirv1.CreateDirectoryResponse{Directory: s.view(ctx, directory)}, nil
	})
}

// create stores a directory. A seed may give its id and its name.
func (s *directories) create(organizationID, id string, directory *dirv1.Directory) (*dirv1.Directory, error) {
	if !s.organizations.rows.Has(organizationID) {
		return nil, apierr.NotFound("organization", organizationID)
	}
	id, _, err := store.NewID(s.rows, directoryPrefix, id)
	if err != nil {
		return nil, err
	}
	directory.Id = id
	directory.OrganizationId = organizationID
	// The documentation shows IN_PROGRESS for directories that are enabled and have users. What else changes it is
	// unknown [U]: here nothing but UpdateDirectory does.
	directory.Status = dirv1.DirectoryStatus_IN_PROGRESS.String()
	if directory.GetName() == "" {
		directory.Name = defaultDirectoryName(directory)
	}
	if directory.GetDirectoryType() == dirv1.DirectoryType_POLL {
		directory.GroupsTracked = allGroups
	}
	s.rows.Put(id, organizationID, directory)
	if s.quirks.DirectoryCreatesSecret {
		s.createSecret(id)
	}
	return directory, nil
}

// defaultDirectoryName is never "", as the descriptor's rule for a name asks; what the platform calls a new directory is
// unknown [U].
func defaultDirectoryName(directory *dirv1.Directory) string {
	if directory.GetDirectoryProvider() == dirv1.DirectoryProvider_DIRECTORY_PROVIDER_UNSPECIFIED {
		return directory.GetDirectoryType().String() + " Directory"
	}
	return directory.GetDirectoryProvider().String() + " Directory"
}

// find returns a directory of an organization. One that belongs to another organization is as good as missing [I].
func (s *directories) find(organizationID, id string) (*dirv1.Directory, error) {
	switch {
	case !s.organizations.rows.Has(organizationID):
		return nil, apierr.NotFound("organization", organizationID)
	case s.rows.Parent(id) != organizationID:
		return nil, apierr.NotFound("directory", id)
	}
	return s.rows.Get(id)
}

// view adds what a directory is shown with and does not hold itself.
func (s *directories) view(ctx context.Context, directory *dirv1.Directory) *dirv1.Directory {
	id := directory.GetId()
	// The documentation shows this form; whether a directory that is not SCIM has an endpoint is unknown [U].
	directory.DirectoryEndpoint = web.CallFrom(ctx).Base + "/directory/" + id + "/scim/v2"
	for _, row := range s.secrets.Children.Of(id) {
		directory.Secrets = append(directory.Secrets, proto.CloneOf(row.Value))
	}
	directory.RoleAssignments = s.viewAssignments(directory)
	directory.Stats = s.stats(id)
	directory.TotalUsers = directory.GetStats().GetTotalUsers()
	directory.TotalGroups = directory.GetStats().GetTotalGroups()
	return directory
}

// stats counts a directory's groups and users. The times are those of the latest change to one that still exists [I].
func (s *directories) stats(id string) *dirv1.Stats {
	stats := &dirv1.Stats{}
	for _, row := range s.groups.Children.Of(id) {
		stats.TotalGroups++
		stats.GroupUpdatedAt = later(stats.GetGroupUpdatedAt(), row.Value.GetUpdatedAt())
	}
	for _, row := range s.users.Children.Of(id) {
		stats.TotalUsers++
		stats.UserUpdatedAt = later(stats.GetUserUpdatedAt(), row.Value.GetUpdatedAt())
	}
	stats.GroupUpdatedAt, stats.UserUpdatedAt = proto.CloneOf(stats.GetGroupUpdatedAt()), proto.CloneOf(stats.GetUserUpdatedAt())
	return stats
}

// later returns the later of two times, the first of which may be nil.
func later(a, b *timestamppb.Timestamp) *timestamppb.Timestamp {
	if a != nil && !a.AsTime().Before(b.AsTime()) {
		return a
	}
	return b
}

// GetDirectory implements the RPC of that name.
func (s *directories) GetDirectory(
	ctx context.Context, req *connect.Request[dirv1.GetDirectoryRequest],
) (*connect.Response[dirv1.GetDirectoryResponse], error) {
	return store.Query(s.store, func() (*dirv1.GetDirectoryResponse, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		return &dirv1.GetDirectoryResponse{Directory: s.view(ctx, directory)}, nil
	})
}

// ListDirectories implements the RPC of that name: all at once. An SDK takes the first as the organization's primary
// directory; that this is the oldest is assumed [U].
func (s *directories) ListDirectories(
	ctx context.Context, req *connect.Request[dirv1.ListDirectoriesRequest],
) (*connect.Response[dirv1.ListDirectoriesResponse], error) {
	return store.Query(s.store, func() (*dirv1.ListDirectoriesResponse, error) {
		organizationID := req.Msg.GetOrganizationId()
		if !s.organizations.rows.Has(organizationID) {
			return nil, apierr.NotFound("organization", organizationID)
		}
		reply := &dirv1.ListDirectoriesResponse{}
		for _, row := range s.rows.Children.Of(organizationID) {
			reply.Directories = append(reply.Directories, s.view(ctx, proto.CloneOf(row.Value)))
		}
		return reply, nil
	})
}

// EnableDirectory implements the RPC of that name. Enabling what is enabled succeeds, and says so [I].
func (s *directories) EnableDirectory(
	_ context.Context, req *connect.Request[dirv1.ToggleDirectoryRequest],
) (*connect.Response[dirv1.ToggleDirectoryResponse], error) {
	return s.toggle(req.Msg, true, "The directory is already enabled")
}

// DisableDirectory implements the RPC of that name. Disabling what is disabled succeeds, and says so [I].
func (s *directories) DisableDirectory(
	_ context.Context, req *connect.Request[dirv1.ToggleDirectoryRequest],
) (*connect.Response[dirv1.ToggleDirectoryResponse], error) {
	return s.toggle(req.Msg, false, "The directory is already disabled")
}

func (s *directories) toggle(
	req *dirv1.ToggleDirectoryRequest, enabled bool, already string,
) (*connect.Response[dirv1.ToggleDirectoryResponse], error) {
	return store.Mutate(s.store, func() (*dirv1.ToggleDirectoryResponse, error) {
		directory, err := s.find(req.GetOrganizationId(), req.GetId())
		if err != nil {
			return nil, err
		}
		reply := &dirv1.ToggleDirectoryResponse{Enabled: enabled}
		if directory.GetEnabled() == enabled {
			reply.ErrorMessage = &already
			return reply, nil
		}
		directory.Enabled = enabled
		s.put(directory)
		return reply, nil
	})
}

// DeleteDirectory implements the RPC of that name. Its groups, users, secrets and role assignments go with it.
func (s *directories) DeleteDirectory(
	_ context.Context, req *connect.Request[dirv1.DeleteDirectoryRequest],
) (*connect.Response[emptypb.Empty], error) {
	return store.Mutate(s.store, func() (*emptypb.Empty, error) {
		directory, err := s.find(req.Msg.GetOrganizationId(), req.Msg.GetId())
		if err != nil {
			return nil, err
		}
		if directory.GetEnabled() {
			// The text is the platform's as far as it is known; INVALID_ARGUMENT is inferred [I].
			return nil, apierr.New(connect.CodeInvalidArgument, "directory is enabled; disable the directory before deleting it")
		}
		s.remove(directory.GetId())
		return &emptypb.Empty{}, nil
	})
}

// remove deletes a directory and what belongs to it, enabled or not.
func (s *directories) remove(id string) {
	s.secrets.DeleteOf(id)
	s.users.DeleteOf(id)
	s.groups.DeleteOf(id)
	s.externalGroups.DeleteOf(id)
	s.rows.Delete(id)
}

func (s *directories) put(directory *dirv1.Directory) {
	s.rows.Put(directory.GetId(), directory.GetOrganizationId(), directory)
}
