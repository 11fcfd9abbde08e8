package emulator_test

import (
	"errors"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// services are those of the platform that are served here, as the published descriptors have them.
func services() []protoreflect.ServiceDescriptor {
	var out []protoreflect.ServiceDescriptor
	for _, file := range []protoreflect.FileDescriptor{
		orgv1.File_scalekit_v1_organizations_organizations_proto,
		domainsv1.File_scalekit_v1_domains_domains_proto,
		rolesv1.File_scalekit_v1_roles_roles_proto,
		usersv1.File_scalekit_v1_users_users_proto,
		connectionsv1.File_scalekit_v1_connections_connections_proto,
		dirv1.File_scalekit_v1_directories_directories_proto,
	} {
		for i := range file.Services().Len() {
			out = append(out, file.Services().Get(i))
		}
	}
	return out
}

// callers are the kinds of callers that a method's descriptor admits.
func callers(t *testing.T, method protoreflect.MethodDescriptor) optionsv1.AuthenticationType {
	t.Helper()
	option, ok := proto.GetExtension(method.Options(), optionsv1.E_AuthOption).(*optionsv1.AuthOption)
	if !ok || option == nil {
		t.Fatalf("%s: no auth option", method.FullName())
	}
	return option.GetAuthenticationType()
}

// Every method that a client's token may call is served, and no other; of connections, those that read. The requests
// break no rule: one that does is refused before it is seen that nobody serves it.
func TestEveryMethodIsServed(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	served := 0
	for _, service := range services() {
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			procedure := "/" + string(service.FullName()) + "/" + string(method.Name())
			admitted := callers(t, method)
			switch {
			case admitted&optionsv1.AuthenticationType_NONE != 0 || changesConnections(method):
				err := call(t, env, procedure, env.token)
				wantError(t, err, connect.CodeUnimplemented, "UNIMPLEMENTED")
				wantText(t, err, "is not served here: ")
				continue
			case admitted&optionsv1.AuthenticationType_CLIENT == 0:
				wantError(t, call(t, env, procedure, env.token), connect.CodePermissionDenied, "PERMISSION_DENIED")
				continue
			}
			served++
			wantError(t, call(t, env, procedure, ""), connect.CodeUnauthenticated, "UNAUTHENTICATED")
			err := send(t, env, procedure, env.token, validRequest(t, method.Input()))
			switch code := connect.CodeOf(err); {
			case err == nil:
			case code == connect.CodeNotFound:
				wantError(t, err, code, "NOT_FOUND")
			case code == connect.CodeInvalidArgument:
				wantError(t, err, code, "INVALID_ARGUMENT")
			default:
				t.Errorf("%s: %v, want it to be served", method.FullName(), err)
			}
		}
	}
	if served < 86 {
		t.Errorf("%d methods, want those of all services", served)
	}
}

// changesConnections is whether a client may change connections with a method on the platform. Here it may not.
func changesConnections(method protoreflect.MethodDescriptor) bool {
	name := string(method.Name())
	return method.Parent().Name() == "ConnectionService" && !strings.HasSuffix(name, "Context") &&
		!strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Search")
}

// call makes a call of any method, with an empty request.
func call(t *testing.T, env *environment, procedure, token string) error {
	t.Helper()
	return send(t, env, procedure, token, &emptypb.Empty{})
}

// send makes a call of any method.
func send(t *testing.T, env *environment, procedure, token string, request proto.Message) error {
	t.Helper()
	encoded, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	anything := &emptypb.Empty{} // Keeps what it does not know.
	if err := proto.Unmarshal(encoded, anything); err != nil {
		t.Fatal(err)
	}
	client := connect.NewClient[emptypb.Empty, emptypb.Empty](
		env.http, env.URL()+procedure, connect.WithGRPC(), bearer(token))
	_, err = client.CallUnary(t.Context(), connect.NewRequest(anything))
	return err
}

// validRequest fills a request until it breaks no rule: with ids of objects that do not exist, for the most part.
func validRequest(t *testing.T, descriptor protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	request := dynamicpb.NewMessage(descriptor)
	tried := map[string]int{}
	for range 100 {
		err := protovalidate.Validate(request)
		if err == nil {
			return request
		}
		var broken *protovalidate.ValidationError
		if !errors.As(err, &broken) {
			t.Fatalf("%s: %v", descriptor.FullName(), err)
		}
		for _, violation := range broken.Violations {
			field := protovalidate.FieldPathString(violation.Proto.GetField())
			fill(t, request, strings.Split(field, "."), tried[field])
			tried[field]++
		}
	}
	t.Fatalf("no valid request found for %s: %v\n%v", descriptor.FullName(), protovalidate.Validate(request), request)
	return nil
}

// fill sets the field that a path leads to: the first time to one value, the next time to another.
func fill(t *testing.T, message protoreflect.Message, path []string, try int) {
	t.Helper()
	texts := []string{
		"org_1234567890123456", "conn_1234567890123456", "dir_1234567890123456", "dom_1234567890123456",
		"usr_1234567890123456", "lnk_1234567890123456", "test_1", "nobody", "nobody@acme.example", "https://acme.example",
	}
	field := message.Descriptor().Fields().ByName(protoreflect.Name(path[0]))
	switch {
	case field == nil:
		// A rule of a oneof names the oneof.
		oneof := message.Descriptor().Oneofs().ByName(protoreflect.Name(path[0]))
		if oneof == nil {
			t.Fatalf("%s has no %s", message.Descriptor().FullName(), path[0])
		}
		fill(t, message, []string{string(oneof.Fields().Get(0).Name())}, try)
	case len(path) > 1:
		fill(t, message.Mutable(field).Message(), path[1:], try)
	case field.IsList():
		list := message.Mutable(field).List()
		if field.Message() != nil {
			list.AppendMutable()
			return
		}
		list.Append(protoreflect.ValueOfString("nobody"))
	case field.Message() != nil:
		message.Mutable(field)
	case field.Kind() == protoreflect.StringKind:
		message.Set(field, protoreflect.ValueOfString(texts[try%len(texts)]))
	case field.Kind() == protoreflect.EnumKind:
		message.Set(field, protoreflect.ValueOfEnum(field.Enum().Values().Get(1).Number()))
	default:
		t.Fatalf("%s: no value for a field of kind %v", field.FullName(), field.Kind())
	}
}
