package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
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

// The state file of an emulator whose services were all in one package, with an object of almost every
// kind, is read, and is still the same when it is written again.
func TestOlderStateFile(t *testing.T) {
	t.Parallel()
	older, err := os.ReadFile(filepath.Join("testdata", "older_state.json"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := assemble(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.store.Decode(older); err != nil {
		t.Fatal(err)
	}
	for kind, count := range e.Counts() {
		if count == 0 && kind != "directory_external_groups" {
			t.Errorf("no %s: the test does not show that they are read", kind)
		}
	}
	newer, err := e.store.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var had, has any
	if err := errors.Join(json.Unmarshal(older, &had), json.Unmarshal(newer, &has)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(had, has) {
		t.Errorf("got\n%s\nwant\n%s", newer, older)
	}
}
