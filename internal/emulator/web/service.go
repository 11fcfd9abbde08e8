package web

import "net/http"

// Service is an RPC service as it is called.
type Service struct {
	Path    string // "/scalekit.v1.organizations.OrganizationService/", as a generated constructor returns it
	Handler http.Handler
}
