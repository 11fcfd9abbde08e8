package platform

import (
	"encoding/json"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/strictjson"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

// control is the identity provider's side: what on the platform comes by SCIM. The paths are those of the directory and
// the member that path names; a path that names none gets them with placeholders.
func (s *directories) control(path string) web.Control {
	directoryID, member := "{directory_id}", ""
	if parts := strings.Split(path, "/"); len(parts) > 2 && parts[0] == "directories" {
		directoryID = parts[1]
		member = strings.Join(parts[3:], "/")
	}
	groupID, userID := member, member
	if member == "" {
		groupID, userID = "{group_id}", "{user_id}"
	}
	base := "directories/" + directoryID
	return web.Control{
		base + "/groups": {"POST": {Does: "creates a group, as the identity provider would", Run: func(body []byte) (any, error) {
			return addMember(s, directoryID, body, s.addGroup)
		}}},
		base + "/groups/" + groupID: {"DELETE": {Does: "deletes a group, its memberships and its role", Run: func([]byte) (any, error) {
			return nil, s.deleteGroup(directoryID, groupID)
		}}},
		base + "/users": {"POST": {Does: "creates a user, as the identity provider would", Run: func(body []byte) (any, error) {
			return addMember(s, directoryID, body, func(id string, wanted SeedDirectoryUser) (*dirv1.DirectoryUser, error) {
				return s.addUser(id, wanted, s.population(id))
			})
		}}},
		base + "/users/" + userID: {"DELETE": {Does: "deletes a user, as the identity provider would", Run: func([]byte) (any, error) {
			return nil, s.deleteUser(directoryID, userID)
		}}},
	}
}

// addMember adds one group or user to a directory, and returns it as the API's JSON has it.
func addMember[W any, T proto.Message](
	s *directories, directoryID string, body []byte, add func(directoryID string, wanted W) (T, error),
) (json.RawMessage, error) {
	var wanted W
	if err := strictjson.Decode(body, &wanted); err != nil {
		return nil, err
	}
	var created T
	err := s.store.Write(func() (err error) {
		if !s.rows.Has(directoryID) {
			return web.NoTarget(apierr.NotFound("directory", directoryID))
		}
		created, err = add(directoryID, wanted)
		return err
	})
	if err != nil {
		return nil, err
	}
	return protojson.MarshalOptions{UseProtoNames: true}.Marshal(created)
}

func (s *directories) deleteGroup(directoryID, groupID string) error {
	return s.store.Write(func() error {
		directory, err := s.rows.Get(directoryID)
		if err != nil {
			return web.NoTarget(err)
		}
		if s.groups.Parent(groupID) != directoryID {
			return web.NoTarget(apierr.NotFound("directory group", groupID))
		}
		s.removeGroup(directory, groupID)
		s.externalGroups.Delete(groupID)
		return nil
	})
}

func (s *directories) deleteUser(directoryID, userID string) error {
	return s.store.Write(func() error {
		switch {
		case !s.rows.Has(directoryID):
			return web.NoTarget(apierr.NotFound("directory", directoryID))
		case s.users.Parent(userID) != directoryID:
			return web.NoTarget(apierr.NotFound("directory user", userID))
		}
		s.users.Delete(userID)
		return nil
	})
}
