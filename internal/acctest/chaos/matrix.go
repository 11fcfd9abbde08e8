// Package chaos disturbs applies: every fault at every call.
package chaos

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// wholeMatrix is the flag with which make chaos runs the tests: go test … -args -chaos.
var wholeMatrix = flag.Bool("chaos", false, "run the fault matrices as a whole, and not a sample of them")

// attemptTimeout is the request_timeout of a workspace under faults, and delay is what exceeds it.
const (
	attemptTimeout = 800 * time.Millisecond
	delay          = 1100 * time.Millisecond
)

// injectionTries is how often a case is begun if its fault has no call to meet, since an earlier call took longer than
// attemptTimeout without one: the machine was busy.
const injectionTries = 3

// Change is an apply that faults are to disturb.
type Change struct {
	// Name is the change's, such as "create".
	Name string
	// Before is the configuration that stands when the change begins; empty for an empty workspace.
	Before string
	// After is the configuration to apply; empty destroys everything.
	After string
	// Leftovers are the kinds of objects of which a disturbed apply may leave more than an undisturbed one, since the API
	// has no way to delete them.
	Leftovers []string
	// Unsaved are calls, beside creates, around which the environment knows more than Terraform's state can, which is saved
	// only when a resource is done: those of a create after the one that makes the object, for example. The next apply does
	// not know what a provider has left that is killed then.
	Unsaved []string
	// Tokens says that the requests for access tokens are disturbed as well. They are the same whatever is applied.
	Tokens bool
}

// FaultMatrix applies each change once undisturbed, to learn the calls that it makes, and then once for each fault at
// each of these calls: a sample of them, or all with the flag -chaos. After each, the next apply has to succeed and be
// followed by an empty plan, the environment has to have exactly the objects of the undisturbed apply, and Terraform's
// state has to say what it says there. Where the disturbed apply succeeds and all that is so at once, there is nothing to
// do for a next one: the plan of the undisturbed apply is empty.
func FaultMatrix(t *testing.T, seed *emulator.Seed, changes []Change) {
	matrix{seed: seed, cases: faultCases}.run(t, changes)
}

// mayLeave reports whether an object that is not declared may be left over.
func (c Change) mayLeave(text string) bool {
	return slices.ContainsFunc(c.Leftovers, func(kind string) bool { return strings.HasPrefix(text, kind+" ") })
}

// matrix is how the applies of a matrix are made.
type matrix struct {
	seed *emulator.Seed
	// name is the matrix's in the figures; empty for the resources that it is about.
	name string
	// cases are those of a change: all or a sample.
	cases func(b *beginning, whole bool) []faultCase
	// workspace makes a workspace for a disturbed apply whose provider runs in a process of its own; nil for an ordinary one.
	workspace func(*testing.T, *acctest.Env) *acctest.Workspace
	// oneByOne says that an apply makes one call at a time.
	oneByOne bool
}

func (m matrix) run(t *testing.T, changes []Change) {
	sums := figures{name: m.name}
	t.Run("matrix", func(t *testing.T) {
		for _, change := range changes {
			t.Run(change.Name, func(t *testing.T) {
				t.Parallel()
				start := m.prepare(t, change)
				sums.begin(start)
				for _, one := range m.cases(start, *wholeMatrix) {
					t.Run(one.name, func(t *testing.T) {
						t.Parallel()
						sums.add(start.disturb(t, one).verdict(t, start))
					})
				}
			})
		}
	})
	sums.report(t)
}

// disturbed is an apply that a fault has met.
type disturbed struct {
	env          *acctest.Env
	workspace    *acctest.Workspace
	ownProcess   bool // the provider's
	emulatorFile string
	output       string
	err          error
}

// disturb applies the change under the faults of a case.
func (b *beginning) disturb(t *testing.T, one faultCase) *disturbed {
	t.Helper()
	for range injectionTries {
		d := b.restore(t)
		if err := d.env.Emulator.SetFaults(one.faults); err != nil {
			t.Fatal(err)
		}
		if one.apply == nil {
			d.output, d.err = d.workspace.ApplyResources(b.change.After)
		} else {
			d.output, d.err = one.apply(d.workspace, b.change.After)
		}
		// An apply that was to be interrupted and succeeds has ended before.
		if d.env.Emulator.InjectedFaults() > 0 && (one.apply == nil || d.err != nil) {
			return d
		}
		t.Logf("The fault was not injected:\n%s", d.output)
	}
	t.Fatalf("the fault was not injected in %d applies", injectionTries)
	return nil
}

// verdict mends what the faults broke with an ordinary apply, and checks what came of it.
func (d *disturbed) verdict(t *testing.T, start *beginning) verdict {
	t.Helper()
	got := verdict{injected: d.env.Emulator.InjectedFaults(), failed: d.err != nil}
	if err := d.env.Emulator.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	settle(d.env)

	change := start.change
	objects, labels := readObjects(t, d.env, d.emulatorFile)
	_, withNotes := readStates(t, d.workspace.StateFile(), labels)
	if d.err == nil && maps.Equal(objects, start.objects) && maps.Equal(withNotes, start.withNotes) {
		return got
	}
	if problem := d.mend(change); problem != "" {
		got.needed++
		t.Error(problem)
	}
	objects, labels = readObjects(t, d.env, d.emulatorFile)
	states, _ := readStates(t, d.workspace.StateFile(), labels)
	lost, surplus := start.objects.compare(objects)
	for _, text := range lost {
		got.lost++
		t.Errorf("declared, and not there:\n%s", text)
	}
	for _, text := range surplus {
		if !change.mayLeave(text) {
			got.duplicated++
			t.Errorf("there, and not declared:\n%s", text)
		}
	}
	forgotten, invented := start.states.compare(states)
	if len(forgotten)+len(invented) > 0 {
		got.needed++
		t.Errorf("the state lacks:\n%s\nthe state has:\n%s", strings.Join(forgotten, "\n"), strings.Join(invented, "\n"))
	}
	if t.Failed() {
		t.Logf("The disturbed apply said:\n%s", d.output)
	}
	return got
}

// settle waits for the calls that outlive the apply which made them: nobody applies again as fast as a machine.
func settle(env *acctest.Env) {
	for deadline := time.Now().Add(5 * delay); time.Now().Before(deadline); time.Sleep(delay / 20) {
		ended := 0
		for _, request := range env.Emulator.Requests() {
			if request.Fault != "" {
				ended++
			}
		}
		if ended == env.Emulator.InjectedFaults() {
			return
		}
	}
}

// mend applies once more, and says what is wrong if the environment is not as declared then. It does so in the ordinary
// way: attempts have time, however busy the machine is.
func (d *disturbed) mend(change Change) (problem string) {
	if d.ownProcess {
		d.workspace.Attach()
	}
	d.workspace.Configure(d.env.Provider(""))
	d.workspace.Write(cmp.Or(change.After, change.Before))
	if output, err := d.workspace.ApplyResources(change.After); err != nil {
		return fmt.Sprintf("the next apply fails: %v\n%s", err, output)
	}
	if change.After == "" {
		return ""
	}
	return d.workspace.PlanProblem()
}
