package platform

import "encoding/json"

// Example is an event of a kind without anything having happened. The ids in it are of no object.
func (p *Platform) Example(kind EventType) *Event {
	organization := "org_53879494091473415"
	if group := kind.Group(); group == "role" || group == "permission" {
		organization = ""
	}
	return p.events.newEvent(kind, organization, exampleData[kind.Object])
}

// exampleData is what examples say, by object.
var exampleData = map[string]json.RawMessage{
	"ConnectedAccount": json.RawMessage(`{"id": "ca_53879494091473415", "identifier": "ada@acme.example", "status": "ACTIVE"}`),
	"Connection":       json.RawMessage(`{"id": "conn_53879494091473415", "provider": "OKTA", "type": "OIDC", "enabled": true, "organization_id": "org_53879494091473415"}`),
	"Directory":        json.RawMessage(`{"id": "dir_53879621145330183", "directory_type": "SCIM", "enabled": true, "organization_id": "org_53879494091473415", "provider": "OKTA"}`),
	"DirectoryGroup":   json.RawMessage(`{"id": "dirgroup_53879621145330183", "directory_id": "dir_53879621145330183", "display_name": "Engineering", "organization_id": "org_53879494091473415"}`),
	"DirectoryUser":    json.RawMessage(`{"id": "diruser_53879621145330183", "directory_id": "dir_53879621145330183", "email": "ada@acme.example", "given_name": "Ada", "family_name": "Lovelace", "organization_id": "org_53879494091473415"}`),
	"OrgMembership": json.RawMessage(`{"organization": {"id": "org_53879494091473415", "display_name": "Acme"},
		"user": {"id": "usr_53879494091473415", "email": "ada@acme.example"}}`),
	"Organization": json.RawMessage(`{"id": "org_53879494091473415", "display_name": "Acme", "external_id": "acme", "region_code": "US"}`),
	"Permission":   json.RawMessage(`{"id": "perm_53879494091473415", "name": "billing:read", "description": "Read invoices"}`),
	"Role":         json.RawMessage(`{"id": "role_53879494091473415", "name": "engineer", "display_name": "Engineer"}`),
	"User":         json.RawMessage(`{"id": "usr_53879494091473415", "email": "ada@acme.example"}`),
}
