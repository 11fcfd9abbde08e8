package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// adoption is a copy of the example, in which the steps of its guide are taken.
type adoption struct {
	t         *testing.T
	env       *acctest.Env
	workspace *acctest.Workspace
}

func adopt(t *testing.T, seed *emulator.Seed) adoption {
	t.Helper()
	env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
	workspace := env.Workspace(t)
	workspace.Copy(filepath.Join(examples, "adopt"))
	write(t, filepath.Join(workspace.Folder(), "read", "provider_override.tf"), env.Provider(""))
	return adoption{t, env, workspace}
}

func (a adoption) run(arguments ...string) string {
	a.t.Helper()
	output, err := a.workspace.Run(arguments...)
	if err != nil {
		a.t.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return output
}

// read reads the environment and returns the addresses that the import blocks give, by kind.
func (a adoption) read(arguments ...string) map[string][]string {
	a.t.Helper()
	a.run(append([]string{"-chdir=read", "apply", "-auto-approve", "-input=false", "-no-color"}, arguments...)...)
	blocks := a.run("-chdir=read", "output", "-raw", "import_blocks")
	write(a.t, filepath.Join(a.workspace.Folder(), "imports.tf"), blocks)
	labels := map[string][]string{}
	for _, to := range regexp.MustCompile(`(?m)^ {2}to = (\S+)$`).FindAllStringSubmatch(blocks, -1) {
		kind, label, _ := strings.Cut(to[1], ".")
		if !regexp.MustCompile(`^[a-z_][A-Za-z0-9_]*$`).MatchString(label) || slices.Contains(labels[kind], label) {
			a.t.Errorf("the address %s is not a unique name", to[1])
		}
		labels[kind] = append(labels[kind], label)
	}
	return labels
}

// mustHaveChangedNothing fails the test if a call since the emulator's start has written anything.
func (a adoption) mustHaveChangedNothing() {
	a.t.Helper()
	for _, request := range a.env.Emulator.Requests() {
		if !regexp.MustCompile(`^(Get|List|oauth/token$|auth/one-time-token$|svix\.\S+\.(get|get-secret|list)$)`).MatchString(request.RPC) {
			a.t.Errorf("the adoption called %s", request.RPC)
		}
	}
}

// adoptable counts what the import blocks have to name, by kind.
func adoptable(seed *emulator.Seed) map[string]int {
	counts := map[string]int{
		"scalekit_default_roles": 1, "scalekit_role": len(seed.Roles), "scalekit_permission": len(seed.Permissions),
		"scalekit_webhook_endpoint": len(seed.WebhookEndpoints), "scalekit_organization": len(seed.Organizations),
		"scalekit_organization_features": len(seed.Organizations), // a new organization has sso on
	}
	for _, organization := range seed.Organizations {
		if organization.SessionPolicy != nil {
			counts["scalekit_organization_session_policy"]++
		}
		if organization.UserManagement != nil {
			counts["scalekit_organization_user_management"]++
		}
		if slices.ContainsFunc(organization.Roles, func(role emulator.SeedRole) bool { return role.DefaultMember }) {
			counts["scalekit_organization_default_role"]++
		}
		counts["scalekit_organization_domain"] += len(organization.Domains)
		counts["scalekit_organization_role"] += len(organization.Roles)
		counts["scalekit_directory"] += len(organization.Directories)
		for _, directory := range organization.Directories {
			if slices.ContainsFunc(directory.Secrets, func(secret emulator.SeedDirectorySecret) bool { return secret.Status != "INACTIVE" }) {
				counts["scalekit_directory_secret"]++
			}
			if len(directory.RoleAssignments) > 0 {
				counts["scalekit_directory_role_assignments"]++
				counts["scalekit_directory_role_assignment"] += len(directory.RoleAssignments)
			}
		}
	}
	return counts
}

// A full environment, 20 organizations with everything, is adopted through import blocks with generated configuration,
// without a change and with an empty plan: by the example's own files and the steps of its guide.
func TestAdopt(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]string{
		"all roles of a directory": "scalekit_directory_role_assignment", "roles of single groups": "scalekit_directory_role_assignments",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := parseSeed(t, readFile(t, filepath.Join(examples, "adopt", "seed.json")))
			wanted := adoptable(seed)
			if wanted["scalekit_organization_default_role"] < 20 || wanted["scalekit_directory_secret"] < 20 {
				t.Fatalf("the example's environment is too small: %v", wanted)
			}
			delete(wanted, left)
			a := adopt(t, seed)
			var arguments []string
			if left == "scalekit_directory_role_assignments" {
				kinds, err := json.Marshal(slices.Sorted(maps.Keys(wanted)))
				if err != nil {
					t.Fatal(err)
				}
				arguments = []string{"-var=kinds=" + string(kinds)}
			}
			labels, found, sum := a.read(arguments...), map[string]int{}, 0
			for kind, ofKind := range labels {
				found[kind] = len(ofKind)
				sum += len(ofKind)
			}
			if !maps.Equal(found, wanted) {
				t.Fatalf("found is %v\nand should be %v", found, wanted)
			}

			a.run("plan", "-generate-config-out=generated.tf", "-out=tfplan", "-input=false", "-no-color")
			acctest.MustContain(t, a.run("apply", "-no-color", "tfplan"), fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", sum))
			a.workspace.MustBeClean()

			// References in place of ids, and the import blocks gone.
			write(t, filepath.Join(a.workspace.Folder(), "references.sed"), a.run("-chdir=read", "output", "-raw", "references"))
			edit := exec.Command("sed", "-i.bak", "-f", "references.sed", "generated.tf")
			edit.Dir = a.workspace.Folder()
			if output, err := edit.CombinedOutput(); err != nil {
				t.Fatalf("sed: %v\n%s", err, output)
			}
			generated := readFile(t, filepath.Join(a.workspace.Folder(), "generated.tf"))
			if regexp.MustCompile(`(?m)^[^#]*"(org|dir)_\d+"$`).MatchString(generated) || !strings.Contains(generated, "= scalekit_organization.globex.id\n") {
				t.Errorf("an id of an organization or a directory is left:\n%s", generated)
			}
			if err := os.Remove(filepath.Join(a.workspace.Folder(), "imports.tf")); err != nil {
				t.Fatal(err)
			}
			a.workspace.MustBeClean()
			a.mustHaveChangedNothing()
		})
	}
}

