package emulator

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.January, 2, 3, 4, 5, 67e6, time.UTC)
	source := newIDSource(func() time.Time { return now })
	seen := map[string]bool{}
	last := int64(0)
	for i := range 1000 {
		id, created := source.next("org_")
		read, ok := idTime("org_", id)
		if !ok || !read.Equal(created) || seen[id] {
			t.Fatalf("id %d: %s holds %v (%t), want %v, once", i, id, read, ok, created)
		}
		seen[id] = true
		number, err := strconv.ParseInt(id[len("org_"):], 10, 64)
		if err != nil || number <= last {
			t.Fatalf("id %s does not rise (%v)", id, err)
		}
		last = number
		if i == 500 {
			now = now.Add(-time.Hour) // A clock that is set back.
		}
		if i == 0 && !created.Equal(now.Truncate(10*time.Millisecond)) {
			t.Errorf("created %v, want %v to 10 ms", created, now)
		}
	}
	resumed := newIDSource(func() time.Time { return now })
	resumed.resume(source.last())
	if id, _ := resumed.next("org_"); seen[id] {
		t.Errorf("%s is made twice", id)
	}
	for _, id := range []string{"", "org_", "org_x", "dom_1", "org_-1", "org_+1", "org_99999999999999999999"} {
		if _, ok := idTime("org_", id); ok {
			t.Errorf("%q has the form of an id", id)
		}
	}
}

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
	organizations := newTable[*orgv1.Organization](e.store, "tests", "test")
	panicked := func() (failed *connect.Error) {
		defer func() {
			ctx := web.WithCall(context.Background(), web.Call{RequestID: "req_1"})
			if err := recoverPanic(ctx, connect.Spec{Procedure: "/a/b"}, nil, recover()); !errorsAs(err, &failed) {
				t.Errorf("got %v", err)
			}
		}()
		_ = e.store.write(func() error {
			organizations.put("org_1", "", &orgv1.Organization{Id: "org_1"})
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

// A write that fails puts every row back where it was.
func TestWriteRollsBack(t *testing.T) {
	t.Parallel()
	s := newStore(Options{Now: time.Now})
	rows := newTable[*orgv1.Organization](s, "tests", "test")
	put := func(id, name string) { rows.put(id, "parent", &orgv1.Organization{DisplayName: name}) }
	if err := s.write(func() error {
		for _, id := range []string{"a", "b", "c"} {
			put(id, id)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	err := s.write(func() error {
		rows.delete("a")
		put("b", "changed")
		put("d", "new")
		put("a", "again")
		rows.deleteOf("parent")
		rows.delete("nothing")
		put("e", "last")
		return apierr.New(connect.CodeAborted, "enough")
	})
	if err == nil {
		t.Fatal("the write has succeeded")
	}
	var got []string
	for _, row := range rows.order {
		got = append(got, row.id+"="+row.value.GetDisplayName())
	}
	if want := []string{"a=a", "b=b", "c=c"}; !slices.Equal(got, want) || len(rows.rows) != 3 {
		t.Errorf("rows %q (%d by id), want %q", got, len(rows.rows), want)
	}
	if rows.parent("b") != "parent" || rows.parent("nothing") != "" {
		t.Errorf("parents %q, %q", rows.parent("b"), rows.parent("nothing"))
	}

	// Neither what goes in nor what comes out is the store's own memory.
	value := &orgv1.Organization{DisplayName: "mine"}
	if err := s.write(func() error { rows.put("f", "", value); return nil }); err != nil {
		t.Fatal(err)
	}
	value.DisplayName = "changed"
	first, err := rows.get("f")
	if err != nil || first.GetDisplayName() != "mine" {
		t.Errorf("got %v (%v)", first, err)
	}
	first.DisplayName = "changed"
	if second, err := rows.get("f"); err != nil || second.GetDisplayName() != "mine" {
		t.Errorf("got %v (%v)", second, err)
	}
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
	for procedure, reason := range unserved {
		service, name, _ := strings.Cut(strings.TrimPrefix(procedure, "/"), "/")
		if method := findMethod(service, name); method == nil || authenticationOf(method)&clients == 0 || reason == "" {
			t.Errorf("%s: %q, want a method that clients may call, and a reason", procedure, reason)
		}
	}
}

// A grouping follows its table through changes, deletions and writes that fail.
func TestGroupingFollowsItsTable(t *testing.T) {
	t.Parallel()
	s := newStore(Options{Now: time.Now})
	rows := newTable[*orgv1.Organization](s, "tests", "test")
	byName := rows.groupBy(func(row *row[*orgv1.Organization]) []string { return strings.Fields(row.value.GetDisplayName()) })
	check := func(want map[string]string) {
		t.Helper()
		got := map[string]string{}
		for key := range byName.rows {
			var ids []string
			for _, row := range byName.of(key) {
				ids = append(ids, row.id)
			}
			got[key] = strings.Join(ids, " ")
		}
		if !maps.Equal(got, want) {
			t.Errorf("the groups are %v, and should be %v", got, want)
		}
	}
	write := func(change func() error) {
		t.Helper()
		if err := s.write(change); err != nil && !errors.Is(err, errUndone) {
			t.Fatal(err)
		}
	}
	put := func(id, names string) { rows.put(id, "", &orgv1.Organization{Id: id, DisplayName: names}) }
	write(func() error { put("1", "a b"); put("2", "b"); put("3", "a b c"); return nil })
	check(map[string]string{"a": "1 3", "b": "1 2 3", "c": "3"})
	write(func() error { put("2", "c"); rows.delete("1"); return nil })
	check(map[string]string{"a": "3", "b": "3", "c": "2 3"})
	write(func() error { put("4", "a d"); rows.delete("3"); put("2", "a"); return errUndone })
	check(map[string]string{"a": "3", "b": "3", "c": "2 3"})
}

var errUndone = errors.New("undone")
