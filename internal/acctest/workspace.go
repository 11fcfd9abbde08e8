package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// providerAddresses are the provider's addresses as Terraform and OpenTofu complete its source.
var providerAddresses = []string{
	"registry.terraform.io/scalekit-inc/scalekit",
	"registry.opentofu.org/scalekit-inc/scalekit",
}

const requiredProviders = `terraform {
  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}
`

// Workspace is a folder in which the Terraform CLI runs with the provider of this test process. It is for what the
// testing framework cannot express: failed applies and what the next one makes of them.
type Workspace struct {
	t        *testing.T
	env      *Env
	cli      string
	folder   string
	environ  []string
	provider string
	// OneByOne says that an apply makes one call at a time.
	OneByOne bool
}

// Workspace makes an empty workspace.
func (e *Env) Workspace(t *testing.T) *Workspace {
	t.Helper()
	w := e.newWorkspace(t)
	w.Attach()
	return w
}

// Attach makes the CLI use the provider of this process.
func (w *Workspace) Attach() {
	w.t.Helper()
	w.environ = append(w.environ, "TF_REATTACH_PROVIDERS="+serve(w.t))
}

// newWorkspace is a workspace whose CLI finds no provider yet.
func (e *Env) newWorkspace(t *testing.T) *Workspace {
	t.Helper()
	w := &Workspace{t: t, env: e, cli: CLI(t), folder: t.TempDir(), provider: e.settings}
	write(t, w.cliConfig(), nil)
	// A run ends before it pays to collect its garbage.
	w.environ = append(Environ(), "GOGC=off", "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE="+w.cliConfig())
	return w
}

// Environ is the environment of this process without what configures the CLI or the provider.
func Environ() []string {
	environ := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "SCALEKIT_")
	})
	return append(environ, "CHECKPOINT_DISABLE=1")
}

func (w *Workspace) cliConfig() string { return filepath.Join(w.folder, "cli.tfrc") }

// CLI is the path of the Terraform or OpenTofu that the tests run.
func CLI(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("neither terraform nor tofu is on the PATH: run the tests with make test, which builds OpenTofu then")
	return ""
}

// serve runs the provider in this process for as long as the test and returns how a CLI attaches to it.
func serve(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	attach, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- tf6server.Serve(providerAddresses[0], func() tfprotov6.ProviderServer {
			return providerserver.NewProtocol6(provider.New("test")())()
		}, tf6server.WithDebug(ctx, attach, closed), tf6server.WithLoggingSink(t),
			tf6server.WithoutLogStderrOverride(),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
	})
	var config *plugin.ReattachConfig
	select {
	case config = <-attach:
	case err := <-served:
		t.Fatal("the provider does not start: ", err)
	}
	configs := map[string]any{}
	for _, address := range providerAddresses {
		configs[address] = map[string]any{
			"Protocol": string(config.Protocol), "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
	}
	encoded, err := json.Marshal(configs)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// Write replaces the resources of the workspace's configuration.
func (w *Workspace) Write(resources string) {
	w.t.Helper()
	write(w.t, w.configurationFile(), []byte(requiredProviders+w.provider+resources))
}

// Configure replaces the provider block of what is written from now on.
func (w *Workspace) Configure(provider string) { w.provider = provider }

func (w *Workspace) configurationFile() string { return filepath.Join(w.folder, "main.tf") }

// StateFile is where Terraform keeps its state.
func (w *Workspace) StateFile() string { return filepath.Join(w.folder, "terraform.tfstate") }

// Folder is where the CLI runs.
func (w *Workspace) Folder() string { return w.folder }

// NeedEphemeral skips the test where the CLI knows no ephemeral resources: before Terraform 1.10 and OpenTofu 1.11.
func (w *Workspace) NeedEphemeral() {
	w.t.Helper()
	needCLI(w.t, "ephemeral resources", 10, 11)
}

// NeedWriteOnly skips the test where the CLI knows no write-only attributes: before Terraform 1.11 and OpenTofu 1.11.
func NeedWriteOnly(t *testing.T) {
	t.Helper()
	needCLI(t, "write-only attributes", 11, 11)
}

func needCLI(t *testing.T, what string, terraform, tofu int) {
	t.Helper()
	name, minor := CLIVersion(t)
	needed := terraform
	if name == "OpenTofu" {
		needed = tofu
	}
	if minor < needed {
		t.Skipf("%s 1.%d knows no %s", name, minor, what)
	}
}

// CLIVersion is the name of the CLI that the tests run, Terraform or OpenTofu, and its version 1.minor.
func CLIVersion(t *testing.T) (name string, minor int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), CLI(t), "version")
	command.Env = Environ()
	output, err := command.Output()
	if err != nil {
		t.Fatalf("version: %v\n%s", err, output)
	}
	if _, err := fmt.Sscanf(string(output), "%s v1.%d.", &name, &minor); err != nil {
		t.Fatalf("the version cannot be read: %v\n%s", err, output)
	}
	return name, minor
}

