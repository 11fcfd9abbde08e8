package store

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.January, 2, 3, 4, 5, 67e6, time.UTC)
	source := NewIDSource(func() time.Time { return now })
	seen := map[string]bool{}
	last := int64(0)
	for i := range 1000 {
		id, created := source.Next("org_")
		read, ok := IDTime("org_", id)
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
	resumed := NewIDSource(func() time.Time { return now })
	resumed.resume(source.last())
	if id, _ := resumed.Next("org_"); seen[id] {
		t.Errorf("%s is made twice", id)
	}
	for _, id := range []string{"", "org_", "org_x", "dom_1", "org_-1", "org_+1", "org_99999999999999999999"} {
		if _, ok := IDTime("org_", id); ok {
			t.Errorf("%q has the form of an id", id)
		}
	}
}

// A write that fails puts every row back where it was.
func TestWriteRollsBack(t *testing.T) {
	t.Parallel()
	s := New(time.Now, "", nil)
	rows := NewTable[*orgv1.Organization](s, "tests", "test", Unwatched)
	put := func(id, name string) { rows.Put(id, "parent", &orgv1.Organization{DisplayName: name}) }
	if err := s.Write(func() error {
		for _, id := range []string{"a", "b", "c"} {
			put(id, id)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	err := s.Write(func() error {
		rows.Delete("a")
		put("b", "changed")
		put("d", "new")
		put("a", "again")
		rows.DeleteOf("parent")
		rows.Delete("nothing")
		put("e", "last")
		return apierr.New(connect.CodeAborted, "enough")
	})
	if err == nil {
		t.Fatal("the write has succeeded")
	}
	var got []string
	for _, row := range rows.All() {
		got = append(got, row.ID+"="+row.Value.GetDisplayName())
	}
	if want := []string{"a=a", "b=b", "c=c"}; !slices.Equal(got, want) || len(rows.rows) != 3 {
		t.Errorf("rows %q (%d by id), want %q", got, len(rows.rows), want)
	}
	if rows.Parent("b") != "parent" || rows.Parent("nothing") != "" {
		t.Errorf("parents %q, %q", rows.Parent("b"), rows.Parent("nothing"))
	}

	// Neither what goes in nor what comes out is the store's own memory.
	value := &orgv1.Organization{DisplayName: "mine"}
	if err := s.Write(func() error { rows.Put("f", "", value); return nil }); err != nil {
		t.Fatal(err)
	}
	value.DisplayName = "changed"
	first, err := rows.Get("f")
	if err != nil || first.GetDisplayName() != "mine" {
		t.Errorf("got %v (%v)", first, err)
	}
	first.DisplayName = "changed"
	if second, err := rows.Get("f"); err != nil || second.GetDisplayName() != "mine" {
		t.Errorf("got %v (%v)", second, err)
	}
}

// A grouping follows its table through changes, deletions and writes that fail.
func TestGroupingFollowsItsTable(t *testing.T) {
	t.Parallel()
	s := New(time.Now, "", nil)
	rows := NewTable[*orgv1.Organization](s, "tests", "test", Unwatched)
	byName := rows.GroupBy(func(row *Row[*orgv1.Organization]) []string { return strings.Fields(row.Value.GetDisplayName()) })
	check := func(want map[string]string) {
		t.Helper()
		got := map[string]string{}
		for key := range byName.rows {
			var ids []string
			for _, row := range byName.Of(key) {
				ids = append(ids, row.ID)
			}
			got[key] = strings.Join(ids, " ")
		}
		if !maps.Equal(got, want) {
			t.Errorf("the groups are %v, and should be %v", got, want)
		}
	}
	write := func(change func() error) {
		t.Helper()
		if err := s.Write(change); err != nil && !errors.Is(err, errUndone) {
			t.Fatal(err)
		}
	}
	put := func(id, names string) { rows.Put(id, "", &orgv1.Organization{Id: id, DisplayName: names}) }
	write(func() error { put("1", "a b"); put("2", "b"); put("3", "a b c"); return nil })
	check(map[string]string{"a": "1 3", "b": "1 2 3", "c": "3"})
	write(func() error { put("2", "c"); rows.Delete("1"); return nil })
	check(map[string]string{"a": "3", "b": "3", "c": "2 3"})
	write(func() error { put("4", "a d"); rows.Delete("3"); put("2", "a"); return errUndone })
	check(map[string]string{"a": "3", "b": "3", "c": "2 3"})
}

var errUndone = errors.New("undone")
