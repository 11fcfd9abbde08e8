package provider_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/gocty"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// listExampleSeed is the environment of the examples with what the examples of lists need in addition.
func listExampleSeed(t *testing.T) *emulator.Seed {
	t.Helper()
	seed := parseSeed(t, exampleSeed)
	seed.Organizations[0].ID = "org_12345678901234567"
	seed.WebhookEndpoints = append(seed.WebhookEndpoints, emulator.SeedWebhookEndpoint{URL: "https://hooks.acme.example"})
	return seed
}

// Every list block of the documentation's examples finds something, within its limit, and what an import then reads.
// The Terraform that runs the tests need not know list blocks, so they are read and sent to the provider here.
func TestListExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(examples, "list-resources", "*", "list-resource.tfquery.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	driver := protocol.Start(t, acctest.StartEmulator(t, emulator.Options{Seed: listExampleSeed(t)}))
	var listed []string
	for _, file := range files {
		kind := filepath.Base(filepath.Dir(file))
		for _, listing := range parseListExample(t, file) {
			if listing.Type != kind {
				t.Errorf("%s lists %s", file, listing.Type)
			}
			results := driver.MustListAsImported(listing, "signing_secret")
			if len(results) == 0 {
				t.Errorf("%s: %v finds nothing", file, listing)
			}
			listed = append(listed, kind)
		}
	}
	if listed = slices.Compact(listed); !slices.Equal(listed, driver.ListResourceTypes()) {
		t.Errorf("the examples list %q, and should list %q", listed, driver.ListResourceTypes())
	}
}

// The blocks and attributes of a file of list blocks, as far as the examples have them.
var (
	queryFile = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "list", LabelNames: []string{"type", "name"}}}}
	listBlock = &hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "provider", Required: true}, {Name: "limit"}},
		Blocks:     []hcl.BlockHeaderSchema{{Type: "config"}},
	}
)

func parseListExample(t *testing.T, file string) []protocol.Listing {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if formatted := hclwrite.Format(source); !bytes.Equal(formatted, source) {
		t.Errorf("%s is not formatted, and should be:\n%s", file, formatted)
	}
	parsed, diags := hclparse.NewParser().ParseHCL(source, file)
	mustParse(t, diags)
	content, diags := parsed.Body.Content(queryFile)
	mustParse(t, diags)
	var listings []protocol.Listing
	for _, block := range content.Blocks {
		listings = append(listings, parseListBlock(t, block))
	}
	return listings
}

func parseListBlock(t *testing.T, block *hcl.Block) protocol.Listing {
	t.Helper()
	content, diags := block.Body.Content(listBlock)
	mustParse(t, diags)
	if name := hcl.ExprAsKeyword(content.Attributes["provider"].Expr); name != "scalekit" {
		t.Errorf("%s: the provider is %q", block.DefRange, name)
	}
	listing := protocol.Listing{Type: block.Labels[0]}
	if limit, ok := content.Attributes["limit"]; ok {
		if err := gocty.FromCtyValue(evaluate(t, limit), &listing.Limit); err != nil {
			t.Fatal(err)
		}
	}
	for _, config := range content.Blocks {
		if listing.Config != nil {
			t.Fatalf("%s has several config blocks", block.DefRange)
		}
		attributes, diags := config.Body.JustAttributes()
		mustParse(t, diags)
		listing.Config = map[string]any{}
		for name, attribute := range attributes {
			switch value := evaluate(t, attribute); value.Type() {
			case cty.String:
				listing.Config[name] = value.AsString()
			case cty.Bool:
				listing.Config[name] = value.True()
			default:
				t.Fatalf("%s is neither a string nor a boolean", attribute.Range)
			}
		}
	}
	return listing
}

func evaluate(t *testing.T, attribute *hcl.Attribute) cty.Value {
	t.Helper()
	value, diags := attribute.Expr.Value(nil)
	mustParse(t, diags)
	return value
}

func mustParse(t *testing.T, diags hcl.Diagnostics) {
	t.Helper()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
}
