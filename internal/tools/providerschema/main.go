// Command providerschema writes the provider's schema in the form of "terraform providers schema -json", the input of
// tfplugindocs. Asking the provider itself makes the generated documentation independent of the terraform or tofu
// at hand: not all of them know identities, list resources and actions.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "providerschema:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("asking for the schema: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("asking for the identity schemas: %w", err)
	}
	if err := firstError(schemas.Diagnostics, identities.Diagnostics); err != nil {
		return err
	}

	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(map[string]any{
		"format_version": "1.0",
		"provider_schemas": map[string]any{
			"scalekit": providerSchema(schemas, identities),
		},
	})
}

func firstError(lists ...[]*tfprotov6.Diagnostic) error {
	for _, list := range lists {
		for _, d := range list {
			if d.Severity == tfprotov6.DiagnosticSeverityError {
				return errors.New(d.Summary + ": " + d.Detail)
			}
		}
	}
	return nil
}
