package provider_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// hostile are texts that a name may be. Terraform brings every text into Unicode's normal form C before a provider sees
// it, so none but the one that is about that is in another form.
var hostile = map[string]string{
	"quotes":          `"Acme" 'n' ` + "`sons`",
	"backslashes":     `C:\new\table\u0041\\`,
	"newlines":        "first\nsecond\n\nfourth\n",
	"windows_lines":   "first\r\nsecond\r\rthird\r\n",
	"template":        `${path.module} $${x} ${ "$" }$`,
	"directive":       `%{ if true }yes%{ endif } %%{x} 100%`,
	"json":            `{"a": ["b", null]}`,
	"emoji":           "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 1️⃣",
	"right_to_left":   "שלום עולם مرحبا",
	"marks":           "a\u202eb\u202cc\u2066d\u2069e\u200ff\u200eg\ufeffh\u200bi\u2060j",
	"composed":        "Zo\u00eb \u00c5ngstr\u00f6m \uac00",
	"spaces":          "  leading and trailing \t ",
	"odd_spaces":      "\u00a0no-break\u2003em\u3000ideographic\u2028line\u2029paragraph\u0085next\u00a0",
	"controls":        "bell\u0007 escape\u001b[31mred\u001b[0m delete\u007f",
	"looks_like_null": "null",
	"looks_like_html": `<script>alert("1")</script>&amp;`,
	"unassigned":      "\U000e0041\U0010fffd\ufffd\ue000",
	"zero_width":      "\u200d\u200d",
	"one":             "é",
	"long_narrow":     strings.Repeat("x", 200),
	"long_wide":       strings.Repeat("👩🏽", 100), // 200 characters, 800 bytes.
	"long_combined":   strings.Repeat("q\u0323\u0307", 66) + "ab",
}

// cut shortens a text to so many characters.
func cut(text string, characters int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), characters)])
}

// printable is what a text is where control characters are refused: in the description of a webhook endpoint.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			return '.'
		}
		return r
	}, text)
}

// key makes a text long enough for a key of metadata.
func key(text string) string { return cut("key"+text, 25) }

// named are resources of every kind that has free text, all of it the given one.
func named(label, text string) string {
	return strings.NewReplacer(
		"LABEL", label, "TEXT_32", acctest.HCL(cut(text, 32)), "TEXT_100", acctest.HCL(cut(text, 100)), "TEXT_200", acctest.HCL(text),
		"KEY_25", acctest.HCL(key(text)), "KEY_32", acctest.HCL(cut(text, 32)), "TEXT_PRINTABLE", acctest.HCL(printable(text)),
	).Replace(`
resource "scalekit_organization" "LABEL" {
  display_name = TEXT_200
  external_id  = TEXT_200
  metadata     = { KEY_25 = TEXT_200 }
}
resource "scalekit_permission" "LABEL" {
  name        = "LABEL"
  description = TEXT_200
}
resource "scalekit_role" "LABEL" {
  name         = "LABEL"
  display_name = TEXT_100
  description  = TEXT_200
}
resource "scalekit_organization_role" "LABEL" {
  organization_id = scalekit_organization.LABEL.id
  name            = "of_LABEL"
  display_name    = TEXT_100
  description     = TEXT_200
}
resource "scalekit_directory" "LABEL" {
  organization_id   = scalekit_organization.LABEL.id
  attribute_mapping = { KEY_32 = TEXT_32 }
}
resource "scalekit_webhook_endpoint" "LABEL" {
  url         = "https://hooks.example/LABEL"
  uid         = "LABEL"
  description = TEXT_PRINTABLE
  metadata    = { TEXT_200 = TEXT_200 }
}
`)
}

// imports are import blocks for the resources of named. The organization goes by its external id, which is hostile, too.
func imports(t *testing.T, env *acctest.Env, label, text string) string {
	t.Helper()
	client := env.Client()
	org, err := client.Organizations.GetOrganizationByExternalId(t.Context(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{
		Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: text},
	}))
	if err != nil {
		t.Fatalf("%s: %v", label, err)
	}
	id := org.Msg.GetOrganization().GetId()
	directory := directoryOf(t, client, id)
	blocks := ""
	for _, one := range [][2]string{
		{"organization", "external_id:" + text},
		{"permission", label},
		{"role", label},
		{"organization_role", id + "/of_" + label},
		{"directory", id + "/" + directory},
		{"webhook_endpoint", "uid:" + label},
	} {
		blocks += fmt.Sprintf("import {\n  to = scalekit_%s.%s\n  id = %s\n}\n", one[0], label, acctest.HCL(one[1]))
	}
	return blocks
}

