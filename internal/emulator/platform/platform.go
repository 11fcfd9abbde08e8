// Package platform has the platform's services: what their RPCs do, what the environment has, and which events its changes
// are. A service is a type with its tables, made in its constructor, and one method for each RPC.
package platform

import (
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// Options is what the services are made with.
type Options struct {
	Store  *store.Store
	Quirks Quirks

	// Now is the environment's clock.
	Now func() time.Time

	// Handler is for the handlers of all RPCs: among it is what gives requests their validation and errors their form.
	Handler []connect.HandlerOption
}

// Platform is the services of one environment.
type Platform struct {
	options Options
	events  *events

	organizations *organizations
	domains       *domains
	roles         *roles
	users         *users
	connections   *connections
	directories   *directories
}

// New makes the services. A constructor makes what is a service's own; what services do to one another is tied
// here, once all of them are there.
func New(options Options) *Platform {
	p := &Platform{options: options, events: &events{now: options.Now, ids: store.NewIDSource(options.Now)}}
	p.organizations = newOrganizations(p)
	p.domains = newDomains(p)
	p.roles = newRoles(p)
	p.users = newUsers(p)
	p.connections = newConnections(p)
	p.directories = newDirectories(p)

	p.roles.countUsers = p.users.countWithRole
	p.roles.references = []roleReference{p.users.roleReference(), p.directories.roleReference()}
	p.organizations.belongings = []func(organizationID string){
		p.domains.organizationDeleted,
		p.roles.organizationDeleted,
		p.users.organizationDeleted,
		p.connections.organizationDeleted,
		p.directories.organizationDeleted,
	}
	return p
}

// Services returns the services as they are called.
func (p *Platform) Services() []web.Service {
	return []web.Service{
		p.organizations.service(p.options.Handler),
		p.domains.service(p.options.Handler),
		p.roles.service(p.options.Handler),
		p.users.service(p.options.Handler),
		p.connections.service(p.options.Handler),
		p.directories.service(p.options.Handler),
	}
}

// Bootstrap creates what every environment has from its beginning. The store must be locked for writing.
func (p *Platform) Bootstrap() error { return p.roles.bootstrap() }

// Control returns the control paths of the services, those with parameters for the path that is asked for.
func (p *Platform) Control(path string) web.Control {
	return p.directories.control(path)
}

// Listen gives the environment's events to a listener. There is one.
func (p *Platform) Listen(listener Listener) { p.events.listener = listener }
