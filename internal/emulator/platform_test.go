package emulator_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections/connectionsconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains/domainsconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles/rolesconnect"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users/usersconnect"
)

// platform is an environment with clients of the services beside organizations.
type platform struct {
	*environment
	domains     domainsconnect.DomainServiceClient
	roles       rolesconnect.RolesServiceClient
	users       usersconnect.UserServiceClient
	connections connectionsconnect.ConnectionServiceClient
}

func startPlatform(t *testing.T, options emulator.Options) *platform {
	t.Helper()
	env := start(t, options)
	return &platform{
		environment: env,
		domains:     domainsconnect.NewDomainServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token)),
		roles:       rolesconnect.NewRolesServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token)),
		users:       usersconnect.NewUserServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token)),
		connections: connectionsconnect.NewConnectionServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token)),
	}
}

// rpc is a method of a generated client.
type rpc[Q, R any] func(context.Context, *connect.Request[Q]) (*connect.Response[R], error)

// ask makes a call.
func ask[Q, R any](t *testing.T, method rpc[Q, R], request *Q) (*R, error) {
	t.Helper()
	reply, err := method(t.Context(), connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}

// must makes a call that succeeds.
func must[Q, R any](t *testing.T, method rpc[Q, R], request *Q) *R {
	t.Helper()
	reply, err := ask(t, method, request)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// refused makes a call that fails, and returns its error.
func refused[Q, R any](t *testing.T, method rpc[Q, R], request *Q) error {
	t.Helper()
	reply, err := ask(t, method, request)
	if err == nil {
		t.Fatalf("%v was let through: %v", request, reply)
	}
	return err
}

// wantNotFound expects a call to fail with NOT_FOUND.
func wantNotFound[Q, R any](t *testing.T, method rpc[Q, R], request *Q) {
	t.Helper()
	wantError(t, refused(t, method, request), connect.CodeNotFound, "NOT_FOUND")
}

// wantInvalid expects a call to fail with INVALID_ARGUMENT, and its text to have a part.
func wantInvalid[Q, R any](t *testing.T, part string, method rpc[Q, R], request *Q) {
	t.Helper()
	err := refused(t, method, request)
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	wantText(t, err, part)
}
