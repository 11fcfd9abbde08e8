package platform

// Quirks chooses between ways in which the platform may behave, none of which is documented. The zero value is what its
// documentation and SDKs suggest most; a client should work with every combination.
type Quirks struct {
	// MetadataMerges adds an update's metadata to what is there, key by key, instead of replacing it.
	MetadataMerges bool

	// IgnoresUpdateMask makes UpdateOrganization look only at the fields that are sent, whatever update_mask names.
	// Otherwise a mask decides: exactly the fields it names are written, and an empty metadata map among them clears.
	IgnoresUpdateMask bool

	// KeepsExternalID silently ignores an external_id of "" in an update, which otherwise clears it.
	KeepsExternalID bool

	// RejectsEmptyExternalID refuses an external_id of "" with INVALID_ARGUMENT.
	RejectsEmptyExternalID bool

	// FeaturesReplace makes UpdateOrganizationSettings replace the whole feature list; otherwise it merges by name.
	FeaturesReplace bool

	// ScimFeatureName names the directory feature "scim", and refuses "dir_sync"; otherwise it is the other way round.
	ScimFeatureName bool

	// GeneratesSlug gives an organization that is created without a slug one made of its display name.
	GeneratesSlug bool

	// FreshFeaturesListed lists all four features as disabled on a new organization; otherwise a new one lists sso, which is
	// on, and the directory's feature, which is off, as captured replies do.
	FreshFeaturesListed bool

	// NoFreshFeatures lists no features on a new organization.
	NoFreshFeatures bool

	// SessionPolicyNeedsFeature refuses a CUSTOM session policy with INVALID_ARGUMENT while the organization's
	// session_policy feature is off, as the documentation says; the SDKs' tests do without the feature.
	SessionPolicyNeedsFeature bool

	// SessionPolicyReplaces makes a CUSTOM session policy consist of the fields sent alone; otherwise a field that is not
	// sent keeps its value.
	SessionPolicyReplaces bool

	// ZeroIdleTimeout shows a CUSTOM session policy without an idle timeout with one of 0; otherwise with none.
	ZeroIdleTimeout bool

	// DisabledIdleTimeoutIsFree lets an idle timeout that is not enabled be longer than the absolute one; otherwise it
	// counts all the same.
	DisabledIdleTimeoutIsFree bool

	// PortalLinkNeedsFeature refuses a portal link that is for no feature in particular with INVALID_ARGUMENT while the
	// organization has enabled neither sso nor the directory's; the SDKs' tests make such links.
	PortalLinkNeedsFeature bool

	// PrefixedLinkIDs gives portal links ids of the form lnk_…, as the OpenAPI document has them. Otherwise an id is a
	// UUID, as the documentation shows, which DeletePortalLinkByID's own rules refuse.
	PrefixedLinkIDs bool

	// DirectoryCreatedDisabled makes CreateDirectory leave the new directory disabled; otherwise it is enabled.
	DirectoryCreatedDisabled bool

	// DirectoryCreatesSecret gives a new directory an active secret, whose plain value nobody gets to see.
	DirectoryCreatesSecret bool

	// DirectoryAttributesMerge makes UpdateAttributes set the attribute mappings it has and keep the others; otherwise
	// it replaces them all.
	DirectoryAttributesMerge bool

	// AssignRolesMerges makes AssignRoles set the roles of the groups it names and keep those of the others; otherwise it
	// replaces the whole mapping of the directory.
	AssignRolesMerges bool

	// DirectorySyncNeedsPolling refuses TriggerDirectorySync with INVALID_ARGUMENT for a directory that is not POLL.
	DirectorySyncNeedsPolling bool

	// DomainsVerified gives a new ORGANIZATION_DOMAIN the status VERIFIED; otherwise it is AUTO_VERIFIED.
	DomainsVerified bool

	// KeepsDomainCase keeps a domain as it is written, and takes one that differs in case alone for another; otherwise case
	// does not count.
	KeepsDomainCase bool

	// DomainsUniquePerOrganization lets two organizations have the same domain; otherwise a domain is unique in the
	// environment.
	DomainsUniquePerOrganization bool

	// EmptyPermissionsClear makes an update of a role without permissions take them all away; otherwise it leaves them as
	// they are. The two cannot be told apart on the wire.
	EmptyPermissionsClear bool

	// ChecksRolePermissions refuses a permission that does not exist when it is given to a role, with NOT_FOUND;
	// otherwise it is silently left out.
	ChecksRolePermissions bool

	// KeepsUsedPermissions refuses to delete a permission that a role has, with INVALID_ARGUMENT; otherwise the role loses
	// it.
	KeepsUsedPermissions bool

	// ListRolesEnvironmentOnly leaves the roles of organizations out of ListRoles, which is documented to have them.
	ListRolesEnvironmentOnly bool

	// OrganizationHasEnvironmentRoles lets GetOrganizationRole find the environment's roles as well, as
	// ListOrganizationRoles does.
	OrganizationHasEnvironmentRoles bool

	// KeepsOrganizationDefaults refuses to delete a role that is an organization's default, with INVALID_ARGUMENT, as it is
	// for the environment's defaults; the SDKs' tests delete such roles.
	KeepsOrganizationDefaults bool

	// MappingsKeepNoRoles lets a role go that a directory's mapping gives to groups, which lose it; otherwise such a role is
	// in use, as one that users have is.
	MappingsKeepNoRoles bool

	// CascadesUnasked makes DeleteMembership delete a user who is left without memberships unless cascade is false, as the
	// documentation says of its default; the SDKs' tests find the user still there.
	CascadesUnasked bool

	// IgnoresCascade makes DeleteMembership never delete the user, whatever cascade says; otherwise a user without any
	// membership left goes if cascade is true.
	IgnoresCascade bool

	// PortalLinkToken puts a session token into the portal link, instead of a one-time token.
	PortalLinkToken bool

	// PortalLinkURLSafe writes the portal link's key in the URL-safe alphabet of base64.
	PortalLinkURLSafe bool

	// PortalLinkUnpadded leaves the padding of the portal link's key out.
	PortalLinkUnpadded bool

	// PortalLinkQuery puts a query before the portal link's fragment.
	PortalLinkQuery bool

	// PortalLinkUnknown makes portal links of a form that is not Svix's: without a fragment.
	PortalLinkUnknown bool

	// OldEndpointFields makes the webhook server an older one, which knows an endpoint's event types and rate limit as
	// filterTypes and rateLimit alone, and ignores eventTypes and throttleRate.
	OldEndpointFields bool

	// KeepsEndpointURL makes the webhook server keep an endpoint's URL as it is sent; otherwise it keeps it in the form
	// that its parser writes, as its published source does.
	KeepsEndpointURL bool

	// EndpointsNeedHTTPS refuses endpoints at http addresses. Nothing is delivered then: not even loopback addresses are
	// let through.
	EndpointsNeedHTTPS bool

	// ChecksEventTypes refuses endpoints that ask for event types which do not exist, as the published server does.
	ChecksEventTypes bool

	// IdempotencyChecksBody refuses an idempotency key that comes again with another body, with 409; otherwise the first
	// reply is given again, as the published server does.
	IdempotencyChecksBody bool

	// EventsHaveChannels gives the message of an event that belongs to an organization that organization's id as its
	// channel; otherwise messages have no channels, so that endpoints with channels get none.
	EventsHaveChannels bool
}
