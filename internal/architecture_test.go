// Package internal_test holds the rules of the whole tree.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/scalekit-inc/terraform-provider-scalekit"
	wire   = "github.com/scalekit-inc/scalekit-sdk-go/v2"
)

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

func listPackages(t *testing.T, arguments ...string) []goPackage {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps"}, arguments...)...)
	command.Dir = ".."
	output, err := command.Output()
	if err != nil {
		failure := new(exec.ExitError)
		errors.As(err, &failure)
		t.Fatalf("go list: %v\n%s", err, failure.Stderr)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var one goPackage
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, one)
	}
}

// layer says what a package of ours may import of ours. A domain is a package below internal/provider other than tf.
func layer(importPath string) (name string, mayImport []string) {
	relative := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
	switch {
	case relative == "":
		return "main", []string{"provider"}
	case relative == "internal/provider":
		return "provider", []string{"domain", "tf", "run", "scalekit", "svixportal"}
	case relative == "internal/provider/tf":
		return "tf", []string{"run", "scalekit", "svixportal"}
	case relative == "internal/provider/run":
		return "run", nil
	case path.Dir(relative) == "internal/provider":
		return "domain", []string{"tf", "run", "scalekit", "svixportal"}
	case relative == "internal/scalekit":
		return "scalekit", []string{"retry"}
	case relative == "internal/svixportal":
		return "svixportal", []string{"retry"}
	case relative == "internal/retry":
		return "retry", nil
	case relative == "internal/acctest":
		return "acctest", []string{"provider", "scalekit", "svixportal", "emulator"}
	case relative == "internal/acctest/protocol":
		return "acctest/protocol", []string{"acctest", "provider", "emulator"}
	case relative == "internal/acctest/chaos":
		return "acctest/chaos", []string{"acctest", "emulator"}
	case relative == "internal/emulator":
		return "emulator", []string{
			"emulator's webhooks", "emulator's services", "emulator's store", "emulator's web", "emulator's errors", "strict JSON",
		}
	case relative == "internal/emulator/webhook":
		return "emulator's webhooks", []string{"emulator's services", "emulator's store", "emulator's web", "emulator's errors"}
	case relative == "internal/emulator/platform":
		return "emulator's services", []string{"emulator's store", "emulator's web", "emulator's errors", "strict JSON"}
	case relative == "internal/emulator/store":
		return "emulator's store", []string{"emulator's errors", "strict JSON"}
	case relative == "internal/emulator/apierr":
		return "emulator's errors", nil
	case relative == "internal/emulator/web":
		return "emulator's web", nil
	case relative == "internal/emulator/strictjson":
		return "strict JSON", nil
	case strings.HasPrefix(relative, "internal/emulator/cmd/"):
		return "emulator program", []string{"emulator"}
	case strings.HasPrefix(relative, "internal/tools/"):
		return "tool", []string{"provider"}
	case relative == "internal/facts":
		return "facts", nil // tests alone
	case relative == "internal":
		return "architecture", nil
	default:
		return "", nil
	}
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, one := range listPackages(t, "./...") {
		name, mayImport := layer(one.ImportPath)
		if name == "" {
			t.Errorf("%s is in no layer: give it one here, or move it", one.ImportPath)
			continue
		}
		for _, imported := range one.Imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			if importedLayer, _ := layer(imported); !slices.Contains(mayImport, importedLayer) {
				t.Errorf("%s (%s) imports %s (%s); it may import: %v", one.ImportPath, name, imported, importedLayer, mayImport)
			}
		}
		for _, imported := range one.TestImports {
			if strings.HasPrefix(imported, module+"/internal/acctest") {
				t.Errorf("the tests inside %s import acctest; only a _test package may", one.ImportPath)
			}
		}
	}
}

// The clients know no Terraform, what they share knows no API, and the emulator is a witness that knows nothing of ours but the wire types.
func TestLowerLayersAreIndependent(t *testing.T) {
	t.Parallel()
	for _, one := range listPackages(t, "./internal/scalekit/...", "./internal/svixportal/...", "./internal/retry/...", "./internal/emulator/...") {
		for _, dependency := range one.Deps {
			if strings.Contains(dependency, "hashicorp/terraform") {
				t.Errorf("%s depends on %s", one.ImportPath, dependency)
			}
			if strings.Contains(one.ImportPath, "/internal/retry") && (strings.HasPrefix(dependency, wire) || strings.Contains(dependency, "svix")) {
				t.Errorf("%s depends on %s", one.ImportPath, dependency)
			}
			if strings.Contains(one.ImportPath, "/internal/emulator") && strings.HasPrefix(dependency, module) &&
				!strings.Contains(dependency, "/internal/emulator") {
				t.Errorf("%s depends on %s", one.ImportPath, dependency)
			}
		}
	}
}

// What is shipped holds neither the emulator nor a test library.
func TestShippedProviderHoldsNoTestCode(t *testing.T) {
	t.Parallel()
	for _, dependency := range listPackages(t, ".")[0].Deps {
		for _, unwanted := range []string{"/terraform-plugin-testing", "/internal/emulator", "/acctest", "buf.build/go/protovalidate"} {
			if strings.Contains(dependency, unwanted) {
				t.Errorf("the provider's program depends on %s", dependency)
			}
		}
	}
}

// The emulator's wire types are the SDK's, and nothing else of the SDK is used.
func TestOnlyWirePackagesOfTheSDK(t *testing.T) {
	t.Parallel()
	for _, one := range listPackages(t, "./...") {
		for _, imported := range slices.Concat(one.Imports, one.TestImports, one.XTestImports) {
			if strings.HasPrefix(imported, wire) && !strings.HasPrefix(imported, wire+"/pkg/grpc/scalekit/v1/") {
				t.Errorf("%s imports %s", one.ImportPath, imported)
			}
		}
	}
}
