package protocol

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// defaultLimit is that of a list block which sets none.
const defaultLimit = 100

// Listing is a list block.
type Listing struct {
	// Type is the resource's type.
	Type string
	// Config is the config block, of attributes that are strings or booleans; nil is a list block without one.
	Config map[string]any
	// Limit is how many results are wanted at most; zero is Terraform's default.
	Limit int64
	// IncludeResource asks for the resources.
	IncludeResource bool
	// StopAfter ends the reading after so many results, as an interrupted terraform query does; zero reads to the end.
	StopAfter int
}

// Listed is one result of a list.
type Listed struct {
	DisplayName string
	Identity    map[string]string
	// Resource is null unless it was asked for.
	Resource tftypes.Value
}

// List validates a list block and reads its results. The problems are errors of the block, or those that ended the list.
func (p *Driver) List(listing Listing) (results []Listed, problems []string) {
	p.t.Helper()
	ctx := context.Background()
	server := p.server.(tfprotov6.ListResourceServer)
	config := p.listConfig(listing)
	validated, err := server.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: listing.Type, Config: config,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return nil, describe(validated.Diagnostics)
	}
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: listing.Type, Config: config, Limit: listing.limit(), IncludeResource: listing.IncludeResource,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for result := range stream.Results {
		if len(problems) > 0 {
			p.t.Fatalf("the list of %s goes on after %v", listing.Type, problems)
		}
		if problems = describe(result.Diagnostics); len(problems) > 0 {
			continue
		}
		results = append(results, p.listed(listing, result))
		if len(results) == listing.StopAfter {
			break
		}
	}
	if int64(len(results)) > listing.limit() {
		p.t.Errorf("the list of %s has %d results, beyond its limit of %d", listing.Type, len(results), listing.limit())
	}
	return results, problems
}

// MustList is List for a block that must not have problems.
func (p *Driver) MustList(listing Listing) []Listed {
	p.t.Helper()
	results, problems := p.List(listing)
	if len(problems) > 0 {
		p.t.Fatalf("%v: %v", listing, problems)
	}
	return results
}

func (l Listing) limit() int64 {
	if l.Limit == 0 {
		return defaultLimit
	}
	return l.Limit
}

func (p *Driver) listConfig(listing Listing) *tfprotov6.DynamicValue {
	p.t.Helper()
	schema, ok := p.schemas.ListResourceSchemas[listing.Type]
	if !ok {
		p.t.Fatalf("%s cannot be listed", listing.Type)
	}
	configType := schema.ValueType().(tftypes.Object)
	if listing.Config == nil {
		null, err := tfprotov6.NewDynamicValue(configType, tftypes.NewValue(configType, nil))
		if err != nil {
			p.t.Fatal(err)
		}
		return &null
	}
	config := nulls(configType)
	for name, value := range listing.Config {
		attributeType, ok := configType.AttributeTypes[name]
		if !ok {
			p.t.Fatalf("the list of %s has no attribute %s", listing.Type, name)
		}
		config[name] = tftypes.NewValue(attributeType, value)
	}
	return p.dynamic(configType, config)
}

func (p *Driver) listed(listing Listing, result tfprotov6.ListResourceResult) Listed {
	p.t.Helper()
	listed := Listed{DisplayName: result.DisplayName, Identity: p.strings(p.identityType(listing.Type), result.Identity.IdentityData)}
	if (result.Resource != nil) != listing.IncludeResource {
		p.t.Fatalf("%v: the resource is %v", listing, result.Resource)
	}
	if listing.IncludeResource {
		listed.Resource = p.resource(listing.Type, result.Resource)
	}
	return listed
}

