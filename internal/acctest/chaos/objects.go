package chaos

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

// texts are descriptions, and how often each is there.
type texts map[string]int

// compare returns what the other one lacks and what it has beyond these.
func (t texts) compare(other texts) (lost, surplus []string) {
	for text, count := range t {
		for range count - other[text] {
			lost = append(lost, text)
		}
	}
	for text, count := range other {
		for range count - t[text] {
			surplus = append(surplus, text)
		}
	}
	slices.Sort(lost)
	slices.Sort(surplus)
	return lost, surplus
}

// labels stand for ids, and for the environment's URL and host, which differ from one environment to the next. An id's label is
// made of what its object says.
type labels map[string]string

// refinements is how often labels are made anew of texts that have the labels of others: as often as references form a
// chain, such as that from a secret to its directory to its organization.
const refinements = 4

// secretFields are the fields of the emulator's objects and of Terraform's attributes whose values are random.
var secretFields = []string{
	"secret", "key", "txtRecordSecret", "secretSuffix", "txt_record_secret", "secret_suffix", "signing_secret",
}

// readObjects reads an emulator's state file. An object's text is its kind and all that it says, with labels for ids, and
// without times and secrets.
func readObjects(t *testing.T, env *acctest.Env, file string) (texts, labels) {
	t.Helper()
	var stored struct {
		Tables map[string][]struct {
			ID     string `json:"id"`
			Parent string `json:"parent"`
			Value  any    `json:"value"`
		} `json:"tables"`
	}
	if err := json.Unmarshal(read(t, file), &stored); err != nil {
		t.Fatal(err)
	}
	// Settings have the id of the organization that they belong to.
	known, kinds := labels{}, map[string]string{}
	for _, kind := range slices.Backward(slices.Sorted(maps.Keys(stored.Tables))) {
		for _, row := range stored.Tables[kind] {
			kinds[row.ID], known[row.ID] = kind, "<"+kind+">"
		}
	}
	objects := texts{}
	for range refinements {
		clear(objects)
		replacer := known.replacer()
		says := map[string][]string{} // by id
		for kind, rows := range stored.Tables {
			for _, row := range rows {
				text := kind + " " + plain(t, map[string]any{"parent": row.Parent, "value": row.Value}, replacer)
				objects[text]++
				says[row.ID] = append(says[row.ID], text)
			}
		}
		known = labels{env.URL(): "<url>", strings.TrimPrefix(env.URL(), "http://"): "<host>"}
		for id, lines := range says {
			slices.Sort(lines)
			sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
			known[id] = fmt.Sprintf("<%s %x>", kinds[id], sum[:4])
		}
	}
	return objects, known
}

// replacer puts labels in place of ids. Of ids that begin alike the longest comes first.
func (l labels) replacer() *strings.Replacer {
	var pairs []string
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(l))) {
		pairs = append(pairs, id, l[id])
	}
	return strings.NewReplacer(pairs...)
}

// plain is JSON without what differs from one environment to the next.
func plain(t *testing.T, value any, replacer *strings.Replacer) string {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(mask(value, replacer)); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}

func mask(value any, replacer *strings.Replacer) any {
	switch value := value.(type) {
	case map[string]any:
		masked := make(map[string]any, len(value))
		for name, member := range value {
			text, isText := member.(string)
			if isText && text != "" && slices.Contains(secretFields, name) {
				masked[name] = "<secret>"
				continue
			}
			masked[replacer.Replace(name)] = mask(member, replacer)
		}
		return masked
	case []any:
		masked := make([]any, len(value))
		for i := range value {
			masked[i] = mask(value[i], replacer)
		}
		return masked
	case string:
		// The year 1 stands for never.
		if at, err := time.Parse(time.RFC3339, value); err == nil && at.Year() > 1 {
			return "<time>"
		}
		return replacer.Replace(value)
	default:
		return value
	}
}

// terraformState is what matters here of Terraform's state file.
type terraformState struct {
	Resources []struct {
		Type      string `json:"type"`
		Name      string `json:"name"`
		Mode      string `json:"mode"`
		Instances []struct {
			Status     string `json:"status,omitempty"` // "tainted"
			IndexKey   any    `json:"index_key,omitempty"`
			Attributes any    `json:"attributes"`
			Private    []byte `json:"private,omitempty"` // the provider's notes
		} `json:"instances"`
	} `json:"resources"`
}

// readStates reads what Terraform's state says of each resource, with the labels of the environment's objects: the
// attributes, and in the second result the provider's notes as well.
func readStates(t *testing.T, file string, known labels) (states, withNotes texts) {
	t.Helper()
	states, withNotes = texts{}, texts{}
	replacer := known.replacer()
	for _, resource := range parseState(t, read(t, file)).Resources {
		for _, instance := range resource.Instances {
			says := map[string]any{
				"address": resource.Type + "." + resource.Name, "index": instance.IndexKey, "status": instance.Status,
				"attributes": instance.Attributes,
			}
			states[plain(t, says, replacer)]++
			says["notes"] = notes(t, instance.Private)
			withNotes[plain(t, says, replacer)]++
		}
	}
	return states, withNotes
}

// notes are what the provider's framework keeps in a resource's private state.
func notes(t *testing.T, private []byte) map[string]any {
	t.Helper()
	if len(private) == 0 {
		return nil
	}
	var encoded map[string][]byte
	if err := json.Unmarshal(private, &encoded); err != nil {
		t.Fatal(err)
	}
	says := map[string]any{}
	for key, value := range encoded {
		says[key] = string(value)
	}
	return says
}

// resourceTypes are the types of the resources in state files, sorted.
func resourceTypes(t *testing.T, contents ...[]byte) []string {
	t.Helper()
	types := map[string]bool{}
	for _, content := range contents {
		for _, resource := range parseState(t, content).Resources {
			if resource.Mode == "managed" {
				types[resource.Type] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(types))
}

func parseState(t *testing.T, content []byte) terraformState {
	t.Helper()
	var state terraformState
	if len(content) > 0 {
		if err := json.Unmarshal(content, &state); err != nil {
			t.Fatal(err)
		}
	}
	return state
}
