package emulator

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/platform"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/store"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestRequestLogIsARing(t *testing.T) {
	t.Parallel()
	var log requestLog
	for i := range requestLogSize + 5 {
		log.add(Request{RequestID: strconv.Itoa(i)})
	}
	all := log.all()
	if len(all) != requestLogSize || all[0].RequestID != "5" ||
		all[requestLogSize-1].RequestID != strconv.Itoa(requestLogSize+4) {
		t.Errorf("%d requests, from %s to %s", len(all), all[0].RequestID, all[len(all)-1].RequestID)
	}
	for i := range 2 * maxCountedRPCs {
		log.add(Request{RPC: strconv.Itoa(i), Code: "OK"})
	}
	if counts := log.counted(); len(counts) != maxCountedRPCs || counts[""][""] != requestLogSize+5 || counts[""]["OK"] != maxCountedRPCs+1 {
		t.Errorf("%d names are counted, %v", len(counts), counts[""])
	}
}

// A defect in a handler is INTERNAL with its stack, changes nothing and leaves the store open for others.
func TestPanicIsInternal(t *testing.T) {
	t.Parallel()
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	organizations := store.NewTable[*orgv1.Organization](e.store, "tests", "test", store.Unwatched)
	panicked := func() (failed *connect.Error) {
		defer func() {
			ctx := web.WithCall(context.Background(), web.Call{RequestID: "req_1"})
			if err := recoverPanic(ctx, connect.Spec{Procedure: "/a/b"}, nil, recover()); !errorsAs(err, &failed) {
				t.Errorf("got %v", err)
			}
		}()
		_ = e.store.Write(func() error {
			organizations.Put("org_1", "", &orgv1.Organization{Id: "org_1"})
			panic("defect")
		})
		return nil
	}
	failed := panicked()
	if failed.Code() != connect.CodeInternal || len(failed.Details()) != 1 {
		t.Fatalf("got %v, want INTERNAL with ErrorInfo", failed)
	}
	detail, err := failed.Details()[0].Value()
	if info, ok := detail.(*errdetailsv1.ErrorInfo); err != nil || !ok || len(info.GetDebugInfo().GetStackEntries()) == 0 {
		t.Errorf("detail %v (%v), want a stack", detail, err)
	}
	if count := e.Counts()["tests"]; count != 0 {
		t.Errorf("%d rows, want none", count)
	}
}

func errorsAs(err error, target **connect.Error) bool {
	got, ok := err.(*connect.Error) //nolint:errorlint // It is what the function returns, unwrapped.
	*target = got
	return ok
}

// The connections of deliveries go to this machine, whatever becomes of a URL on its way to them.
func TestDialLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"acme.example:80", "192.0.2.1:80", "0.0.0.0:80", "[::]:80", "[::ffff:192.0.2.1]:80", "localhost.acme.example:80", ":80", "80",
	} {
		if conn, err := dialLoopback(t.Context(), "tcp", address); err == nil {
			t.Errorf("%s: connected to %s", address, conn.RemoteAddr())
			_ = conn.Close()
		} else if _, dialed := errors.AsType[*net.OpError](err); dialed {
			t.Errorf("%s: %v: it was tried", address, err)
		}
	}
}

// What is said not to be served is a method that clients would otherwise be served.
func TestUnservedIsKnown(t *testing.T) {
	t.Parallel()
	const clients = optionsv1.AuthenticationType_CLIENT | optionsv1.AuthenticationType_NONE
	for procedure, reason := range platform.Unserved {
		service, name, _ := strings.Cut(strings.TrimPrefix(procedure, "/"), "/")
		if method := findMethod(service, name); method == nil || authenticationOf(method)&clients == 0 || reason == "" {
			t.Errorf("%s: %q, want a method that clients may call, and a reason", procedure, reason)
		}
	}
}
