// Package protocol speaks to the provider as Terraform does: for what the Terraform that runs the tests does not know.
package protocol

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// Driver is the provider, configured for an environment.
type Driver struct {
	t       testing.TB
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// Start starts the provider for an environment.
func Start(tb testing.TB, env *acctest.Env) *Driver {
	tb.Helper()
	return StartWith(tb, env, nil)
}

// StartWith starts the provider with further settings, such as max_retries.
func StartWith(tb testing.TB, env *acctest.Env, settings map[string]any) *Driver {
	tb.Helper()
	p := &Driver{t: tb, server: providerserver.NewProtocol6(provider.New("test")())()}
	var err error
	if p.schemas, err = p.server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		tb.Fatal(err)
	}
	configType := p.schemas.Provider.ValueType().(tftypes.Object)
	config := nulls(configType)
	clientID, clientSecret := env.Credentials()
	for name, value := range map[string]string{
		"environment_url": env.URL(), "client_id": clientID, "client_secret": clientSecret,
	} {
		config[name] = tftypes.NewValue(tftypes.String, value)
	}
	for name, value := range settings {
		config[name] = tftypes.NewValue(configType.AttributeTypes[name], value)
	}
	reply, err := p.server.ConfigureProvider(tb.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: p.dynamic(configType, config),
	})
	p.must(err, reply.Diagnostics)
	return p
}

// For is the same provider, for another test: one run of a fuzz test.
func (p *Driver) For(tb testing.TB) *Driver {
	tb.Helper()
	return &Driver{t: tb, server: p.server, schemas: p.schemas}
}

// ImportByIdentity imports an object by its identity and refreshes it, as an import block with an identity does. It
// returns the state's attributes of string type and the identity that the provider gives the object.
func (p *Driver) ImportByIdentity(resourceType string, identity map[string]string) (state, gotIdentity map[string]string) {
	p.t.Helper()
	identityType := p.identityType(resourceType)
	read := p.importByIdentity(resourceType, identity)
	return p.strings(p.schemas.ResourceSchemas[resourceType].ValueType(), read.NewState),
		p.strings(identityType, read.NewIdentity.IdentityData)
}

func (p *Driver) importByIdentity(resourceType string, identity map[string]string) *tfprotov6.ReadResourceResponse {
	p.t.Helper()
	ctx := context.Background()
	identityType := p.identityType(resourceType)
	wanted := nulls(identityType)
	for name, value := range identity {
		wanted[name] = tftypes.NewValue(tftypes.String, value)
	}
	imported, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: resourceType,
		Identity: &tfprotov6.ResourceIdentityData{IdentityData: p.dynamic(identityType, wanted)},
	})
	p.must(err, imported.Diagnostics)
	one := imported.ImportedResources[0]
	read, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private,
	})
	p.must(err, read.Diagnostics)
	return read
}

func (p *Driver) identityType(resourceType string) tftypes.Object {
	p.t.Helper()
	identities, err := p.server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	p.must(err, identities.Diagnostics)
	return identities.IdentitySchemas[resourceType].ValueType().(tftypes.Object)
}

// Import imports an object by an id and refreshes it, as terraform import does. It returns the attributes of string type
// that the import found, and what the provider says is wrong.
func (p *Driver) Import(resourceType, id string) (imported map[string]string, problems []string) {
	p.t.Helper()
	ctx := context.Background()
	reply, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: id})
	if err != nil {
		p.t.Fatal(err)
	}
	if problems = errorsIn(reply.Diagnostics); len(problems) > 0 || len(reply.ImportedResources) != 1 {
		return nil, problems
	}
	one := reply.ImportedResources[0]
	read, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.strings(p.schemas.ResourceSchemas[resourceType].ValueType(), one.State), errorsIn(read.Diagnostics)
}

func errorsIn(diagnostics []*tfprotov6.Diagnostic) []string {
	var found []string
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			found = append(found, diagnostic.Summary+": "+diagnostic.Detail)
		}
	}
	return found
}

// nulls is an object all of whose attributes are null.
func nulls(object tftypes.Object) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attributeType := range maps.All(object.AttributeTypes) {
		values[name] = tftypes.NewValue(attributeType, nil)
	}
	return values
}

func (p *Driver) dynamic(object tftypes.Object, values map[string]tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		p.t.Fatal(err)
	}
	return &encoded
}

func (p *Driver) strings(object tftypes.Type, encoded *tfprotov6.DynamicValue) map[string]string {
	p.t.Helper()
	decoded, err := encoded.Unmarshal(object)
	if err != nil {
		p.t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := decoded.As(&attributes); err != nil {
		p.t.Fatal(err)
	}
	texts := map[string]string{}
	for name, value := range attributes {
		var text *string
		if value.Type().Is(tftypes.String) && value.As(&text) == nil && text != nil {
			texts[name] = *text
		}
	}
	return texts
}

func (p *Driver) must(err error, diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	if problems := errorsIn(diagnostics); len(problems) > 0 {
		p.t.Fatal(problems)
	}
}

// ResourceTypes are the resources that the provider serves, sorted.
func (p *Driver) ResourceTypes() []string {
	return slices.Sorted(maps.Keys(p.schemas.ResourceSchemas))
}

// DataSourceTypes are the data sources that the provider serves, sorted.
func (p *Driver) DataSourceTypes() []string {
	return slices.Sorted(maps.Keys(p.schemas.DataSourceSchemas))
}

// EphemeralResourceTypes are the ephemeral resources that the provider serves, sorted.
func (p *Driver) EphemeralResourceTypes() []string {
	return slices.Sorted(maps.Keys(p.schemas.EphemeralResourceSchemas))
}
