package provider_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// forged is a name that an identity provider may choose in order to fool whoever reads a plan or the CI that prints it.
const forged = "x\x1b[2J\n::error::forged\n##[error]forged\nNo changes. Your infrastructure matches the configuration.\n"

// mustNotBeForged fails the test if third-party text reaches the terminal as it is.
func mustNotBeForged(t *testing.T, output string) {
	t.Helper()
	if strings.Contains(output, "\x1b") {
		t.Errorf("the output has an escape sequence:\n%q", output)
	}
	for line := range strings.Lines(output) {
		for _, start := range []string{"::", "##[", "##vso[", "No changes. Your infrastructure matches"} {
			if strings.HasPrefix(strings.TrimLeft(line, " │╷╵"), start) {
				t.Errorf("a line is forged: %q in\n%s", line, output)
			}
		}
	}
	if len(output) > 100_000 {
		t.Errorf("the output has %d bytes", len(output))
	}
}

// Names that customers and their identity providers choose are quoted in everything that a plan or an apply says of them.
func TestNamesInMessages(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(forged)
	if err != nil {
		t.Fatal(err)
	}
	seed := parseSeed(t, strings.ReplaceAll(`{"roles": [{"name": "engineer", "display_name": NAME}],
 "organizations": [{"id": "org_100000000000000001", "display_name": NAME, "external_id": "globex",
  "domains": [{"domain": "globex.example"}],
  "users": [{"email": "ada@globex.example", "given_name": NAME, "roles": ["engineer"]}],
  "directories": [{"id": "dir_100000000000000001", "name": NAME,
   "groups": [{"id": "dirgroup_100000000000000001", "display_name": NAME}, {"id": "dirgroup_100000000000000002", "display_name": NAME}]}]}]}`, "NAME", string(quoted)))
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	for name, test := range map[string]struct{ resources, says string }{
		"a taken external_id": {`
resource "scalekit_organization" "new" {
  display_name = "New"
  external_id  = "globex"
}`, "The key is taken"},
		"a taken role": {"resource \"scalekit_role\" \"new\" {\nname = \"engineer\"\ndisplay_name = \"New\"\n}", "The key is taken"},
		"a missing group": {`
resource "scalekit_directory_role_assignments" "new" {
  organization_id  = "org_100000000000000001"
  directory_id     = "dir_100000000000000001"
  role_by_group_id = { dirgroup_100000000000000009 = "engineer" }
}`, "The group does not exist"},
		"ambiguous names": {`
data "scalekit_directory_groups" "all" {
  organization_id = "org_100000000000000001"
  directory_id    = "dir_100000000000000001"
}`, "is ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := env.Workspace(t)
			workspace.Write(test.resources)
			output, _ := workspace.Run("plan", "-no-color", "-input=false")
			acctest.MustContain(t, output, test.says)
			if begin := strings.Index(output, "Warning: "); begin > 0 {
				output = output[begin:] // what Terraform says itself comes before
			}
			mustNotBeForged(t, output)
		})
	}
	t.Run("a destroy", func(t *testing.T) {
		t.Parallel()
		workspace := env.Workspace(t)
		workspace.Write(importIDs{
			"scalekit_organization.globex": "external_id:globex", "scalekit_role.engineer": "engineer",
			"scalekit_directory.globex": "org_100000000000000001/dir_100000000000000001",
		}.blocks())
		if output, err := workspace.Run("plan", "-generate-config-out=generated.tf", "-input=false", "-no-color"); err != nil {
			t.Fatalf("plan: %v\n%s", err, output)
		}
		workspace.MustApply()
		output, err := workspace.Run("plan", "-destroy", "-no-color", "-input=false")
		if err != nil {
			t.Fatalf("plan: %v\n%s", err, output)
		}
		begin := strings.Index(output, "Warning: ")
		if begin < 0 {
			t.Fatalf("the destroy is not warned of:\n%s", output)
		}
		mustNotBeForged(t, output[begin:]) // Terraform itself prints the attributes before
	})
}

