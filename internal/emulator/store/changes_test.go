package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

// kept is an object that is no message of the platform's.
type kept struct {
	ID   string
	Name string
}

func (k *kept) ObjectID() string { return k.ID }
func (k *kept) Clone() *kept     { return new(*k) }

// Watchers are told what is left of a write in the end, over all tables in the order in which it began.
func TestWatchersAreTold(t *testing.T) {
	t.Parallel()
	var told []string
	s := New(time.Now, "", nil)
	tell := func(kind string, id, parent string, written *Written, created, deleted bool, old, next string) {
		told = append(told, fmt.Sprintf("%s %s/%s %q→%q %t %t, parent gone: %t",
			kind, parent, id, old, next, created, deleted, written.Deleted(parent)))
	}
	organizations := NewTable(s, "organizations", "organization",
		func(written *Written, made Change[*orgv1.Organization]) {
			tell("organization", made.ID, made.Parent, written, made.Created, made.Deleted,
				made.Old.GetDisplayName(), made.Next.GetDisplayName())
		})
	objects := NewObjectTable(s, "objects", "object", func(written *Written, made Change[*kept]) {
		var old, next string
		if made.Old != nil {
			old = made.Old.Name
		}
		if made.Next != nil {
			next = made.Next.Name
		}
		tell("object", made.ID, made.Parent, written, made.Created, made.Deleted, old, next)
	})
	silent := NewTable[*orgv1.Organization](s, "silent", "silent", Unwatched)
	put := func(id, name string) { organizations.Put(id, "", &orgv1.Organization{Id: id, DisplayName: name}) }
	write := func(change func() error, want ...string) {
		t.Helper()
		told = nil
		if err := s.Write(change); err != nil && !errors.Is(err, errUndone) {
			t.Fatal(err)
		}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
	write(func() error {
		put("1", "a")
		objects.Put("x", "1", &kept{ID: "x", Name: "first"})
		silent.Put("1", "", &orgv1.Organization{Id: "1"})
		put("2", "passing")
		organizations.Delete("2")
		put("1", "b")
		return nil
	}, `organization /1 ""→"b" true false, parent gone: false`, `object 1/x ""→"first" true false, parent gone: false`)
	write(func() error {
		put("1", "b")
		objects.Put("x", "1", &kept{ID: "x", Name: "first"})
		return nil
	})
	write(func() error { put("1", "c"); return errUndone })
	write(func() error { s.Quietly(); put("3", "quiet"); return nil })
	write(func() error {
		objects.Delete("x")
		put("3", "loud")
		organizations.Delete("1")
		return nil
	}, `object 1/x "first"→"" false true, parent gone: true`, `organization /3 "quiet"→"loud" false false, parent gone: false`,
		`organization /1 "b"→"" false true, parent gone: false`)
}

// An object that is no message is copied on its way in and out, and lasts.
func TestObjectTable(t *testing.T) {
	t.Parallel()
	s := New(time.Now, "", nil)
	objects := NewObjectTable(s, "objects", "object", Unwatched[*kept])
	mine := &kept{ID: "x", Name: "first"}
	if err := s.Write(func() error { objects.Put("x", "", mine); return nil }); err != nil {
		t.Fatal(err)
	}
	mine.Name = "changed"
	got, err := objects.Get("x")
	if err != nil || got.Name != "first" {
		t.Fatalf("got %v (%v)", got, err)
	}
	got.Name = "changed"

	written, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again := New(time.Now, "", nil)
	read := NewObjectTable(again, "objects", "object", Unwatched[*kept])
	if err := again.Decode(written); err != nil {
		t.Fatal(err)
	}
	if got, err := read.Get("x"); err != nil || *got != (kept{ID: "x", Name: "first"}) {
		t.Errorf("got %v (%v)", got, err)
	}
	other := []byte(`{"version":1,"last_tick":0,"tables":{"objects":[{"id":"y","sequence":1,"value":{"ID":"z"}}]}}`)
	if err := New(time.Now, "", nil).Decode(other); err == nil {
		t.Error("a table that is not there is read")
	}
	fresh := New(time.Now, "", nil)
	NewObjectTable(fresh, "objects", "object", Unwatched[*kept])
	if err := fresh.Decode(other); err == nil {
		t.Error("an object with another id is read")
	}
}
