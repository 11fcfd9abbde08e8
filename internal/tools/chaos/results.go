package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// figuresAttribute is the attribute of a test under which a matrix reports its figures. The other end is in acctest/chaos.
const figuresAttribute = "fault-matrix"

// figures are those of one matrix.
type figures struct {
	Name          string   `json:"name"` // empty for the resources
	ResourceTypes []string `json:"resource_types"`
	Calls         []string `json:"calls"`
	Applies       int      `json:"applies"`
	Injected      int      `json:"injected"`
	Failed        int      `json:"failed"`
	Lost          int      `json:"lost"`
	Duplicated    int      `json:"duplicated"`
	Needed        int      `json:"needed"`
}

// event is a line of go test -json.
type event struct {
	Action  string `json:"Action"`
	Package string `json:"Package"`
	Test    string `json:"Test"`
	Output  string `json:"Output"`
	Key     string `json:"Key"`
	Value   string `json:"Value"`
}

// results are what has come of the tests so far.
type results struct {
	out io.Writer

	mu       sync.Mutex
	matrices []figures
	begun    map[string]bool // the matrices by package and test, and whether they have reported
	applies  int
	output   map[string]*strings.Builder // of the tests that are running
}

func newResults(out io.Writer) *results {
	return &results{out: out, begun: map[string]bool{}, output: map[string]*strings.Builder{}}
}

// read follows the tests to their end.
func (r *results) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := r.take(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *results) take(line []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var one event
	if json.Unmarshal(line, &one) != nil {
		fmt.Fprintf(r.out, "%s", line) // what go test says itself, which fails with it
		return nil
	}
	name := strings.TrimPrefix(one.Package[strings.LastIndex(one.Package, "/")+1:]+"."+one.Test, ".")
	switch one.Action {
	case "run":
		if !strings.Contains(one.Test, "/") {
			r.begun[name] = false
		}
	case "output", "build-output":
		r.note(name, one.Output)
	case "attr":
		if one.Key != figuresAttribute {
			return nil
		}
		var matrix figures
		if err := json.Unmarshal([]byte(one.Value), &matrix); err != nil {
			return fmt.Errorf("the figures of %s: %w", name, err)
		}
		r.matrices = append(r.matrices, matrix)
		r.begun[name] = true
		fmt.Fprintf(r.out, "%s: %d faults in %d applies of %s\n", name, matrix.Injected, matrix.Applies, matrix.name())
	case "pass", "skip", "fail":
		if strings.Count(one.Test, "/") >= caseDepth {
			r.applies++
		}
		if one.Action == "fail" && r.output[name] != nil {
			fmt.Fprintf(r.out, "FAIL %s\n%s", name, r.output[name])
		}
		delete(r.output, name)
	}
	return nil
}

// caseDepth is how deep the test of one apply is nested: matrix, change, call and fault.
const caseDepth = 4

// note keeps what a test says until it is known whether it fails.
func (r *results) note(name, output string) {
	if r.output[name] == nil {
		r.output[name] = new(strings.Builder)
	}
	fmt.Fprint(r.output[name], output)
}

// sayHowFar prints now and then how many applies there have been.
func (r *results) sayHowFar(ended <-chan struct{}) {
	ticker := time.NewTicker(progressInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			r.mu.Lock()
			fmt.Fprintf(r.out, "%d applies so far\n", r.applies)
			r.mu.Unlock()
		}
	}
}

// table prints the figures, one line for each resource, and their sums.
func (r *results) table() {
	const form = "%-42s %8v %8v %8v %6v %11v %14v\n"
	fmt.Fprintf(r.out, "\n"+form, "resource", "applies", "faults", "failed", "lost", "duplicated", "needed a hand")
	row := func(name string, of figures) {
		fmt.Fprintf(r.out, form, name, of.Applies, of.Injected, of.Failed, of.Lost, of.Duplicated, of.Needed)
	}
	for _, name := range slices.Sorted(maps.Keys(r.byResource())) {
		row(name, r.byResource()[name])
	}
	row("in all", r.sum())
}

// byResource sums the figures of each resource. A matrix of several resources has a line of its own.
func (r *results) byResource() map[string]figures {
	sums := map[string]figures{}
	for _, matrix := range r.matrices {
		name := matrix.name()
		sums[name] = sums[name].plus(matrix)
	}
	return sums
}

func (r *results) sum() figures {
	var sum figures
	for _, matrix := range r.matrices {
		sum = sum.plus(matrix)
	}
	return sum
}

func (f figures) name() string { return cmp.Or(f.Name, strings.Join(f.ResourceTypes, ", ")) }

func (f figures) plus(other figures) figures {
	f.Applies += other.Applies
	f.Injected += other.Injected
	f.Failed += other.Failed
	f.Lost += other.Lost
	f.Duplicated += other.Duplicated
	f.Needed += other.Needed
	return f
}

// verdict is nil if all is well.
func (r *results) verdict(wanted coverage) error {
	var problems []error
	problem := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	if len(r.matrices) == 0 {
		problem("no fault matrix has run")
	}
	for _, name := range slices.Sorted(maps.Keys(r.begun)) {
		if !r.begun[name] {
			problem("%s has reported no figures", name)
		}
	}
	if sum := r.sum(); sum.Lost+sum.Duplicated+sum.Needed > 0 {
		problem("%d objects were lost, %d were there twice, and %d states needed a hand", sum.Lost, sum.Duplicated, sum.Needed)
	}
	var covered coverage
	for _, matrix := range r.matrices {
		covered.resourceTypes = append(covered.resourceTypes, matrix.ResourceTypes...)
		covered.calls = append(covered.calls, matrix.Calls...)
	}
	if missing := without(wanted.resourceTypes, covered.resourceTypes); len(missing) > 0 {
		problem("no matrix disturbs the resources %s", strings.Join(missing, ", "))
	}
	if missing := without(wanted.calls, covered.calls); len(missing) > 0 {
		problem("no matrix disturbs the calls %s, which resources make", strings.Join(missing, ", "))
	}
	return errors.Join(problems...)
}

// without returns what the second list lacks of the first.
func without(all, covered []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(covered, one) })
}
