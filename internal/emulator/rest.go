package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"connectrpc.com/connect"
	openapi "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// restBase begins the paths of the RPCs as REST JSON.
const restBase = "/api/"

// newGateway serves the RPCs as REST JSON: where the annotations in the descriptors say, and with the library with which
// the platform does.
func (e *Emulator) newGateway() (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithRoutingErrorHandler(
			func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, status int) {
				e.plain(w, r, func(w http.ResponseWriter, c web.Call) { writeREST(w, c.RequestID, routingError(status)) })
			}),
		runtime.WithErrorHandler(
			func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
				e.plain(w, r, func(w http.ResponseWriter, c web.Call) { writeREST(w, c.RequestID, malformed(err)) })
			}),
	)
	for _, service := range e.services {
		methods := findService(strings.Trim(service.Path, "/")).Methods()
		for i := range methods.Len() {
			method := methods.Get(i)
			rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
			if !ok || rule == nil {
				return nil, fmt.Errorf("%s has no path", method.FullName())
			}
			for _, rule := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
				verb, path := pattern(rule)
				if err := mux.HandlePath(verb, path, e.restHandler(service, method, rule)); err != nil {
					return nil, fmt.Errorf("%s: %w", method.FullName(), err)
				}
			}
		}
	}
	return mux, nil
}

// pattern is the HTTP method and the path of a rule.
func pattern(rule *annotations.HttpRule) (verb, path string) {
	switch rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, rule.GetGet()
	case *annotations.HttpRule_Put:
		return http.MethodPut, rule.GetPut()
	case *annotations.HttpRule_Post:
		return http.MethodPost, rule.GetPost()
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, rule.GetDelete()
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, rule.GetPatch()
	default:
		return rule.GetCustom().GetKind(), rule.GetCustom().GetPath()
	}
}

// restHandler serves one method under one of its paths.
func (e *Emulator) restHandler(
	service web.Service, method protoreflect.MethodDescriptor, rule *annotations.HttpRule,
) runtime.HandlerFunc {
	procedure := service.Path + string(method.Name())
	inner := connect.NewClient[dynamicpb.Message, dynamicpb.Message](inProcess{service.Handler}, "http://emulator"+procedure,
		connect.WithSchema(method),
		connect.WithResponseInitializer(web.Initializer(method.Output())))
	return func(w http.ResponseWriter, r *http.Request, parameters map[string]string) {
		target := e.rpcRoute(procedure, method)
		target.Fail = failREST
		target.Serve = func(answer http.ResponseWriter, r *http.Request) {
			if platform.Unserved[procedure] != "" {
				failREST(answer, r, notServed(procedure))
				return
			}
			request := dynamicpb.NewMessage(method.Input())
			if err := readREST(request, r, rule, parameters); err != nil {
				failREST(answer, r, malformed(err))
				return
			}
			out, err := inner.CallUnary(r.Context(), connect.NewRequest(request))
			if err != nil {
				failREST(answer, r, err)
				return
			}
			// Names as in the descriptors, and empty values too, but for what is optional.
			body, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(out.Msg)
			if err != nil {
				failREST(answer, r, err)
				return
			}
			answer.Header().Set("Content-Type", "application/json")
			answer.WriteHeader(successOf(method))
			_, _ = answer.Write(body)
		}
		e.exchange(w, r, target)
	}
}

// readREST fills a request from body, path and query. Fields of the body that are not known are ignored, as grpc-gateway
// does unless it is told otherwise; that a PATCH makes no update_mask of its body is assumed [U].
func readREST(request proto.Message, r *http.Request, rule *annotations.HttpRule, parameters map[string]string) error {
	known := [][]string{} // what comes from elsewhere cannot come from the query
	if field := rule.GetBody(); field != "" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		if err := readJSON(request, body, field); err != nil {
			return err
		}
		known = append(known, []string{field})
	}
	for name, value := range parameters {
		if err := runtime.PopulateFieldFromPath(request, name, value); err != nil {
			return fmt.Errorf("type mismatch, parameter: %s, error: %w", name, err)
		}
		known = append(known, strings.Split(name, "."))
	}
	if rule.GetBody() == "*" {
		return nil // It is the whole request.
	}
	return runtime.PopulateQueryParameters(request, r.URL.Query(), utilities.NewDoubleArray(known))
}

// readJSON reads one field of a request, or all of it ("*"), from JSON. An empty body is as good as none.
func readJSON(request proto.Message, body []byte, field string) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if field != "*" {
		if !json.Valid(body) {
			return errors.New("the body is not JSON")
		}
		body = fmt.Appendf(nil, "{%q:%s}", field, body) // So a list will do, too.
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, request)
}

// successOf is the status of a reply: the one that is documented for the method, which is 201 for some that create.
func successOf(method protoreflect.MethodDescriptor) int {
	operation, _ := proto.GetExtension(method.Options(), openapi.E_Openapiv2Operation).(*openapi.Operation)
	if _, ok := operation.GetResponses()[strconv.Itoa(http.StatusCreated)]; ok {
		return http.StatusCreated
	}
	return http.StatusOK
}

// inProcess is an HTTP client that hands a request to a handler.
type inProcess struct{ handler http.Handler }

func (s inProcess) Do(r *http.Request) (*http.Response, error) {
	answer := newReply()
	s.handler.ServeHTTP(answer, r)
	return &http.Response{StatusCode: answer.status, Header: answer.sent, Body: io.NopCloser(&answer.body), Request: r}, nil
}

// malformed reports a request that cannot be read.
func malformed(err error) *apierr.Error { return apierr.New(connect.CodeInvalidArgument, "%v", err) }

// routingError is what grpc-gateway answers where it has no method.
func routingError(status int) *apierr.Error {
	switch status {
	case http.StatusMethodNotAllowed:
		return apierr.New(connect.CodeUnimplemented, "%s", http.StatusText(status))
	case http.StatusBadRequest:
		return apierr.New(connect.CodeInvalidArgument, "%s", http.StatusText(status))
	default:
		return apierr.New(connect.CodeNotFound, "%s", http.StatusText(http.StatusNotFound))
	}
}

// failREST answers a REST call with an error.
func failREST(answer http.ResponseWriter, r *http.Request, err error) {
	known := apierr.From(err)
	if known.RetryAfter > 0 {
		answer.Header().Set("Retry-After", apierr.WholeSeconds(known.RetryAfter))
	}
	writeREST(answer, web.CallFrom(r.Context()).RequestID, known)
}
