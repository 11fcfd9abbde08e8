package provider_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// guides are the guides that are run, and how: each follows its guide from beginning to end, and looks at what a reader
// does not see.
var guides = map[string]func(*guide){
	"adopt-an-existing-environment":     adoptEnvironment,
	"onboard-a-customer":                onboardACustomer,
	"review-plans-in-a-gitops-pipeline": reviewPlans,
	"secrets-and-rotation":              rotateSecrets,
	"test-without-an-account":           (*guide).toEnd,
}

// Every guide says what happens: whoever follows it from an empty folder sees what it quotes.
func TestGuides(t *testing.T) {
	t.Parallel()
	acctest.NeedEmulator(t)
	installed := installTools(t)
	for name, follow := range guides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blocks := parseGuide(t, readFile(t, filepath.Join("..", "..", "templates", "guides", name+".md.tmpl")))
			if len(blocks) == 0 {
				t.Skip("the guide needs a newer CLI")
			}
			folder := t.TempDir()
			follow(&guide{t: t, folder: folder, shell: startShell(t, installed, folder), blocks: blocks})
		})
	}
}

func adoptEnvironment(g *guide) {
	// The guide links to the seed, which is long.
	write(g.t, filepath.Join(g.folder, "seed.json"), readFile(g.t, filepath.Join(examples, "adopt", "seed.json")))
	g.toEnd()
	g.mustPlanNothing()
}

func onboardACustomer(g *guide) {
	programs := g.t.TempDir()
	program(g.t, filepath.Join(programs, "xdg-open"), `printf %s "$1" >'`+programs+`/opened'`)
	g.run("PATH='"+programs+"':$PATH", false)

	g.upTo("terraform output scim_endpoint")
	g.mustPlanNothing()
	if cliIs(g.t, "10", "11") { // as the guide says
		g.upTo("cd portal-link")
		if opened := readFile(g.t, filepath.Join(programs, "opened")); !strings.Contains(opened, "/magicLink/") {
			g.t.Errorf("no portal link was opened, but %q", opened)
		}
		mustLack(g.t, "the state", g.read("portal-link/terraform.tfstate"), "magicLink")
	}
	g.toEnd()
	g.mustPlanNothing()
}

const (
	workflow     = ".github/workflows/customers.yml"
	testWorkflow = ".github/workflows/test-customers.yml"
)

func reviewPlans(g *guide) {
	g.upTo("\"$SCALEKIT_ENVIRONMENT_URL/_emulator/faults\"")
	g.upTo("terraform plan -out=tfplan")
	g.mustPlanNothing()
	g.upTo("terraform plan -destroy")
	name := "Globex Inc"
	if _, err := g.client().Organizations.UpdateOrganization(g.t.Context(), connect.NewRequest(&organizationsv1.UpdateOrganizationRequest{
		Identities:   &organizationsv1.UpdateOrganizationRequest_ExternalId{ExternalId: "globex"},
		Organization: &organizationsv1.UpdateOrganization{DisplayName: &name},
	})); err != nil {
		g.t.Fatal(err)
	}
	g.upTo("-detailed-exitcode")

	programs := g.t.TempDir()
	for _, absent := range []string{"gh", "unzip"} {
		program(g.t, filepath.Join(programs, absent), `echo `+absent+` "$@"`)
	}
	for _, file := range []string{"GITHUB_STEP_SUMMARY", "GITHUB_PATH"} {
		g.run("export "+file+"='"+filepath.Join(programs, file)+"'", false)
	}
	g.run("PATH='"+programs+"':$PATH; rm -f tfplan plan.txt", false)
	const change = `"Globex Inc" -> "Globex Corporation"`
	g.job(workflow, "drift", "-detailed-exitcode")
	mustQuote(g.t, g.output, change)
	g.job(workflow, "plan", "")
	mustQuote(g.t, readFile(g.t, filepath.Join(programs, "GITHUB_STEP_SUMMARY")), change)
	// What is uploaded and downloaded again is no command. A plan that was not reviewed is not applied.
	g.run("mkdir reviewed; grep -v 'Globex Inc' plan.txt >reviewed/plan.txt", false)
	g.job(workflow, "apply", "diff reviewed/plan.txt")
	mustQuote(g.t, g.output, "The plan is no longer the reviewed one.")
	g.run("cp plan.txt reviewed", false)
	g.job(workflow, "apply", "")
	g.job(workflow, "drift", "")

	g.toEnd()
	if cliIs(g.t, "6", "6") { // as the guide says
		g.shell.endEmulators() // the workflow starts one of its own
		g.job(testWorkflow, "test", "")
	}
}

