package facts_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// report collects what a run against a real environment has found, and prints it: a line for each fact as it is asked,
// and at the end a text to publish.
type report struct {
	out io.Writer

	asAssumed, differing, undetermined []string
}

func (r *report) add(one fact, answer string, err error) {
	switch {
	case err != nil:
		r.undetermined = append(r.undetermined, fmt.Sprintf("%s: %v", one.key, err))
		r.say("could not be determined  %s: %v", one.key, err)
	case answer == one.assumed:
		r.asAssumed = append(r.asAssumed, one.key)
		r.say("as assumed               %s: %s", one.key, answer)
	default:
		line := fmt.Sprintf("%s: %s (assumed: %s; %s)", one.key, answer, one.assumed, one.mark)
		r.differing = append(r.differing, line)
		r.say("DIFFERS                  %s: saw %q where %q was assumed (%s)", one.key, answer, one.assumed, one.mark)
	}
}

func (r *report) finish() {
	if len(r.asAssumed)+len(r.differing)+len(r.undetermined) == 0 {
		return
	}
	r.say("\n----- To report this, paste the following into an issue. It names no customers and holds no secrets. -----\n")
	r.say("Facts of the platform, asked on %s", time.Now().UTC().Format(time.DateOnly))
	r.section("DIFFERS", r.differing)
	r.section("Could not be determined", r.undetermined)
	r.section("As assumed", []string{strings.Join(r.asAssumed, ", ")})
	r.say("\n----- End of the report -----")
}

func (r *report) section(title string, lines []string) {
	if len(lines) == 0 || lines[0] == "" {
		r.say("\n%s: nothing", title)
		return
	}
	r.say("\n%s:\n- %s", title, strings.Join(lines, "\n- "))
}

func (r *report) say(format string, arguments ...any) {
	fmt.Fprintf(r.out, format+"\n", arguments...)
}

func TestReport(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	report := report{out: &out}
	report.finish()
	if out.Len() > 0 {
		t.Errorf("a report of nothing is %q", out.String())
	}
	one := fact{key: "a.one", assumed: "yes", mark: inferred}
	report.add(one, "yes", nil)
	report.add(fact{key: "a.two", assumed: "yes", mark: unknown}, "no", nil)
	report.add(fact{key: "a.three", assumed: "yes", mark: seen}, "", undetermined{"the call failed"})
	report.add(fact{key: "a.four", assumed: "yes", mark: seen}, "yes", nil)
	report.finish()
	_, toPaste, _ := strings.Cut(out.String(), "-----\n")
	for _, want := range []string{
		"as assumed               a.one: yes\n",
		"DIFFERS                  a.two: saw \"no\" where \"yes\" was assumed (unknown)\n",
		"could not be determined  a.three: the call failed\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the run lacks %q:\n%s", want, out.String())
		}
	}
	for _, want := range []string{
		"\nDIFFERS:\n- a.two: no (assumed: yes; unknown)\n",
		"\nCould not be determined:\n- a.three: the call failed\n",
		"\nAs assumed:\n- a.one, a.four\n",
	} {
		if !strings.Contains(toPaste, want) {
			t.Errorf("the report lacks %q:\n%s", want, toPaste)
		}
	}
}

// What a report may have in it of the platform's own words holds no secrets and names nobody.
func TestReportsAreFitToPublish(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	clientID, clientSecret := env.Credentials()
	text := fmt.Sprintf("organization org_123456789012345678 and dirgroup_17 of %s/x,\n client %s with %s: %s",
		env.URL(), clientID, clientSecret, strings.Repeat("ü", 400))
	want := "organization org_… and dirgroup_17 of http://ENVIRONMENT/x, client CLIENT_ID with CLIENT_SECRET: " + strings.Repeat("ü", 400)
	want = string([]rune(want)[:longestReason]) + "…"
	if got := newRun(t, env).redact(text); got != want {
		t.Errorf("the text is %q, and should be %q", got, want)
	}
}
