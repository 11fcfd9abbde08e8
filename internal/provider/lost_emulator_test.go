package provider_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// everything has a resource of each kind that creates something, several times.
const everything = `
resource "scalekit_organization" "customer" {
  count        = 8
  display_name = "Customer ${count.index}"
  external_id  = "customer-${count.index}"
}
resource "scalekit_organization_features" "customer" {
  count           = 8
  organization_id = scalekit_organization.customer[count.index].id
  sso             = true
  scim            = true
}
resource "scalekit_organization_domain" "customer" {
  count           = 8
  organization_id = scalekit_organization.customer[count.index].id
  domain          = "customer-${count.index}.example"
}
resource "scalekit_organization_role" "customer" {
  count           = 8
  organization_id = scalekit_organization.customer[count.index].id
  name            = "customer_${count.index}"
  display_name    = "Customer"
}
resource "scalekit_directory" "customer" {
  count              = 4
  organization_id    = scalekit_organization.customer[count.index].id
  directory_provider = "OKTA"
}
resource "scalekit_permission" "read" {
  name        = "read"
  description = "Read"
}
resource "scalekit_role" "reader" {
  name         = "reader"
  display_name = "Reader"
  permissions  = [scalekit_permission.read.name]
}
`

// undisturbed counts what there is once a configuration has been applied.
func undisturbed(t *testing.T, resources string) map[string]int {
	t.Helper()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	workspace.Write(resources)
	workspace.MustApply()
	return env.Emulator.Counts()
}

// takenKeys finds the addresses and import ids of errors about keys that are taken.
var takenKeys = regexp.MustCompile(`(?s)Error: The key is taken\s+with (scalekit_[^,]+),.*?id = "([^"]+)"`)

// An emulator that is killed in mid-apply, and started again with its state, is waited for. What the apply has to give up,
// because it is not known whether it was made and may not be made twice, the next one makes or says how to take over.
func TestEmulatorIsKilledDuringApply(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, everything)
	program := acctest.StartProgram(t)
	env := program.Env()
	workspace := env.Workspace(t)
	workspace.Configure(env.Provider(`
  request_timeout = "5s"
  max_retries     = 10`))
	workspace.Write(everything)

	type result struct {
		output string
		err    error
	}
	applied := make(chan result, 1)
	go func() {
		output, err := workspace.Apply()
		applied <- result{output, err}
	}()
	kills := 0
	for done := false; !done; {
		before := program.Counts()["organizations"]
		select {
		case got := <-applied:
			if got.err != nil {
				acctest.MustContain(t, got.output, "It is not known whether")
			}
			done = true
		case <-time.After(rand.N(100 * time.Millisecond)):
			// Only what has begun can be interrupted, and it has to come to its end some time.
			if before > 0 && kills < 5 {
				program.Kill()
				program.Start()
				kills++
			}
		}
	}
	t.Logf("killed %d times", kills)
	if kills == 0 {
		t.Error("the apply was over before the emulator could be killed")
	}
	// What was made while nobody answered for long may be somebody else's: the plan gives the block that takes it over.
	if output, err := workspace.Apply(); err != nil {
		adopted := ""
		for _, taken := range takenKeys.FindAllStringSubmatch(output, -1) {
			adopted += fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", taken[1], taken[2])
		}
		if adopted == "" {
			t.Fatalf("apply failed: %v\n%s", err, output)
		}
		workspace.Write(everything + adopted)
		workspace.MustApply()
	}
	workspace.MustBeClean()
	if got := program.Counts(); !maps.Equal(got, want) {
		t.Errorf("there is %v, want %v", got, want)
	}
}