// State is the content of Terraform's state file.
func (w *Workspace) State() string {
	w.t.Helper()
	return string(read(w.t, w.StateFile()))
}

// Run runs a command of the CLI and returns what it printed.
func (w *Workspace) Run(arguments ...string) (string, error) {
	var output bytes.Buffer
	command := exec.Command(w.cli, arguments...)
	command.Dir, command.Env, command.Stdout, command.Stderr = w.folder, w.environ, &output, &output
	err := command.Start()
	if err == nil {
		yield(command.Process.Pid)
		err = command.Wait()
	}
	return output.String(), err
}

// ApplyResources applies resources, or destroys everything if there are none.
func (w *Workspace) ApplyResources(resources string) (string, error) {
	if resources == "" {
		return w.Destroy()
	}
	w.Write(resources)
	return w.Apply()
}

// Apply applies the configuration.
func (w *Workspace) Apply() (string, error) { return w.Run(w.arguments("apply")...) }

// arguments are those of an apply or a destroy.
func (w *Workspace) arguments(command string) []string {
	arguments := []string{command, "-auto-approve", "-input=false", "-no-color"}
	if w.OneByOne {
		arguments = append(arguments, "-parallelism=1")
	}
	return arguments
}

// MustApply applies the configuration and fails the test if that fails.
func (w *Workspace) MustApply() string {
	w.t.Helper()
	output, err := w.Apply()
	if err != nil {
		w.t.Fatalf("apply failed: %v\n%s", err, output)
	}
	return output
}

// MustBeClean fails the test unless a plan finds nothing to change.
func (w *Workspace) MustBeClean() {
	w.t.Helper()
	if problem := w.PlanProblem(); problem != "" {
		w.t.Fatal(problem)
	}
}

// PlanProblem says what is wrong unless a plan finds nothing to change.
func (w *Workspace) PlanProblem() (problem string) {
	output, err := w.Run("plan", "-detailed-exitcode", "-input=false", "-no-color")
	switch exit := new(exec.ExitError); {
	case err == nil:
		return ""
	case errors.As(err, &exit) && exit.ExitCode() == 2:
		return "the plan is not empty:\n" + output
	default:
		return fmt.Sprintf("plan failed: %v\n%s", err, output)
	}
}

// Destroy destroys all that the state knows.
func (w *Workspace) Destroy() (string, error) { return w.Run(w.arguments("destroy")...) }

// Copy puts the files of a folder into the workspace, in place of the configuration, whose provider block it overrides.
func (w *Workspace) Copy(folder string) {
	w.t.Helper()
	if err := os.CopyFS(w.folder, os.DirFS(folder)); err != nil {
		w.t.Fatal(err)
	}
	write(w.t, filepath.Join(w.folder, "provider_override.tf"), []byte(w.provider))
}

// In is the workspace of a folder inside this one, after Copy: another configuration, with a state of its own.
func (w *Workspace) In(folder string) *Workspace {
	w.t.Helper()
	inner := *w
	inner.folder = filepath.Join(w.folder, folder)
	write(w.t, filepath.Join(inner.folder, "provider_override.tf"), []byte(w.provider))
	return &inner
}

// read returns a file's content, nil if there is none.
func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
