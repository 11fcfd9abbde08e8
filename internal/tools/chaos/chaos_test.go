package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// line is a line of go test -json.
func line(t *testing.T, one event) string {
	t.Helper()
	encoded, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded) + "\n"
}

// matrixLines are those of a matrix that reports figures.
func matrixLines(t *testing.T, of figures) string {
	t.Helper()
	encoded, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	test := "Test" + of.name() + "FaultMatrix"
	return line(t, event{Action: "run", Package: "x/role", Test: test}) +
		line(t, event{Action: "attr", Package: "x/role", Test: test, Key: figuresAttribute, Value: string(encoded)}) +
		line(t, event{Action: "pass", Package: "x/role", Test: test})
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	role := figures{ResourceTypes: []string{"scalekit_role"}, Calls: []string{"CreateRole", "DeleteRole"}, Applies: 10, Injected: 20, Failed: 5}
	wanted := coverage{resourceTypes: []string{"scalekit_role"}, calls: []string{"CreateRole", "DeleteRole"}}
	with := func(change func(*figures)) figures {
		changed := role
		change(&changed)
		return changed
	}
	for name, test := range map[string]struct {
		events string
		want   string // in the verdict; empty if all is well
	}{
		"well":              {matrixLines(t, role), ""},
		"nothing":           {"", "no fault matrix has run"},
		"lost":              {matrixLines(t, with(func(f *figures) { f.Lost = 1 })), "1 objects were lost"},
		"duplicated":        {matrixLines(t, with(func(f *figures) { f.Duplicated = 2 })), "2 were there twice"},
		"needed a hand":     {matrixLines(t, with(func(f *figures) { f.Needed = 3 })), "3 states needed a hand"},
		"another resource":  {matrixLines(t, with(func(f *figures) { f.ResourceTypes = []string{"scalekit_permission"} })), "resources scalekit_role"},
		"a call is missing": {matrixLines(t, with(func(f *figures) { f.Calls = []string{"CreateRole"} })), "calls DeleteRole"},
		"no figures": {
			matrixLines(t, role) + line(t, event{Action: "run", Package: "x/role", Test: "TestOtherFaultMatrix"}),
			"role.TestOtherFaultMatrix has reported no figures",
		},
	} {
		results := newResults(new(bytes.Buffer))
		if err := results.read(strings.NewReader(test.events)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		err := results.verdict(wanted)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	results := newResults(&out)
	events := matrixLines(t, figures{ResourceTypes: []string{"scalekit_role"}, Applies: 10, Injected: 20, Failed: 5, Lost: 1}) +
		matrixLines(t, figures{ResourceTypes: []string{"scalekit_role"}, Applies: 1, Injected: 2, Duplicated: 3}) +
		matrixLines(t, figures{Name: "interruptions", ResourceTypes: []string{"scalekit_role"}, Applies: 100, Injected: 200, Needed: 7})
	if err := results.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	results.table()
	var rows []string
	for row := range strings.Lines(out.String()) {
		rows = append(rows, strings.Join(strings.Fields(row), " "))
	}
	for _, want := range []string{"interruptions 100 200 0 0 0 7", "scalekit_role 11 22 5 1 3 0", "in all 111 222 5 1 3 7"} {
		if !slices.Contains(rows, want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

// What a failed test said is shown, and what others said is not.
func TestFailuresAreShown(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	results := newResults(&out)
	events := line(t, event{Action: "output", Package: "x/role", Test: "TestA", Output: "all is well\n"}) +
		line(t, event{Action: "pass", Package: "x/role", Test: "TestA"}) +
		line(t, event{Action: "output", Package: "x/role", Test: "TestB", Output: "the plan is not empty\n"}) +
		line(t, event{Action: "fail", Package: "x/role", Test: "TestB"})
	if err := results.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "FAIL role.TestB\nthe plan is not empty\n" {
		t.Errorf("got %q", got)
	}
}

// The calls of resources are found through helpers, variables and interfaces, whatever the files are named.
func TestChangingCalls(t *testing.T) {
	t.Parallel()
	calls, err := changingCalls(t.Context(), "./testdata/calls")
	if want := []string{
		"CreateOrganization", "CreateRole", "DeleteRole", "DisableDirectory", "EnableDirectory", "svix.endpoint.update",
	}; err != nil || !slices.Equal(calls, want) {
		t.Errorf("got %v (%v), want %v", calls, err, want)
	}
	if _, err := changingCalls(t.Context(), "./testdata/unknown"); err == nil || !strings.Contains(err.Error(), "SendExample of the webhook client") {
		t.Errorf("a method of the webhook client that is in no list: %v", err)
	}
	if _, err := changingCalls(t.Context(), "./testdata/missing"); err == nil {
		t.Error("a package that does not exist is no error")
	}
}

// The provider's own sources give all of its resources and the calls that each makes.
func TestWanted(t *testing.T) {
	t.Parallel()
	got, err := wanted(t.Context(), "github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/...")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got.resourceTypes, "scalekit_organization") || len(got.resourceTypes) < 15 {
		t.Errorf("the resources are %v", got.resourceTypes)
	}
	for _, call := range []string{"CreateOrganization", "UpdateRole", "DeleteDomain", "AssignRoles", "DisableDirectory", "svix.endpoint.rotate-secret"} {
		if !slices.Contains(got.calls, call) {
			t.Errorf("%s is missing in %v", call, got.calls)
		}
	}
	if slices.ContainsFunc(got.calls, isRead) {
		t.Errorf("a read is among %v", got.calls)
	}
}
