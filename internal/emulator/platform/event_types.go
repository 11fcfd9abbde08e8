package platform

import (
	"slices"
	"strings"
)

// EventType is a kind of event that endpoints can ask for.
type EventType struct{ Name, Object, Description string }

// EventTypes are the 41 of the platform's OpenAPI document. Their descriptions are made up [U], and so are the names of
// their objects except Organization, Directory, DirectoryUser, DirectoryGroup and OrgMembership, which is OrgMembershipEvent on
// another page.
var EventTypes = []EventType{
	{"connected_account.created", "ConnectedAccount", "A connected account has been created"},
	{"connected_account.deleted", "ConnectedAccount", "A connected account has been deleted"},
	{"connected_account.magic_link_generated", "ConnectedAccount", "A magic link for a connected account has been made"},
	{"connected_account.oauth_succeeded", "ConnectedAccount", "The OAuth flow of a connected account has succeeded"},
	{"connected_account.oauth_tokens_fetched", "ConnectedAccount", "The tokens of a connected account have been fetched"},
	{"connected_account.status_updated", "ConnectedAccount", "The status of a connected account has changed"},
	{"connected_account.token_refresh_failed", "ConnectedAccount", "The token of a connected account could not be refreshed"},
	{"connected_account.token_refresh_succeeded", "ConnectedAccount", "The token of a connected account has been refreshed"},
	{"connected_account.updated", "ConnectedAccount", "A connected account has changed"},
	{"organization.created", "Organization", "An organization has been created"},
	{"organization.deleted", "Organization", "An organization has been deleted"},
	{"organization.directory.group_created", "DirectoryGroup", "A group has been created in a directory"},
	{"organization.directory.group_deleted", "DirectoryGroup", "A group has been deleted from a directory"},
	{"organization.directory.group_updated", "DirectoryGroup", "A group of a directory has changed"},
	{"organization.directory.user_created", "DirectoryUser", "A user has been created in a directory"},
	{"organization.directory.user_deleted", "DirectoryUser", "A user has been deleted from a directory"},
	{"organization.directory.user_updated", "DirectoryUser", "A user of a directory has changed"},
	{"organization.directory_disabled", "Directory", "A directory has been disabled"},
	{"organization.directory_enabled", "Directory", "A directory has been enabled"},
	{"organization.domain_created", "Organization", "A domain has been added to an organization"},
	{"organization.domain_deleted", "Organization", "A domain has been removed from an organization"},
	{"organization.domain_dns_verification_failed", "Organization", "The DNS verification of a domain has failed"},
	{"organization.domain_dns_verification_success", "Organization", "The DNS verification of a domain has succeeded"},
	{"organization.sso_created", "Connection", "An SSO connection has been created"},
	{"organization.sso_deleted", "Connection", "An SSO connection has been deleted"},
	{"organization.sso_disabled", "Connection", "An SSO connection has been disabled"},
	{"organization.sso_enabled", "Connection", "An SSO connection has been enabled"},
	{"organization.updated", "Organization", "An organization has changed"},
	{"permission.created", "Permission", "A permission has been created"},
	{"permission.deleted", "Permission", "A permission has been deleted"},
	{"permission.updated", "Permission", "A permission has changed"},
	{"role.created", "Role", "A role has been created"},
	{"role.deleted", "Role", "A role has been deleted"},
	{"role.updated", "Role", "A role has changed"},
	{"user.login", "User", "A user has signed in"},
	{"user.logout", "User", "A user has signed out"},
	{"user.organization_invitation", "OrgMembership", "A user has been invited to an organization"},
	{"user.organization_membership_created", "OrgMembership", "A user has become a member of an organization"},
	{"user.organization_membership_deleted", "OrgMembership", "A user is no longer a member of an organization"},
	{"user.organization_membership_updated", "OrgMembership", "A user's membership of an organization has changed"},
	{"user.signup", "OrgMembership", "A user has signed up and created an organization"},
}

// EventTypeNamed finds a type by its name.
func EventTypeNamed(name string) (EventType, bool) {
	at := slices.IndexFunc(EventTypes, func(known EventType) bool { return known.Name == name })
	if at < 0 {
		return EventType{}, false
	}
	return EventTypes[at], true
}

// Group is the first part of a type's name, such as "role".
func (t EventType) Group() string {
	group, _, _ := strings.Cut(t.Name, ".")
	return group
}

// title is the display name of an event: its type in words, such as "Directory User Created" [D]. The organization that
// most events are about is not among them.
func (t EventType) title() string {
	name := t.Name
	if t.Group() == "organization" && t.Object != "Organization" {
		name = strings.TrimPrefix(name, "organization.")
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '_' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}
