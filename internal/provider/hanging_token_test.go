package provider_test

import (
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// A token endpoint that hangs in the middle of a run is waited for once, and not once for each resource.
func TestHangingTokenEndpoint(t *testing.T) {
	t.Parallel()
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	const resources = `
resource "scalekit_organization" "customer" {
  count        = 30
  display_name = "Customer ${count.index}"
}
`
	workspace.Write(resources)
	workspace.MustApply()
	workspace.Configure(env.Provider("max_retries = 0\n  request_timeout = \"2s\""))
	workspace.Write(resources)
	env.Emulator.ResetRequests()
	if err := env.Emulator.SetFaults([]emulator.Fault{
		{RPC: "GetOrganization", Kind: emulator.FaultTokensRevoked, Count: 1},
		{RPC: "oauth/token", Kind: emulator.FaultHang, Skip: 1, Count: -1},
	}); err != nil {
		t.Fatal(err)
	}
	output, err := workspace.Run("plan", "-no-color", "-input=false", "-parallelism=10")
	if err == nil {
		t.Fatalf("the plan succeeds:\n%s", output)
	}
	if got := env.Calls("oauth/token"); got > 3 { // the first, which is answered, and one that hangs, or two
		t.Errorf("%d token requests for 30 resources", got)
	}
}