func rotateSecrets(g *guide) {
	g.upTo("terraform apply tfplan")
	g.mustPlanNothing()
	mustLack(g.t, "the state", g.read("terraform.tfstate"), "a-token")
	mustLack(g.t, "the plan", g.run("terraform show -json tfplan", false), "a-token")
	g.mustHaveSecrets("ACTIVE")
	g.upTo("terraform apply tfplan")
	g.mustHaveSecrets("INACTIVE", "ACTIVE")
	g.upTo("terraform apply tfplan")
	g.mustHaveSecrets("INACTIVE", "ACTIVE", "ACTIVE")
	g.mustPlanNothing()
	if stored := strings.Split(strings.TrimSpace(g.read("stored.txt")), "\n"); len(stored) != 3 || stored[0] == stored[1] || stored[1] == stored[2] {
		g.t.Errorf("the secrets that were stored are not the three that there were: %q", stored)
	}

	signing := g.run("terraform output -raw webhook_signing_secret", false)
	g.upTo("terraform apply tfplan")
	if g.run("terraform output -raw webhook_signing_secret", false) == signing {
		g.t.Error("the rotation made no new signing secret")
	}
	g.upTo("terraform apply tfplan")

	state := g.read("terraform.tfstate")
	g.run("TF_LOG=TRACE TF_LOG_PATH=terraform.log terraform plan", false)
	log := g.read("terraform.log")
	acctest.MustContain(g.t, log, "Scalekit call")
	mustLack(g.t, "the log", log, "another-token", emulator.DefaultClientSecret, secretIn(g.t, state, "secret"), secretIn(g.t, state, "signing_secret"))
	g.toEnd()
}

// mustHaveSecrets fails the test unless the secrets of the guide's directory have these states, oldest first.
func (g *guide) mustHaveSecrets(wanted ...string) {
	g.t.Helper()
	client := g.client()
	organization, err := client.Organizations.GetOrganizationByExternalId(g.t.Context(),
		connect.NewRequest(&organizationsv1.GetOrganizationRequest{Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: "acme"}}))
	if err != nil {
		g.t.Fatal(err)
	}
	reply, err := client.Directories.ListDirectories(g.t.Context(), connect.NewRequest(&directoriesv1.ListDirectoriesRequest{
		OrganizationId: organization.Msg.GetOrganization().GetId(),
	}))
	if err != nil {
		g.t.Fatal(err)
	}
	var got []string
	for _, secret := range reply.Msg.GetDirectories()[0].GetSecrets() {
		got = append(got, secret.GetStatus().String())
	}
	if !slices.Equal(got, wanted) {
		g.t.Errorf("the directory's secrets are %v, and should be %v", got, wanted)
	}
}

// secretIn finds a secret in a state.
func secretIn(t *testing.T, state, attribute string) string {
	t.Helper()
	match := regexp.MustCompile(`"` + attribute + `": "([^"]{20,})"`).FindStringSubmatch(state)
	if match == nil {
		t.Fatalf("the state has no %s", attribute)
	}
	return match[1]
}

func mustLack(t *testing.T, what, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s has %q", what, secret)
		}
	}
}

// client calls the environment of the guide behind Terraform's back.
func (g *guide) client() *scalekit.Client {
	return scalekit.New(scalekit.Config{
		EnvironmentURL: "http://" + g.shell.address, ClientID: emulator.DefaultClientID, ClientSecret: emulator.DefaultClientSecret,
		RequestTimeout: time.Minute, UserAgent: "terraform-provider-scalekit/test",
	})
}
