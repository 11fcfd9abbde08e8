package emulator

import (
	"io"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/webhook"

	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
)

// Handler serves the environment. A server for it must allow HTTP/2 without TLS for gRPC clients that begin with it.
func (e *Emulator) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/_emulator" || strings.HasPrefix(r.URL.Path, "/_emulator/"):
			e.serveControl(w, r)
		case r.URL.Path == "/oauth/token":
			e.serveToken(w, r)
		case r.URL.Path == "/keys":
			e.plain(w, r, e.serveKeys)
		case r.URL.Path == "/.well-known/openid-configuration":
			e.plain(w, r, e.serveDiscovery)
		case r.URL.Path == webhook.Base || strings.HasPrefix(r.URL.Path, webhook.Base+"/"):
			e.serveSvix(w, r)
		case r.URL.Path == webhook.PortalPath:
			e.plain(w, r, servePortalPage)
		case strings.HasPrefix(r.URL.Path, restBase):
			e.gateway.ServeHTTP(w, r)
		case isGRPC(r):
			e.serveRPC(w, r)
		case isProcedure(r.URL.Path):
			e.plain(w, r, serveOtherProtocol)
		default:
			e.plain(w, r, serveUnknownPath)
		}
	})
}

// serveSvix answers a call of the webhook server.
func (e *Emulator) serveSvix(w http.ResponseWriter, r *http.Request) {
	if route, ok := e.webhooks.Route(r); ok {
		e.exchange(w, r, route)
		return
	}
	e.plain(w, r, func(w http.ResponseWriter, _ web.Call) { e.webhooks.ServeUnknown(w, r) })
}

// servePortalPage answers a browser that follows a link.
func servePortalPage(w http.ResponseWriter, _ web.Call) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "This emulator has the webhook portal's API, but not its page.\n")
}

// isGRPC leaves out gRPC-Web: whether the platform speaks it or the Connect protocol is unknown [U], so a client must
// not depend on either.
func isGRPC(r *http.Request) bool {
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	contentType = strings.TrimSpace(contentType)
	return r.Method == http.MethodPost &&
		(contentType == "application/grpc" || strings.HasPrefix(contentType, "application/grpc+"))
}

func isProcedure(path string) bool {
	service, method, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return ok && strings.HasPrefix(service, "scalekit.v1.") && !strings.Contains(method, "/")
}

func serveOtherProtocol(w http.ResponseWriter, _ web.Call) {
	w.Header().Set("Accept-Post", "application/grpc, application/grpc+proto")
	http.Error(w, "this path speaks gRPC only: POST with content type application/grpc", http.StatusUnsupportedMediaType)
}

func serveUnknownPath(w http.ResponseWriter, c web.Call) {
	writeREST(w, c.RequestID, apierr.New(connect.CodeNotFound, "Not Found"))
}

// serveRPC answers a gRPC call of any path.
func (e *Emulator) serveRPC(w http.ResponseWriter, r *http.Request) {
	procedure := r.URL.Path
	slash := strings.LastIndex(procedure, "/")
	method := findMethod(strings.TrimPrefix(procedure[:slash], "/"), procedure[slash+1:])

	target := e.rpcRoute(procedure, method)
	target.Fail = e.failRPC
	target.Serve = func(answer http.ResponseWriter, r *http.Request) { e.failRPC(answer, r, notServed(procedure)) }
	for _, service := range e.services {
		if method != nil && platform.Unserved[procedure] == "" && strings.HasPrefix(procedure, service.Path) {
			target.Serve = service.Handler.ServeHTTP
		}
	}
	e.exchange(w, r, target)
}

// rpcRoute is a method in whatever protocol it is called, which adds how to serve it and how it fails. The method is
// nil for one that the platform does not have.
func (e *Emulator) rpcRoute(procedure string, method protoreflect.MethodDescriptor) web.Route {
	name := procedure[strings.LastIndex(procedure, "/")+1:]
	return web.Route{
		Name:   name,
		Faults: []string{"*", procedure, name},
		Admit: func(r *http.Request) error {
			if err := e.auth.authorize(r.Header.Get("Authorization"), authenticationOf(method)); err != nil {
				return err
			}
			return e.limiter.take()
		},
	}
}

// failRPC answers a gRPC call with an error, outside a service's handler.
func (e *Emulator) failRPC(answer http.ResponseWriter, r *http.Request, err error) {
	_ = e.errors.Write(answer, r, wireError(r.Context(), err)) // Writing to a reply cannot fail.
}

// notServed says that the emulator does not have a method, and why if there is a reason.
func notServed(procedure string) *apierr.Error {
	message := procedure + " is not served here"
	if reason := platform.Unserved[procedure]; reason != "" {
		message += ": " + reason
	}
	return apierr.New(connect.CodeUnimplemented, "%s", message)
}

// findService returns nil for a service that the platform does not have.
func findService(name string) protoreflect.ServiceDescriptor {
	if name == webhook.ServiceName {
		return webhook.File().Services().Get(0)
	}
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	service, _ := descriptor.(protoreflect.ServiceDescriptor)
	return service
}

// rangePlatformServices visits the services of the platform, served here or not, until visit returns false.
func rangePlatformServices(visit func(protoreflect.ServiceDescriptor) bool) {
	inFile := func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			if !visit(file.Services().Get(i)) {
				return false
			}
		}
		return true
	}
	if inFile(webhook.File()) {
		protoregistry.GlobalFiles.RangeFiles(inFile)
	}
}

// findMethod returns nil for a method that the platform does not have.
func findMethod(service, method string) protoreflect.MethodDescriptor {
	found := findService(service)
	if found == nil {
		return nil
	}
	return found.Methods().ByName(protoreflect.Name(method))
}

// authenticationOf reads which kinds of callers a method admits from its descriptor. An unknown method is as good as one
// for clients: it needs a token, and then it is UNIMPLEMENTED.
func authenticationOf(method protoreflect.MethodDescriptor) optionsv1.AuthenticationType {
	if method == nil {
		return optionsv1.AuthenticationType_CLIENT
	}
	option, ok := proto.GetExtension(method.Options(), optionsv1.E_AuthOption).(*optionsv1.AuthOption)
	if !ok {
		return optionsv1.AuthenticationType_BLOCKED
	}
	return option.GetAuthenticationType()
}
