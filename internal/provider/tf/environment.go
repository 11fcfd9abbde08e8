package tf

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// environmentKey is where a resource's private state keeps the environment that its object belongs to.
const environmentKey = "environment"

// Private is a resource's private state.
type Private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// RememberEnvironment notes which environment a new object belongs to.
func (d *Data) RememberEnvironment(ctx context.Context, private Private, diags *diag.Diagnostics) {
	note, err := json.Marshal(d.Environment)
	if err != nil {
		diags.AddError("The provider has a bug", fmt.Sprintf("The environment's host cannot be noted: %v. Please report this.", err))
		return
	}
	diags.Append(private.SetKey(ctx, environmentKey, note)...)
}

// RefuseOtherEnvironment reports, and returns true for, a resource whose object belongs to another environment than the
// one that the provider is configured for. Names recur between environments, so acting on such a state would change or
// destroy objects that it never held. What passes remembers the environment from then on; that includes an import, and a
// state that an older version wrote.
func (d *Data) RefuseOtherEnvironment(ctx context.Context, private Private, diags *diag.Diagnostics) bool {
	if d == nil { // Terraform only validates, or does not know the provider's configuration yet.
		return false
	}
	note, noted := private.GetKey(ctx, environmentKey)
	diags.Append(noted...)
	var remembered string
	if len(note) == 0 || json.Unmarshal(note, &remembered) != nil || remembered == d.Environment ||
		slices.Contains(d.PreviousEnvironments, remembered) {
		d.RememberEnvironment(ctx, private, diags)
		return false
	}
	diags.AddError("The state belongs to another environment", fmt.Sprintf(
		"This object was last seen in the environment at %s, and the provider is configured for %s. Nothing was read or changed.\n\n"+
			"If the configuration or the credentials are those of the wrong environment, correct them. If the environment has moved "+
			"to a new URL, such as a custom domain, say so in the provider block:\n\n  previous_environment_urls = [%q]",
		remembered, d.Environment, withScheme(remembered)))
	return true
}

// withScheme completes an environment's host to the URL that a configuration gives.
func withScheme(host string) string {
	if name, _, _ := strings.Cut(host, ":"); name == "localhost" || strings.HasPrefix(name, "127.") || strings.HasPrefix(host, "[") {
		return "http://" + host
	}
	return "https://" + host
}
