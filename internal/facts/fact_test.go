// Package facts_test asks an environment about everything that Scalekit does not document, or documents in two ways, and
// that the provider or the emulator relies on. README.md lists it all.
package facts_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// fact is a question to the platform, and the answer that is assumed as long as nobody has asked it.
type fact struct {
	// key names the fact for ever: reports refer to it.
	key string
	// question ends with a question mark.
	question string
	// assumed is the answer that the emulator gives, in the probe's words.
	assumed string
	// mark says where the assumption comes from.
	mark mark
	// relies says what depends on the answer.
	relies string
	// probe asks. Its answer has no names, ids or secrets in it, so that it can be published. A call that fails for a
	// reason of its own ends the probe, and the fact cannot be determined.
	probe func(*run) string
	// variants are the ways in which the emulator can give another answer.
	variants []variant
}

// mark is where an assumption comes from.
type mark string

const (
	// inferred from what is documented, or from how others do it.
	inferred mark = "inferred"
	// unknown: nothing public says anything.
	unknown mark = "unknown"
	// contradictory: public sources say different things.
	contradictory mark = "contradictory"
	// seen in the code or the tests of one of Scalekit's SDKs.
	seen mark = "seen"
)

// variant is an answer that differs, and how the emulator is made to give it.
type variant struct {
	quirks emulator.Quirks
	answer string
}

// area is a group of facts, in the order of the checklist.
type area struct {
	name  string
	facts []fact
}

var areas = []area{
	{"Authentication and errors", transportFacts},
	{"Organizations", organizationFacts},
	{"Features and settings", settingsFacts},
	{"Domains", domainFacts},
	{"Directories", directoryFacts},
	{"Directory groups and their roles", groupFacts},
	{"Roles", roleFacts},
	{"Permissions", permissionFacts},
	{"Users and memberships", userFacts},
	{"Admin portal links", portalLinkFacts},
	{"Webhooks", webhookFacts},
}

func everyFact() []fact {
	var facts []fact
	for _, one := range areas {
		facts = append(facts, one.facts...)
	}
	return facts
}

// The emulator does all that is assumed. A real environment, under make testacc, may do otherwise: that is what the run
// is for, and it prints a report.
func TestFacts(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t)
	if err := env.Client().Authenticate(t.Context()); err != nil {
		t.Fatal(err)
	}
	report := report{out: os.Stdout} // not t.Log: what the platform does is no failure, and is to be seen all the same
	for _, one := range everyFact() {
		answer, err := ask(t, env, one)
		if env.Emulator == nil {
			report.add(one, answer, err)
			continue
		}
		if err != nil || answer != one.assumed {
			t.Errorf("%s: %s\nThe answer is %q (%v), and should be %q.", one.key, one.question, answer, err, one.assumed)
		}
	}
	report.finish()
}

// Every probe that can be told a different answer tells it: an answer is what was seen, not what was hoped for.
func TestProbesTellDifferences(t *testing.T) {
	t.Parallel()
	acctest.StartEmulator(t, emulator.Options{}) // a real environment skips this test once, and not once for each variant
	for _, one := range everyFact() {
		for _, other := range one.variants {
			t.Run(one.key+"/"+other.answer, func(t *testing.T) {
				t.Parallel()
				env := acctest.StartEmulator(t, emulator.Options{Quirks: other.quirks})
				answer, err := ask(t, env, one)
				if err != nil || answer != other.answer || answer == one.assumed {
					t.Errorf("%s\nThe answer is %q (%v), and should be %q, which is not %q.", one.question, answer, err, other.answer, one.assumed)
				}
			})
		}
	}
}

// unasked are the emulator's quirks that no probe asks about, with the reason.
var unasked = map[string]string{
	"EventsHaveChannels": "it takes an address that Scalekit can deliver events to",
}

// Whatever the emulator can do in two ways is asked about.
func TestEveryQuirkIsAFact(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	for _, one := range everyFact() {
		for _, other := range one.variants {
			for field, value := range reflect.ValueOf(other.quirks).Fields() {
				asked[field.Name] = asked[field.Name] || value.Bool()
			}
		}
	}
	for field := range reflect.TypeFor[emulator.Quirks]().Fields() {
		if asked[field.Name] == (unasked[field.Name] != "") {
			t.Errorf("the quirk %s is asked about by no variant of a fact, or it is and is listed as unasked", field.Name)
		}
	}
}

// Facts are well formed, so that a report can be read and compared with another.
func TestFactsAreWellFormed(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$`)
	marks := []mark{inferred, unknown, contradictory, seen}
	known := map[string]bool{}
	for _, one := range everyFact() {
		if !form.MatchString(one.key) || known[one.key] {
			t.Errorf("the key %q is there twice or has another form than area.what-it-is", one.key)
		}
		known[one.key] = true
		if !strings.HasSuffix(one.question, "?") || !strings.HasSuffix(one.relies, ".") || one.assumed == "" {
			t.Errorf("%s: the question has no question mark, what relies on it no full stop, or nothing is assumed", one.key)
		}
		if !slices.Contains(marks, one.mark) {
			t.Errorf("%s: there is no mark %q", one.key, one.mark)
		}
	}
}

// ask asks an environment about a fact, and removes what that has taken.
func ask(t *testing.T, env *acctest.Env, one fact) (answer string, err error) {
	t.Helper()
	r := newRun(t, env)
	defer r.cleanUp()
	defer func() {
		// A probe makes many calls, each of which may fail for a reason of its own; so they leave it by a panic.
		switch left := recover().(type) {
		case nil:
		case undetermined:
			err = left
		default:
			panic(left)
		}
	}()
	return r.redact(one.probe(r)), nil
}

// undetermined is why a fact cannot be determined.
type undetermined struct{ reason string }

func (u undetermined) Error() string { return u.reason }

func giveUp(format string, arguments ...any) { panic(undetermined{fmt.Sprintf(format, arguments...)}) }
