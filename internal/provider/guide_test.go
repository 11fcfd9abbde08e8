package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
)

// guide is a page of the documentation that is run as a reader follows it, from an empty folder: its files are put where
// its text says, its shell blocks run one after the other in one shell, and what its text blocks quote has to be in the
// output of the shell block before them.
type guide struct {
	t      *testing.T
	folder string
	shell  *shell
	blocks []block
	// output is what the last shell block printed.
	output string
}

// block is what a reader takes from a guide.
type block struct {
	kind blockKind
	// text is the block's content; a file's is its path in the repository.
	text string
	// file is where the reader puts a file.
	file string
}

type blockKind string

const (
	fileBlock  blockKind = "file"
	shellBlock blockKind = "shell"
	quoteBlock blockKind = "text"
)

var (
	include  = regexp.MustCompile(`^\{\{ (?:tffile|codefile "\w+") "(.+)" \}\}$`)
	codeSpan = regexp.MustCompile("`([^`]+)`")
	// needs is how a section says which CLI it needs; with an older one it is left out.
	needs = regexp.MustCompile(`\bneeds? Terraform 1\.(\d+)(?: or OpenTofu 1\.(\d+))?\b`)
)

// parseGuide reads a guide's template. A file is named by the last code span before it.
func parseGuide(t *testing.T, template string) []block {
	t.Helper()
	var blocks []block
	var fence *block
	named := ""
	// What is left out for an older CLI is a section, or, if it is said before the first one, the whole guide.
	inSection, skipSection, skipAll := false, false, false
	add := func(one block) {
		if !skipSection && !skipAll {
			blocks = append(blocks, one)
		}
	}
	for _, line := range strings.Split(template, "\n") {
		language, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && fence != nil:
			if fence.kind == shellBlock || fence.kind == quoteBlock {
				add(*fence)
			}
			fence = nil
		case isFence:
			fence = &block{kind: blockKind(language)}
		case fence != nil:
			fence.text += line + "\n"
		case strings.HasPrefix(line, "## "):
			inSection, skipSection, named = true, false, ""
		case include.MatchString(line):
			path := include.FindStringSubmatch(line)[1]
			if filepath.Base(named) != filepath.Base(path) {
				t.Fatalf("the guide includes %s, and calls it %q before", path, named)
			}
			add(block{kind: fileBlock, text: path, file: named})
		default:
			if spans := codeSpan.FindAllStringSubmatch(line, -1); spans != nil {
				named = spans[len(spans)-1][1]
			}
			if needed := needs.FindStringSubmatch(line); len(needed) == 3 && !cliIs(t, needed[1], needed[2]) {
				skipSection, skipAll = true, skipAll || !inSection
			}
		}
	}
	return blocks
}

// cliIs reports whether the CLI that the tests run is as new as a minor version of Terraform or of OpenTofu, which is
// empty where no version of OpenTofu will do.
func cliIs(t *testing.T, terraform, tofu string) bool {
	t.Helper()
	name, minor := acctest.CLIVersion(t)
	needed := terraform
	if name == "OpenTofu" {
		needed = tofu
	}
	if needed == "" {
		return false
	}
	least, err := strconv.Atoi(needed)
	if err != nil {
		t.Fatal(err)
	}
	return minor >= least
}

// upTo follows the guide up to and including the shell block that has the text.
func (g *guide) upTo(text string) {
	g.t.Helper()
	for len(g.blocks) > 0 {
		next := g.blocks[0]
		g.step()
		if next.kind == shellBlock && strings.Contains(next.text, text) {
			g.quotes()
			return
		}
	}
	g.t.Fatalf("the rest of the guide has no shell block with %q", text)
}

// toEnd follows the guide to its end.
func (g *guide) toEnd() {
	g.t.Helper()
	for len(g.blocks) > 0 {
		g.step()
	}
}

