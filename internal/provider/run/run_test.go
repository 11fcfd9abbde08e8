package run_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/run"
)

// rivals differ from the object in one part of its name each.
var (
	object = run.In("org_1", run.Role, "editor")
	rivals = []run.Object{
		run.InEnvironment(run.Role, "editor"),
		run.In("org_2", run.Role, "editor"),
		run.In("org_1", run.Permission, "editor"),
		run.In("org_1", run.Role, "viewer"),
		run.Of("org_1", run.Role),
	}
)

func TestFactsConcernOneObject(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		note func(*run.Record, run.Object)
		ask  func(*run.Record, run.Object) bool
	}{
		"written":      {(*run.Record).Write, (*run.Record).Wrote},
		"deleted":      {(*run.Record).Delete, (*run.Record).Deleted},
		"planned":      {(*run.Record).Plan, (*run.Record).Plans},
		"plan enabled": {(*run.Record).PlanEnabled, (*run.Record).PlansEnabled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := run.New()
			if fact.ask(record, object) {
				t.Error("the fact holds before it was noted")
			}
			record.Lock(object)() // an object that is known for something else
			if fact.ask(record, object) {
				t.Error("the fact holds of an object that was only locked")
			}
			fact.note(record, object)
			if !fact.ask(record, object) {
				t.Error("the fact does not hold after it was noted")
			}
			for _, rival := range rivals {
				if fact.ask(record, rival) {
					t.Errorf("the fact holds of %v, too", rival)
				}
			}
		})
	}
}

func TestFactsAreApart(t *testing.T) {
	t.Parallel()
	record := run.New()
	record.Write(object)
	if record.Deleted(object) || record.Plans(object) || record.PlansEnabled(object) {
		t.Error("an object that was written has other facts")
	}
}

func TestPlansInAndDeletedIn(t *testing.T) {
	t.Parallel()
	record := run.New()
	for _, rival := range []run.Object{run.In("dir_2", run.RoleAssignment, "g"), run.In("dir_1", run.RoleAssignments, "g")} {
		record.Plan(rival)
		record.Delete(rival)
	}
	record.Write(run.In("dir_1", run.RoleAssignment, "g"))
	if record.PlansIn(run.RoleAssignment, "dir_1") || len(record.DeletedIn(run.RoleAssignment, "dir_1")) > 0 {
		t.Error("nothing of the kind is planned or deleted in the scope")
	}
	for _, name := range []string{"h", "g"} {
		record.Plan(run.In("dir_1", run.RoleAssignment, name))
		record.Delete(run.In("dir_1", run.RoleAssignment, name))
	}
	if !record.PlansIn(run.RoleAssignment, "dir_1") {
		t.Error("two objects are planned in the scope")
	}
	if got := record.DeletedIn(run.RoleAssignment, "dir_1"); !slices.Equal(got, []string{"g", "h"}) {
		t.Errorf("deleted in the scope: %v", got)
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ids  []string
		want bool // of the last claim
	}{
		"one create":             {[]string{""}, false},
		"two creates":            {[]string{"", ""}, true},
		"one resource twice":     {[]string{"id", "id"}, false},
		"two resources":          {[]string{"id", "other"}, true},
		"a create beside":        {[]string{"id", ""}, true},
		"beside a create":        {[]string{"", "id"}, true},
		"a third beside the two": {[]string{"id", "id", "other"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := run.New()
			for _, rival := range rivals {
				record.Claim(rival, "")
			}
			var taken bool
			for _, id := range test.ids {
				taken = record.Claim(object, id)
			}
			if taken != test.want {
				t.Errorf("taken: %v", taken)
			}
		})
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	record := run.New()
	if !record.Say(object, "a") || record.Say(object, "a") || !record.Say(object, "b") || !record.Say(rivals[0], "a") {
		t.Error("each message about each object is said once")
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	record := run.New()
	for _, rival := range rivals {
		t.Cleanup(record.Lock(rival))
	}
	count := 0 // the race detector and the sum tell whether increments overlap
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			defer record.Lock(object)()
			count++
		})
	}
	all.Wait()
	if count != 100 {
		t.Errorf("%d increments arrived of 100", count)
	}
}

func TestLookUp(t *testing.T) {
	t.Parallel()
	record := run.New()
	looks := 0
	look := func(missing string, err error) ([]string, error) {
		return run.LookUp(record, object,
			func(found []string) bool { return !slices.Contains(found, missing) },
			func() ([]string, error) { looks++; return []string{"a", "b"}[:min(looks, 2)], err })
	}
	if _, err := look("a", errors.New("failed")); err == nil {
		t.Error("the failure is lost")
	}
	if got, err := look("a", nil); err != nil || looks != 2 || len(got) != 2 {
		t.Errorf("a failure is kept: %v, %v after %d looks", got, err, looks)
	}
	if _, _ = look("b", nil); looks != 2 {
		t.Errorf("%d looks for what is known", looks)
	}
	if _, _ = look("c", nil); looks != 3 {
		t.Errorf("%d looks where something is missing", looks)
	}
}

// An object that one resource keeps and another one destroys is found in either order, and nothing else is.
func TestKeepAndDiscard(t *testing.T) {
	t.Parallel()
	record := run.New()
	first, second, other := run.InEnvironment(run.Organization, "org_1"), run.InEnvironment(run.Organization, "org_2"), run.Of("org_1", run.Domain)
	if record.Keep(first) || record.Discard(other) || record.Discard(second) {
		t.Error("objects are found that only one resource plans")
	}
	if !record.Discard(first) || !record.Keep(second) {
		t.Error("an object that is kept and destroyed is not found")
	}
}
