package platform

import (
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections/connectionsconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains/domainsconnect"
)

const (
	seededConnections = "connections are for reading here, and come from the seed"
	portalsOwn        = "it is for the platform's own pages, which call it without a token"
)

// Unserved is what the emulator does not serve of its services although a client may call it, and why. What the
// descriptors keep to other callers than clients is not here: it is PERMISSION_DENIED.
var Unserved = map[string]string{
	connectionsconnect.ConnectionServiceCreateEnvironmentConnectionProcedure:  seededConnections,
	connectionsconnect.ConnectionServiceCreateConnectionProcedure:             seededConnections,
	connectionsconnect.ConnectionServiceAssignDomainsToConnectionProcedure:    seededConnections,
	connectionsconnect.ConnectionServiceUpdateEnvironmentConnectionProcedure:  seededConnections,
	connectionsconnect.ConnectionServiceUpdateConnectionProcedure:             seededConnections,
	connectionsconnect.ConnectionServiceDeleteEnvironmentConnectionProcedure:  seededConnections,
	connectionsconnect.ConnectionServiceDeleteConnectionProcedure:             seededConnections,
	connectionsconnect.ConnectionServiceEnableEnvironmentConnectionProcedure:  seededConnections,
	connectionsconnect.ConnectionServiceEnableConnectionProcedure:             seededConnections,
	connectionsconnect.ConnectionServiceDisableEnvironmentConnectionProcedure: seededConnections,
	connectionsconnect.ConnectionServiceDisableConnectionProcedure:            seededConnections,

	domainsconnect.DomainServiceListAuthorizedDomainsProcedure: portalsOwn,
}