// step takes the guide's next block.
func (g *guide) step() {
	g.t.Helper()
	next := g.blocks[0]
	g.blocks = g.blocks[1:]
	switch next.kind {
	case fileBlock:
		target := filepath.Join(g.folder, next.file)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			g.t.Fatal(err)
		}
		// The address of the emulator is the same in all guides, and another one in each test.
		write(g.t, target, strings.ReplaceAll(readFile(g.t, filepath.Join("..", "..", next.text)), "127.0.0.1:8787", g.shell.address))
	case shellBlock:
		shouldFail := len(g.blocks) > 0 && g.blocks[0].kind == quoteBlock && strings.HasPrefix(g.blocks[0].text, "Error: ")
		g.run(next.text, shouldFail)
	case quoteBlock:
		mustQuote(g.t, g.output, next.text)
	}
}

// quotes takes the text blocks that follow.
func (g *guide) quotes() {
	g.t.Helper()
	for len(g.blocks) > 0 && g.blocks[0].kind == quoteBlock {
		g.step()
	}
}

// run runs commands in the reader's shell.
func (g *guide) run(commands string, shouldFail bool) string {
	g.t.Helper()
	output, failed := g.shell.run(commands)
	output = color.ReplaceAllString(output, "")
	if failed != shouldFail {
		g.t.Fatalf("failed: %t, should: %t\n%s\n%s", failed, shouldFail, commands, output)
	}
	g.output = output
	return output
}

// read is the content of a file of the reader's.
func (g *guide) read(name string) string {
	g.t.Helper()
	return readFile(g.t, filepath.Join(g.folder, name))
}

// mustPlanNothing fails the test unless a plan finds no changes.
func (g *guide) mustPlanNothing() {
	g.t.Helper()
	g.run("terraform plan -detailed-exitcode", false)
}

// job runs the commands of a job of a GitHub Actions workflow, each step in a shell of its own, as a runner does. The step
// whose commands have the text failing has to fail, and ends the job; empty, none may.
func (g *guide) job(workflow, name, failing string) {
	g.t.Helper()
	g.run("echo 'jsonencode(yamldecode(file(\""+workflow+"\")).jobs."+name+".steps)' | terraform console >steps.json", false)
	encoded := g.read("steps.json")
	var content string
	var steps []struct{ Run string }
	if err := json.Unmarshal([]byte(encoded), &content); err != nil {
		g.t.Fatalf("job %s of %s: %v\n%s", name, workflow, err, encoded)
	}
	if err := json.Unmarshal([]byte(content), &steps); err != nil {
		g.t.Fatalf("job %s of %s: %v\n%s", name, workflow, err, content)
	}
	script := filepath.Join(g.t.TempDir(), "step.sh")
	for _, step := range steps {
		if step.Run == "" {
			continue
		}
		write(g.t, script, step.Run)
		fails := failing != "" && strings.Contains(step.Run, failing)
		g.run("bash --noprofile --norc -eo pipefail '"+script+"'", fails)
		if fails {
			return
		}
	}
	if failing != "" {
		g.t.Errorf("job %s of %s has no step with %q", name, workflow, failing)
	}
}

// mustQuote fails the test unless the output has every paragraph of a quotation, in that order.
func mustQuote(t *testing.T, output, quotation string) {
	t.Helper()
	rest := plain(output)
	for _, paragraph := range strings.Split(strings.TrimSpace(quotation), "\n\n") {
		_, after, found := strings.Cut(rest, plain(paragraph))
		if !found {
			t.Errorf("the guide quotes\n%s\nand that is not (or not in this order) in the output\n%s", paragraph, output)
			return
		}
		rest = after
	}
}

var (
	color  = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	frame  = regexp.MustCompile(`[│╷╵]`)
	id     = regexp.MustCompile(`\b([a-z]+)_\d{15,}\b`)
	suffix = regexp.MustCompile(`ends in "\w{4}"`)
)

// plain is a text without what differs from run to run and from terminal to terminal: ids, frames, and where lines
// break.
func plain(text string) string {
	text = frame.ReplaceAllString(text, "")
	text = id.ReplaceAllString(text, "${1}_…")
	text = suffix.ReplaceAllString(text, `ends in "…"`)
	return strings.Join(strings.Fields(text), " ")
}