func (p *Driver) resource(resourceType string, encoded *tfprotov6.DynamicValue) tftypes.Value {
	p.t.Helper()
	value, err := encoded.Unmarshal(p.schemas.ResourceSchemas[resourceType].ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	return value
}

// MustListAsImported lists with resources, and fails the test unless each is what an import of its identity reads, but
// for the attributes that a list leaves out on purpose, which must be null.
func (p *Driver) MustListAsImported(listing Listing, without ...string) []Listed {
	p.t.Helper()
	listing.IncludeResource = true
	results := p.MustList(listing)
	for _, result := range results {
		imported := p.resource(listing.Type, p.importByIdentity(listing.Type, result.Identity).NewState)
		if imported.IsNull() || result.Resource.IsNull() {
			p.t.Fatalf("%s is listed as %v and imported as %v", result.DisplayName, result.Resource, imported)
		}
		differences, err := imported.Diff(result.Resource)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, difference := range differences {
			if len(difference.Path.Steps()) == 0 {
				continue // the object as a whole
			}
			attribute, _ := difference.Path.Steps()[0].(tftypes.AttributeName)
			if !slices.Contains(without, string(attribute)) || !difference.Value2.IsNull() {
				p.t.Errorf("%s: %v", result.DisplayName, difference)
			}
		}
	}
	return results
}

// ListResourceTypes are the resources that the provider lists, sorted.
func (p *Driver) ListResourceTypes() []string {
	return slices.Sorted(maps.Keys(p.schemas.ListResourceSchemas))
}

func describe(diagnostics []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, diagnostic := range diagnostics {
		texts = append(texts, diagnostic.Severity.String()+": "+diagnostic.Summary+": "+diagnostic.Detail)
	}
	return texts
}

// ListSize is how a list of so many objects with a limit goes: how many results it has, and how many pages it reads.
type ListSize struct{ Count, Limit, Results, Pages int }

// CheckListSizes lists environments of several sizes with several limits, and counts the calls of the RPC that reads a
// page. The seed is an environment with so many objects.
func CheckListSizes(t *testing.T, listing Listing, rpc string, seed func(count int) *emulator.Seed, sizes []ListSize) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%d of %d", size.Limit, size.Count), func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: seed(size.Count)})
			driver := Start(t, env)
			listing := listing
			listing.Limit = int64(size.Limit)
			identities := map[string]bool{}
			for _, result := range driver.MustList(listing) {
				identities[fmt.Sprint(result.Identity)] = true
			}
			if len(identities) != size.Results {
				t.Errorf("it has %d different results, and should have %d", len(identities), size.Results)
			}
			if pages := env.Calls(rpc); pages != size.Pages {
				t.Errorf("it reads %d pages, and should read %d", pages, size.Pages)
			}
		})
	}
}

// ListProblem is a list that meets a fault, or a configuration that is not right.
type ListProblem struct {
	Listing Listing
	// RPC is refused once, with the code, after so many calls; empty if nothing is.
	RPC, Code string
	Skip      int
	// Results are delivered all the same, and the problem that follows begins with Wanted; an empty one is none.
	Results int
	Wanted  string
}

// CheckListProblems lists an environment with the seed for each of the problems.
func CheckListProblems(t *testing.T, seed *emulator.Seed, problems map[string]ListProblem) {
	for name, problem := range problems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.StartEmulator(t, emulator.Options{Seed: seed})
			driver := Start(t, env)
			if problem.RPC != "" {
				err := env.Emulator.SetFaults([]emulator.Fault{{
					RPC: problem.RPC, Kind: emulator.FaultErrorBefore, Code: problem.Code, Skip: problem.Skip,
				}})
				if err != nil {
					t.Fatal(err)
				}
			}
			results, got := driver.List(problem.Listing)
			if len(results) != problem.Results {
				t.Errorf("there are %d results, and should be %d", len(results), problem.Results)
			}
			text := strings.Join(got, "\n")
			if !strings.HasPrefix(text, problem.Wanted) || (text == "") != (problem.Wanted == "") {
				t.Errorf("the problem is %q, and should be %q", text, problem.Wanted)
			}
		})
	}
}

// CheckListOfOrganization lists what an organization has with organization ids that are not right.
func CheckListOfOrganization(t *testing.T, resourceType string) {
	of := func(organizationID string) Listing {
		return Listing{Type: resourceType, Config: map[string]any{"organization_id": organizationID}}
	}
	CheckListProblems(t, nil, map[string]ListProblem{
		"an id of another form": {
			Listing: of("acme"),
			Wanted:  `ERROR: Invalid id: "acme" must be an id that begins with "org_"`,
		},
		"a missing organization": {
			Listing: of("org_999999999999999999"),
			Wanted:  `ERROR: No such organization: This environment has no organization with id "org_999999999999999999".`,
		},
		"an organization that cannot be read": {
			Listing: of("org_999999999999999999"), RPC: "GetOrganization", Code: "PERMISSION_DENIED",
			Wanted: "ERROR: Could not read organization org_999999999999999999: ",
		},
	})
}
