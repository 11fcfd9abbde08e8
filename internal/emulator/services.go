package emulator

import (
	"net/http"

	"connectrpc.com/connect"

	// The descriptors of the services that are not served: a token check and UNIMPLEMENTED need their methods.
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// service is one of the platform's RPC services. Its tables are its own, made in its constructor with newTable, which
// puts them into the state file, the counts and the reset; what goes when an organization goes it hangs into
// store.onOrganizationDeleted.
type service struct {
	path    string // "/scalekit.v1.organizations.OrganizationService/", as the generated constructor returns it
	handler http.Handler

	// bootstrap creates what every environment has from its beginning; nil when there is nothing.
	bootstrap func() error

	// seed creates this service's part of a seed; nil when it has none.
	seed func(*seeding) error
}

// newServices registers the services. Seeds are applied in this order.
func newServices(e *Emulator) []service {
	organizations := newOrganizations(e)
	return []service{
		organizations.service(),
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
