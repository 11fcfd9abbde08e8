package emulator

import (
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/webhook"
)

// Quirks chooses among the ways in which the platform may behave.
type Quirks = platform.Quirks

// The parts of a [Seed].
type (
	// SeedPermission is a permission.
	SeedPermission = platform.SeedPermission
	// SeedRole is a role.
	SeedRole = platform.SeedRole
	// SeedOrganization is an organization with all that belongs to it.
	SeedOrganization = platform.SeedOrganization
	// SeedSessionPolicy is a CUSTOM session policy.
	SeedSessionPolicy = platform.SeedSessionPolicy
	// SeedUserManagement is an organization's user management settings.
	SeedUserManagement = platform.SeedUserManagement
	// SeedDomain is a domain.
	SeedDomain = platform.SeedDomain
	// SeedUser is a user.
	SeedUser = platform.SeedUser
	// SeedConnection is a connection.
	SeedConnection = platform.SeedConnection
	// SeedDirectory is a directory.
	SeedDirectory = platform.SeedDirectory
	// SeedDirectorySecret is a secret of a directory.
	SeedDirectorySecret = platform.SeedDirectorySecret
	// SeedDirectoryGroup is a group of a directory.
	SeedDirectoryGroup = platform.SeedDirectoryGroup
	// SeedDirectoryUser is a user of a directory.
	SeedDirectoryUser = platform.SeedDirectoryUser
	// SeedWebhookEndpoint is an endpoint of the webhook server.
	SeedWebhookEndpoint = webhook.SeedEndpoint
)

// What is seen of the webhook server from outside.
type (
	// PortalSession is what a client needs to use the webhook endpoint API without the portal link.
	PortalSession = webhook.PortalSession
	// Delivery is one attempt to deliver an event to a webhook endpoint.
	Delivery = webhook.Delivery
	// DeliveryOutcome is how such an attempt has ended.
	DeliveryOutcome = webhook.DeliveryOutcome
)

// The outcomes of attempts.
const (
	DeliverySucceeded = webhook.DeliverySucceeded
	DeliveryFailed    = webhook.DeliveryFailed
	DeliveryNotCalled = webhook.DeliveryNotCalled
)

// DefaultPortalTokenLifetime is how long a portal session lives unless [Options] says otherwise.
const DefaultPortalTokenLifetime = webhook.DefaultPortalTokenLifetime

// DefaultWebhookRetry is when events are delivered unless [Options] says otherwise.
var DefaultWebhookRetry = webhook.DefaultRetry