// What terraform query finds, and what is read because it does not, is everything.
func TestAdoptSettings(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(examples, "adopt")
	seed := parseSeed(t, readFile(t, filepath.Join(folder, "seed.json")))
	wanted := adoptable(seed)
	delete(wanted, "scalekit_directory_role_assignment")
	for _, list := range regexp.MustCompile(`(?m)^list "(\w+)" `).FindAllStringSubmatch(readFile(t, filepath.Join(folder, "adopt.tfquery.hcl")), -1) {
		if _, ok := wanted[list[1]]; !ok {
			t.Errorf("the query finds %s, of which the environment has none", list[1])
		}
		delete(wanted, list[1])
	}
	found := map[string]int{}
	for kind, labels := range adopt(t, seed).read("-var-file=settings.tfvars") {
		found[kind] = len(labels)
	}
	if !maps.Equal(found, wanted) {
		t.Errorf("found is %v\nand should be %v", found, wanted)
	}
}

// Whatever things are called, their addresses are names that Terraform takes, readable and unique.
func TestAdoptNames(t *testing.T) {
	t.Parallel()
	a := adopt(t, parseSeed(t, `{
 "permissions": [{"name": "::"}, {"name": "a:b"}, {"name": "a_b"}, {"name": "A__B"}],
 "roles": [{"name": "engineer"}, {"name": "ENGINEER"}, {"name": "_"}, {"name": "2nd"}],
 "organizations": [
  {"id": "org_100000000000000001", "display_name": "Acme", "domains": [{"domain": "labs.demo.example"}]},
  {"id": "org_100000000000000002", "display_name": "ACME!"},
  {"id": "org_100000000000000003", "display_name": "Labs", "external_id": "acme_org_100000000000000001"},
  {"id": "org_100000000000000004", "display_name": "${\"}\\n\nto = evil.thing"},
  {"id": "org_100000000000000005", "display_name": "\"", "slug": "quote"},
  {"id": "org_100000000000000006", "display_name": "日本"},
  {"id": "org_100000000000000007", "display_name": "x", "external_id": "org_100000000000000006"},
  {"id": "org_100000000000000008", "display_name": "Acme labs", "domains": [{"domain": "demo.example"}]},
  {"id": "org_100000000000000009", "display_name": "007"}]}`))
	labels := a.read()
	for kind, wanted := range map[string]string{
		"scalekit_organization": "_007 acme_labs acme_org_100000000000000001 acme_org_100000000000000001_org_100000000000000003 " +
			"acme_org_100000000000000002 n_to_evil_thing org_100000000000000006_org_100000000000000006 " +
			"org_100000000000000006_org_100000000000000007 quote",
		"scalekit_role":                "_2nd engineer_role_N engineer_role_N role_N",
		"scalekit_permission":          "a_b_perm_N a_b_perm_N a_b_perm_N perm_N",
		"scalekit_organization_domain": "acme_labs_demo_example_dom_N acme_labs_demo_example_dom_N",
	} {
		slices.Sort(labels[kind])
		got := strings.Join(labels[kind], " ")
		if kind != "scalekit_organization" {
			got = regexp.MustCompile(`_\d{9,}`).ReplaceAllString(got, "_N")
		}
		if got != wanted {
			t.Errorf("the names of %s are %s\nand should be %s", kind, got, wanted)
		}
	}
	a.run("plan", "-generate-config-out=generated.tf", "-input=false", "-no-color")
	acctest.MustContain(t, a.workspace.MustApply(), "0 added, 0 changed, 0 destroyed")
	a.workspace.MustBeClean()
}

// An empty environment has its default roles alone.
func TestAdoptNothing(t *testing.T) {
	t.Parallel()
	a := adopt(t, &emulator.Seed{})
	if labels := a.read(); len(labels) != 1 || len(labels["scalekit_default_roles"]) != 1 {
		t.Errorf("found is %v", labels)
	}
}
