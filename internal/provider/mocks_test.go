package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsimple"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

var mocks = filepath.Join(examples, "mocks", "scalekit.tfmock.hcl")

type mock struct {
	Kind     string    `hcl:"kind,label"`
	Defaults cty.Value `hcl:"defaults"`
}

type mockFile struct {
	Resources   []mock `hcl:"mock_resource,block"`
	DataSources []mock `hcl:"mock_data,block"`
}

// Whatever the platform assigns has a mocked value: what Terraform invents instead has no form, and as an id it is refused
// by whatever it is passed to.
func TestMocksAreComplete(t *testing.T) {
	t.Parallel()
	var file mockFile
	if err := hclsimple.DecodeFile(mocks, &hcl.EvalContext{}, &file); err != nil {
		t.Fatal(err)
	}
	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	resources, dataSources := map[string]cty.Value{}, map[string]cty.Value{}
	for _, one := range file.Resources {
		resources[one.Kind] = one.Defaults
	}
	for _, one := range file.DataSources {
		dataSources[one.Kind] = one.Defaults
	}
	for _, kinds := range []struct {
		what    string
		schemas map[string]*tfprotov6.Schema
		mocked  map[string]cty.Value
	}{
		{"resource", schemas.ResourceSchemas, resources}, {"data source", schemas.DataSourceSchemas, dataSources},
	} {
		for kind, schema := range kinds.schemas {
			mustMock(t, kinds.what+" "+kind, schema, kinds.mocked[kind])
			delete(kinds.mocked, kind)
		}
		for kind := range kinds.mocked {
			t.Errorf("there is no %s %s to mock", kinds.what, kind)
		}
	}
}

// mustMock fails the test unless the defaults are values of the computed attributes of a schema, all of them but the lists
// and maps of those data sources that have nothing else.
func mustMock(t *testing.T, what string, schema *tfprotov6.Schema, defaults cty.Value) {
	t.Helper()
	mocked := map[string]cty.Value{}
	if defaults != cty.NilVal {
		mocked = defaults.AsValueMap()
	}
	for _, attribute := range schema.Block.Attributes {
		_, has := mocked[attribute.Name]
		delete(mocked, attribute.Name)
		switch {
		case has && !attribute.Computed:
			t.Errorf("%s: %s is mocked, and the platform does not assign it", what, attribute.Name)
		case !has && attribute.Computed && !isCollection(attribute):
			t.Errorf("%s: %s is not mocked", what, attribute.Name)
		}
	}
	for name := range mocked {
		t.Errorf("%s: %s is mocked, and is not an attribute", what, name)
	}
}

// isCollection reports whether an attribute is a list, a set, or a map, which Terraform mocks as an empty one.
func isCollection(attribute *tfprotov6.SchemaAttribute) bool {
	if attribute.NestedType != nil {
		return attribute.NestedType.Nesting != tfprotov6.SchemaObjectNestingModeSingle
	}
	return !attribute.Type.Is(tftypes.String) && !attribute.Type.Is(tftypes.Bool) && !attribute.Type.Is(tftypes.Number)
}

// mockedTest gives one data source the items that an example looks up.
const mockedTest = `mock_provider "scalekit" {
  source = "./tests/mocks"

  mock_data "scalekit_directory_groups" {
    defaults = {
      ids_by_name = {
        Engineering = "dirgroup_12345678901234567"
        IT          = "dirgroup_12345678901234568"
      }
    }
  }
}

run "everything" {}
`

// A module that uses everything passes its test with the mocks, which calls nobody.
func TestMocksServeEveryExample(t *testing.T) {
	t.Parallel()
	acctest.NeedEmulator(t)
	if !cliIs(t, "11", "") { // for the write-only argument of an example
		t.Skip("OpenTofu's mock_provider reads no files, and Terraform 1.10 has no write-only arguments")
	}
	env := acctest.StartEmulator(t, emulator.Options{})
	workspace := env.Workspace(t)
	root := &strings.Builder{}
	for _, pattern := range []string{"resources/*/resource.tf", "data-sources/*/data-source.tf"} {
		files, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			kind := filepath.Dir(file)
			name := filepath.Base(filepath.Dir(kind)) + "-" + filepath.Base(kind)
			writeInto(t, filepath.Join(workspace.Folder(), name), "main.tf", requireProvider+readFile(t, file))
			fmt.Fprintf(root, "module %q {\n  source = \"./%s\"\n}\n", name, name)
		}
	}
	workspace.Write(root.String())
	tests := filepath.Join(workspace.Folder(), "tests")
	writeInto(t, filepath.Join(tests, "mocks"), filepath.Base(mocks), readFile(t, mocks))
	writeInto(t, tests, "everything.tftest.hcl", mockedTest)
	for _, arguments := range [][]string{{"init", "-no-color"}, {"test", "-no-color"}} {
		if output, err := workspace.Run(arguments...); err != nil {
			t.Fatalf("%s: %v\n%s", arguments[0], err, output)
		}
	}
	if requests := env.Emulator.Requests(); len(requests) > 0 {
		t.Errorf("the mocked test called %v", requests)
	}
}

const requireProvider = "terraform {\n  required_providers {\n    scalekit = {\n      source = \"scalekit-inc/scalekit\"\n    }\n  }\n}\n"

func writeInto(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, name), content)
}
