package tf

import "encoding/json"

// Terraform destroys a role before it updates the resources that referred to it, and the platform does not delete a role
// that is in use. So the plan of whatever stops using a role notes how; the plan of the role's destroy keeps the notes
// that are about it; and the destroy does beforehand what the others would do.

const (
	// releaseOf begins a note in Data.Planned, and mappedTo one in Data.Read. The role's key follows, and then the rest.
	releaseOf = "lets go of role "
	mappedTo  = "is mapped to role "
)

// Release is one way in which a role comes free.
type Release struct {
	// OrganizationID is where the extending role or the directory is, or the organization that gets another default.
	OrganizationID string `json:"organization_id,omitempty"`
	// Extending is a role that stops extending it.
	Extending string `json:"extending,omitempty"`
	// Creator and Member are the environment's defaults to come, or Member is the organization's.
	Creator string `json:"creator,omitempty"`
	Member  string `json:"member,omitempty"`
	// DirectoryID and GroupID name a directory's group that loses the role, and Role is what it gets instead, if anything.
	DirectoryID string `json:"directory_id,omitempty"`
	GroupID     string `json:"group_id,omitempty"`
	Role        string `json:"role,omitempty"`
}

// NoteRelease notes that this run plans to let go of a role. The organization's id is empty for one of the environment.
func (d *Data) NoteRelease(organizationID, role string, how Release) {
	if encoded, err := json.Marshal(how); err == nil {
		d.Planned.Add(releaseOf + roleKey(organizationID, role) + " " + string(encoded))
	}
}

// Releases are the notes about a role, in JSON.
func (d *Data) Releases(organizationID, role string) []string {
	return d.Planned.After(releaseOf + roleKey(organizationID, role) + " ")
}

// NoteMapped notes that this run has found a directory's group with a role, of the environment or of the organization.
func (d *Data) NoteMapped(organizationID, role, directoryID, groupID string) {
	for _, where := range []string{"", organizationID} {
		d.Read.Add(mappedTo + roleKey(where, role) + " " + directoryID + "/" + groupID)
	}
}

// Mapped are the groups that this run has found with a role.
func (d *Data) Mapped(organizationID, role string) []string {
	return d.Read.After(mappedTo + roleKey(organizationID, role) + " ")
}

func roleKey(organizationID, name string) string { return organizationID + "/" + name }