// Whatever a name is, it goes through create, read, import and update unchanged.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	client := env.Client()
	workspace := env.Workspace(t)

	all, blocks := "", ""
	for label, text := range hostile {
		all += named(label, text)
	}
	workspace.Write(all)
	workspace.MustApply()
	workspace.MustBeClean()

	for label, text := range hostile {
		blocks += imports(t, env, label, text)
		found, err := client.Organizations.GetOrganizationByExternalId(t.Context(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{
			Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: text},
		}))
		if err != nil {
			t.Fatal(err)
		}
		org := found.Msg.GetOrganization()
		if org.GetDisplayName() != text || len(org.GetMetadata()) != 1 || org.GetMetadata()[key(text)] != text {
			t.Errorf("%s: %q has become %v", label, text, org)
		}
		role, err := client.Roles.GetRole(t.Context(), connect.NewRequest(&rolesv1.GetRoleRequest{RoleName: label}))
		if err != nil {
			t.Fatal(err)
		}
		if got := role.Msg.GetRole(); got.GetDisplayName() != cut(text, 100) || got.GetDescription() != text {
			t.Errorf("%s: %q has become %v", label, text, got)
		}
	}

	other := env.Workspace(t)
	other.Write(all + blocks)
	acctest.MustContain(t, other.MustApply(), fmt.Sprintf("Resources: %d imported, 0 added, 0 changed, 0 destroyed.", 6*len(hostile)))
	other.MustBeClean()

	// Every text gives way to the next one's, which begins differently now: external ids are unique.
	changed, labels := "", slices.Sorted(maps.Keys(hostile))
	for i, label := range labels {
		changed += named(label, cut("2 "+hostile[labels[(i+1)%len(labels)]], 200))
	}
	workspace.Write(changed)
	acctest.MustContain(t, workspace.MustApply(), fmt.Sprintf("Resources: 0 added, %d changed, 0 destroyed.", 6*len(hostile)))
	workspace.MustBeClean()
	if output, err := workspace.Destroy(); err != nil {
		t.Errorf("destroy: %v\n%s", err, output)
	}
}

// Terraform knows texts in Unicode's normal form C alone: a name that the platform has in another form is no difference
// to it, and stays as it is until it is changed.
func TestNamesInAnotherNormalForm(t *testing.T) {
	t.Parallel()
	const decomposed, composed = "Zoe\u0308 A\u030angstro\u0308m", "Zo\u00eb \u00c5ngstr\u00f6m"
	env := acctest.StartEmulator(t, emulator.Options{Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: "org_1", DisplayName: decomposed, ExternalID: decomposed, Metadata: map[string]string{"plan": decomposed}},
	}}})
	for name, text := range map[string]string{"composed": composed, "decomposed": decomposed} {
		workspace := env.Workspace(t)
		workspace.Write(strings.ReplaceAll(`
import {
  to = scalekit_organization.zoe
  id = "org_1"
}
resource "scalekit_organization" "zoe" {
  display_name = TEXT
  external_id  = TEXT
  metadata     = { plan = TEXT }
}`, "TEXT", `"`+text+`"`))
		acctest.MustContain(t, workspace.MustApply(), "Resources: 1 imported, 0 added, 0 changed, 0 destroyed.")
		workspace.MustBeClean()
		got, err := env.Client().Organizations.GetOrganization(t.Context(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{
			Identities: &organizationsv1.GetOrganizationRequest_Id{Id: "org_1"},
		}))
		if err != nil || got.Msg.GetOrganization().GetDisplayName() != decomposed {
			t.Errorf("%s: the platform has %v (%v)", name, got, err)
		}
	}
}

