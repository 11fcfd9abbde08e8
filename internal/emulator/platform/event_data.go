package platform

import (
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// What events say of objects, where that is not what the API shows of them: by the OpenAPI document's webhooks [D].

// organizationData has metadata and features also where there are none, and the time of a deletion.
func organizationData(e *events, made store.Change[*orgv1.Organization]) map[string]any {
	data := messageMap(made.Last())
	if _, ok := data["metadata"]; !ok {
		data["metadata"] = nil
	}
	if _, ok := data["settings"]; !ok {
		data["settings"] = map[string]any{"features": []any{}}
	}
	if made.Deleted {
		data["deleted_at"] = e.now().UTC().Format(time.RFC3339Nano)
	}
	return data
}

// domainData has the time of the change, and neither of the API's times.
func domainData(e *events, made store.Change[*domainsv1.Domain]) map[string]any {
	data := messageMap(made.Last())
	delete(data, "create_time")
	delete(data, "update_time")
	data["updated_at"] = e.now().UTC().Format(time.RFC3339Nano)
	return data
}

// userEventData is what the events of a directory's user say. One that is deleted is named and no more. The dp_id is the
// id that the identity provider knows it by; the emulator's directories have none yet.
func (s *directories) userEventData(user *dirv1.DirectoryUser, organizationID string, deleted bool) map[string]any {
	data := map[string]any{"id": user.GetId(), "organization_id": organizationID, "dp_id": nil, "email": user.GetEmail()}
	if deleted {
		return data
	}
	groups := []map[string]any{}
	for _, group := range user.GetGroups() {
		groups = append(groups, map[string]any{"id": group.GetId(), "name": group.GetDisplayName()})
	}
	roles := []map[string]any{}
	directory, _ := s.rows.Get(s.users.Parent(user.GetId()))
	for _, assignment := range directory.GetRoleAssignments().GetAssignments() {
		if inGroup(user, assignment.GetGroupId()) {
			roles = append(roles, map[string]any{"role_name": assignment.GetRoleName()})
		}
	}
	for name, value := range map[string]any{
		"preferred_username": user.GetPreferredUsername(), "active": true, "given_name": user.GetGivenName(), "family_name": user.GetFamilyName(),
		"name": fullName(user), "groups": groups, "roles": roles, "custom_attributes": map[string]any{}, "raw_attributes": user.GetUserDetail().AsMap(),
	} {
		data[name] = value
	}
	return data
}

// groupEventData is what the events of a directory's group say: its id at the identity provider is the external_id of one
// that is there, and the dp_id of one that is gone.
func groupEventData(group *dirv1.DirectoryGroup, directoryID, organizationID string, deleted bool) map[string]any {
	data := map[string]any{
		"id": group.GetId(), "directory_id": directoryID, "organization_id": organizationID, "display_name": group.GetDisplayName(),
		"raw_attributes": group.GetGroupDetail().AsMap(),
	}
	if deleted {
		data["dp_id"] = nil
	} else {
		data["external_id"] = nil
	}
	return data
}