// What the platform says of a failure is quoted and cut, for every call of every resource.
func TestMessagesOfThePlatform(t *testing.T) {
	t.Parallel()
	const resources = `
resource "scalekit_organization" "acme" {
  display_name = "Acme"
}
resource "scalekit_organization_domain" "acme" {
  organization_id = "org_100000000000000001"
  domain          = "acme.example"
}
resource "scalekit_organization_features" "acme" {
  organization_id = "org_100000000000000001"
  sso             = true
}
resource "scalekit_organization_session_policy" "acme" {
  organization_id          = "org_100000000000000001"
  absolute_session_timeout = "8h"
}
resource "scalekit_organization_user_management" "acme" {
  organization_id   = "org_100000000000000001"
  max_allowed_users = 5
}
resource "scalekit_directory" "acme" {
  organization_id = "org_100000000000000001"
}
resource "scalekit_directory_secret" "acme" {
  organization_id = "org_100000000000000001"
  directory_id    = "dir_100000000000000001"
}
resource "scalekit_directory_role_assignments" "acme" {
  organization_id  = "org_100000000000000001"
  directory_id     = "dir_100000000000000001"
  role_by_group_id = { dirgroup_100000000000000001 = "admin" }
}
resource "scalekit_role" "acme" {
  name         = "builder"
  display_name = "Builder"
}
resource "scalekit_organization_role" "acme" {
  organization_id = "org_100000000000000001"
  name            = "clerk"
  display_name    = "Clerk"
}
resource "scalekit_permission" "acme" {
  name = "billing:read"
}
resource "scalekit_default_roles" "acme" {
  default_creator_role = "admin"
  default_member_role  = "admin"
}
resource "scalekit_organization_default_role" "acme" {
  organization_id     = "org_100000000000000001"
  default_member_role = "admin"
}
resource "scalekit_webhook_endpoint" "acme" {
  url = "https://hooks.acme.example"
}
`
	seed := parseSeed(t, `{"organizations": [{"id": "org_100000000000000001", "display_name": "Globex",
  "directories": [{"id": "dir_100000000000000001", "groups": [{"id": "dirgroup_100000000000000001", "display_name": "IT"}]}]}]}`)
	for _, code := range []string{"PERMISSION_DENIED", "INTERNAL"} {
		for _, rpc := range []string{"*", "svix.*"} {
			t.Run(code+"/"+rpc, func(t *testing.T) {
				t.Parallel()
				env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
				workspace := env.Workspace(t)
				workspace.Configure(env.Provider("max_retries = 0\n  plan_checks = false"))
				workspace.Write(resources)
				if err := env.Emulator.SetFaults([]emulator.Fault{{
					RPC: rpc, Kind: emulator.FaultErrorBefore, Code: code, Count: -1, Message: forged + strings.Repeat("long ", 1000),
				}}); err != nil {
					t.Fatal(err)
				}
				output, err := workspace.Apply()
				if err == nil {
					t.Fatalf("the apply succeeds:\n%s", output)
				}
				acctest.MustContain(t, output, "more characters)")
				mustNotBeForged(t, output)
			})
		}
	}
}

// thirdParty are getters of the API's messages whose texts anybody may choose, and errors, which hold the platform's words.
var thirdParty = map[string]bool{
	"GetDisplayName": true, "GetEmail": true, "GetGivenName": true, "GetFamilyName": true, "GetDescription": true, "GetErrorMessage": true,
	"GetExternalId": true, "Reason": true,
}

// No message is made of such a text but by the functions that quote it. The code is read, since no run reaches every message.
func TestMessagesQuoteThirdPartyText(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || calleeOf(call) != "Sprintf" && calleeOf(call) != "Errorf" && calleeOf(call) != "Fprintf" {
				return true
			}
			for _, argument := range call.Args {
				inner, ok := argument.(*ast.CallExpr)
				if !ok {
					continue
				}
				switch name := calleeOf(inner); {
				case name == "Quote" || name == "Text" || name == "QuoteAll":
					found++
				case thirdParty[name]:
					t.Errorf("%s: %s goes into a message as it is", files.Position(inner.Pos()), name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 10 {
		t.Errorf("only %d texts are quoted: the test does not see them", found)
	}
}

func calleeOf(call *ast.CallExpr) string {
	switch callee := call.Fun.(type) {
	case *ast.SelectorExpr:
		return callee.Sel.Name
	case *ast.Ident:
		return callee.Name
	default:
		return fmt.Sprintf("%T", callee)
	}
}