// What the platform's rules refuse the plan refuses, with the rule and the attribute.
func TestHostileNamesAreRefusedByThePlan(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	organization := func(attributes string) string {
		return "resource \"scalekit_organization\" \"x\" {\n" + attributes + "\n}\n"
	}
	for _, test := range []struct{ name, resources, want string }{
		{"a character too many", organization("display_name = " + acctest.HCL(strings.Repeat("👩", 201))), "between 1 and 200"},
		{"no display name", organization(`display_name = ""`), "between 1 and 200"},
		{"an external id of 256", organization("display_name = \"x\"\nexternal_id = " + acctest.HCL(strings.Repeat("é", 256))), "between 1 and 255"},
		{"a metadata value of 257", organization("display_name = \"x\"\nmetadata = { plan = " + acctest.HCL(strings.Repeat("é", 257)) + " }"), "between 1 and 256"},
		{"a metadata key of 26", organization("display_name = \"x\"\nmetadata = { " + acctest.HCL(strings.Repeat("é", 26)) + " = \"x\" }"), "between 3 and 25"},
		{"a role's display name of 101", `resource "scalekit_role" "x" {
  name         = "x"
  display_name = ` + acctest.HCL(strings.Repeat("👩", 101)) + "\n}", "between 1 and 100"},
		{"an attribute of 33", `resource "scalekit_directory" "x" {
  organization_id   = "org_1"
  attribute_mapping = { email = ` + acctest.HCL(strings.Repeat("é", 33)) + " }\n}", "between 1 and 32"},
	} {
		workspace.Write(test.resources)
		mustRefuse(t, workspace, test.name, test.want)
	}
	refused := ""
	for label, text := range hostile {
		refused += fmt.Sprintf(`
resource "scalekit_role" %[1]q {
  name         = %[2]s
  display_name = "x"
}
resource "scalekit_permission" %[1]q {
  name        = %[3]s
  description = "x"
}
resource "scalekit_webhook_endpoint" %[1]q {
  url = "https://hooks.example"
  uid = %[3]s
}
`, label, acctest.HCL("!"+cut(text, 63)), acctest.HCL("é"+text))
	}
	workspace.Write(refused)
	output := mustRefuse(t, workspace, "names of another alphabet")
	for _, want := range []string{"must be 1 to 64 letters, digits and underscores", "letters, digits, underscores and colons", "letters, digits, hyphens, underscores and dots"} {
		if got := len(acctest.Words(want).FindAllString(output, -1)); got < len(hostile) {
			t.Errorf("%q is said %d times of %d:\n%s", want, got, len(hostile), output)
		}
	}

	// What is wrong with a domain is partly for the validation to say, and then no plan is made.
	for label, text := range hostile {
		workspace.Write(fmt.Sprintf("resource \"scalekit_organization_domain\" \"x\" {\n  organization_id = \"org_1\"\n  domain = %s\n}\n", acctest.HCL(text)))
		mustRefuse(t, workspace, label, "Invalid domain")
	}

	// The webhook server takes no control characters but tab and newline in a description.
	for label, text := range hostile {
		if printable(text) == text {
			continue
		}
		workspace.Write(fmt.Sprintf("resource \"scalekit_webhook_endpoint\" \"x\" {\n  url = \"https://hooks.example\"\n  description = %s\n}\n", acctest.HCL(text)))
		mustRefuse(t, workspace, label, "control character")
	}
	for label, text := range hostile {
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 200 {
			t.Errorf("%s is not a name: %q", label, text)
		}
	}
}

// mustRefuse fails the test unless a plan fails and says why.
func mustRefuse(t *testing.T, workspace *acctest.Workspace, what string, wants ...string) string {
	t.Helper()
	output, err := workspace.Run("plan", "-input=false", "-no-color")
	if err == nil {
		t.Errorf("%s: the plan lets it through:\n%s", what, output)
	}
	if regexp.MustCompile(`(?i)panic|did not respond|inconsistent`).MatchString(output) {
		t.Errorf("%s: the provider broke:\n%s", what, output)
	}
	acctest.MustContain(t, output, wants...)
	return output
}

// directoryOf is the id of an organization's only directory.
func directoryOf(t *testing.T, client *scalekit.Client, organizationID string) string {
	t.Helper()
	reply, err := client.Directories.ListDirectories(t.Context(), connect.NewRequest(&directoriesv1.ListDirectoriesRequest{
		OrganizationId: organizationID,
	}))
	if err != nil || len(reply.Msg.GetDirectories()) != 1 {
		t.Fatalf("directories of %s: %v (%v)", organizationID, reply, err)
	}
	return reply.Msg.GetDirectories()[0].GetId()
}
