package emulator

import (
	"net/http"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// service is one of the platform's RPC services. Its tables are its own, made in its constructor with store.NewTable, which
// puts them into the state file, the counts and the reset; what goes when an organization goes it hangs into
// store.store.OnOrganizationDeleted.
type service struct {
	path    string // "/scalekit.v1.organizations.OrganizationService/", as the generated constructor returns it
	handler http.Handler

	// bootstrap creates what every environment has from its beginning; nil when there is nothing.
	bootstrap func() error

	// seed creates this service's part of a seed; nil when it has none.
	seed func(*seeding) error

	// control returns the control paths of this service, those with parameters for the path that is asked for; nil when
	// it has none.
	control func(path string) web.Control
}

// newServices registers the services. Seeds are applied in this order.
func newServices(e *Emulator) []service {
	organizations := newOrganizations(e)
	domains := newDomains(e, organizations)
	roles := newRoles(e, organizations)
	users := newUsers(e, organizations, roles)
	connections := newConnections(e, organizations, domains)
	directories := newDirectories(e, organizations, roles)
	webhooks := newWebhooks(e, users, directories)
	return []service{
		organizations.service(),
		domains.service(),
		roles.service(),
		users.service(),
		connections.service(),
		directories.service(),
		webhooks.service(),
	}
}

// handlerOptions go to every generated service constructor.
func handlerOptions() []connect.HandlerOption {
	return []connect.HandlerOption{
		connect.WithRecover(recoverPanic),
		connect.WithInterceptors(connect.UnaryInterceptorFunc(checkRequest)),
		connect.WithReadMaxBytes(maxRequestBytes),
	}
}
