package chaos

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"testing"
)

// figuresAttribute is the attribute of a test under which a fault matrix reports its figures, in JSON.
const figuresAttribute = "fault-matrix"

// verdict is what came of one disturbed apply.
type verdict struct {
	injected int
	failed   bool
	// lost objects are declared and not there as declared, duplicated ones are there and not declared.
	lost, duplicated int
	// needed counts what would have needed a hand: a next apply that failed, a plan that was not empty after it, a state
	// that was not as after the undisturbed apply.
	needed int
}

// figures are those of one matrix.
type figures struct {
	name  string
	mu    sync.Mutex
	types map[string]bool
	calls map[string]bool
	sums  struct {
		Name          string   `json:"name,omitempty"`
		ResourceTypes []string `json:"resource_types"`
		Calls         []string `json:"calls"`
		Applies       int      `json:"applies"`
		Injected      int      `json:"injected"`
		Failed        int      `json:"failed"`
		Lost          int      `json:"lost"`
		Duplicated    int      `json:"duplicated"`
		Needed        int      `json:"needed"`
	}
}

// begin notes what a change disturbs.
func (f *figures) begin(start *beginning) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.types == nil {
		f.types, f.calls = map[string]bool{}, map[string]bool{}
	}
	for _, resourceType := range start.resourceTypes {
		f.types[resourceType] = true
	}
	for _, call := range start.calls {
		if call.tried {
			f.calls[call.rpc] = true
		}
	}
}

func (f *figures) add(one verdict) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sums.Applies++
	f.sums.Injected += one.injected
	if one.failed {
		f.sums.Failed++
	}
	f.sums.Lost += one.lost
	f.sums.Duplicated += one.duplicated
	f.sums.Needed += one.needed
}

// report prints the figures and gives them to whoever runs the tests.
func (f *figures) report(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sums.Name = f.name
	f.sums.ResourceTypes, f.sums.Calls = slices.Sorted(maps.Keys(f.types)), slices.Sorted(maps.Keys(f.calls))
	encoded, err := json.Marshal(f.sums)
	if err != nil {
		t.Fatal(err)
	}
	t.Attr(figuresAttribute, string(encoded))
	t.Logf("fault matrix: %d faults injected into %d applies, of which %d failed; afterwards %d objects were lost and %d "+
		"were there twice, and %d states needed a hand",
		f.sums.Injected, f.sums.Applies, f.sums.Failed, f.sums.Lost, f.sums.Duplicated, f.sums.Needed)
}
