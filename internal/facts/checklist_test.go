package facts_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

const checklistFile = "README.md"

var write = flag.Bool("write", false, "write "+checklistFile+" anew")

const introduction = `# What the platform is assumed to do

Scalekit does not document all that the provider and the emulator have to know, and documents some of it in two ways. This
is the list of what is assumed, as questions to the platform. The emulator gives the answers below; where the platform may
as well give another, the emulator can do that too, and the provider is tested with both.

Who has an environment that is made for tests can ask it all of this in one run:

` + "```shell" + `
export SCALEKIT_ENVIRONMENT_URL=… SCALEKIT_CLIENT_ID=… SCALEKIT_CLIENT_SECRET=…
make testacc ARGS="-run TestFacts"
` + "```" + `

The run prints a line for each question, "as assumed", "DIFFERS" or "could not be determined", and at the end a report to
paste into an issue. The report names no customers and holds no secrets. An answer that differs does not fail the run.

What the run creates has a name with "tf" and eight digits and letters, and is removed at the end: organizations with their
domains, directories and users, roles, permissions and disabled webhook endpoints. It sends no e-mail, changes nothing that
was there before, and prints nothing of it.

Each question is followed by the assumed answer and by what depends on it. An assumption is *inferred* from what is
documented, *seen* in the code or the tests of one of Scalekit's SDKs, *contradictory* where public sources differ, or
*unknown* where none says anything.
`

const unaskable = `
## What cannot be asked so

- The rate limit and the quotas themselves: to find them is to exceed them.
- What needs a person or an identity provider: verification of a domain by DNS and its time limit, the admin portal, users
  that a directory brings, invitations and their end.
- What would change the environment for others: its default roles, its built-in roles and permissions, its session policy.
- What needs an address that Scalekit can reach: deliveries of events, their retries, and the channels of their messages.
`

// The checklist is made of the facts. To write it anew: go test ./internal/facts -run TestChecklist -write.
func TestChecklist(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(introduction)
	for _, one := range areas {
		fmt.Fprintf(&text, "\n## %s\n\n", one.name)
		for _, fact := range one.facts {
			fmt.Fprintf(&text, "- [ ] `%s`: %s\n  **%s** (%s).", fact.key, fact.question, fact.assumed, fact.mark)
			for i, other := range fact.variants {
				text.WriteString(yesNo(i == 0, " The emulator can also answer: ", "; ") + other.answer)
			}
			fmt.Fprintf(&text, "%s\n  %s\n", yesNo(len(fact.variants) > 0, ".", ""), fact.relies)
		}
	}
	text.WriteString(unaskable)
	if *write {
		if err := os.WriteFile(checklistFile, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(checklistFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != text.String() {
		t.Errorf("%s is not what the facts make it: go test ./internal/facts -run TestChecklist -write", checklistFile)
	}
}
