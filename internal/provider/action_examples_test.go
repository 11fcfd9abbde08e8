package provider_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/acctest/protocol"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// Terraform knows actions since version 1.14, and tests run with older ones too. So what an example has besides actions is
// applied by the CLI; its actions are read here and invoked over the protocol, in the environment that the CLI has made.
func TestActionExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(examples, "actions", "*", "action.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		wanted := filepath.Base(filepath.Dir(file))
		t.Run(wanted, func(t *testing.T) {
			t.Parallel()
			content := readFile(t, file)
			actions := parseActions(t, content)
			mustTrigger(t, content, actions)
			env := acctest.StartEmulator(t, emulator.Options{})
			workspace := env.Workspace(t)
			workspace.Write(withoutActions(t, content))
			workspace.MustApply()
			workspace.MustBeClean()

			driver := protocol.Start(t, env)
			known := stateOf(t, workspace)
			for _, action := range actions {
				if action.Labels[0] != wanted {
					t.Errorf("%s is in the example of %s", action.Labels[0], wanted)
				}
				planned := driver.PlanAction(action.Labels[0], configOf(t, action, &hcl.EvalContext{Variables: unknown(known)}))
				planned.MustSay(t, protocol.Invocation{})
				invoked := driver.InvokeAction(action.Labels[0], configOf(t, action, &hcl.EvalContext{Variables: known}))
				if invoked.Errors != nil || invoked.Warnings != nil || len(invoked.Progress) == 0 {
					t.Errorf("%s.%s says %+v", action.Labels[0], action.Labels[1], invoked)
				}
			}
		})
	}
}

// parseActions reads the action blocks of an example, of which there is one at least.
func parseActions(t *testing.T, content string) []*hclsyntax.Block {
	t.Helper()
	actions := slices.DeleteFunc(parse(t, content).Blocks, func(block *hclsyntax.Block) bool { return block.Type != "action" })
	if len(actions) == 0 {
		t.Fatal("there is no action")
	}
	return actions
}

func parse(t *testing.T, content string) *hclsyntax.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(content), "action.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file.Body.(*hclsyntax.Body)
}

// mustTrigger fails the test unless a resource of the example triggers an action of the example, by events that Terraform
// has.
func mustTrigger(t *testing.T, content string, actions []*hclsyntax.Block) {
	t.Helper()
	triggers := 0
	for _, resource := range parse(t, content).Blocks {
		for _, lifecycle := range resource.Body.Blocks {
			if lifecycle.Type != "lifecycle" {
				continue
			}
			for _, trigger := range lifecycle.Body.Blocks {
				triggers++
				for _, event := range references(t, trigger, "events") {
					if !slices.Contains([]string{"before_create", "after_create", "before_update", "after_update"}, event) {
						t.Errorf("there is no event %s", event)
					}
				}
				for _, action := range references(t, trigger, "actions") {
					if !slices.ContainsFunc(actions, func(block *hclsyntax.Block) bool {
						return action == fmt.Sprintf("action.%s.%s", block.Labels[0], block.Labels[1])
					}) {
						t.Errorf("%s triggers %s, which is not there", resource.Labels, action)
					}
				}
			}
		}
	}
	if triggers == 0 {
		t.Error("nothing triggers an action")
	}
}

// references are the elements of a list of references, such as [action.a.b].
func references(t *testing.T, trigger *hclsyntax.Block, attribute string) []string {
	t.Helper()
	list, ok := trigger.Body.Attributes[attribute]
	if !ok || trigger.Type != "action_trigger" {
		t.Fatalf("%s is no trigger with %s", trigger.Type, attribute)
	}
	elements, diags := hcl.ExprList(list.Expr)
	if diags.HasErrors() || len(elements) == 0 {
		t.Fatalf("%s is no list of references: %v", attribute, diags)
	}
	var names []string
	for _, element := range elements {
		traversal, diags := hcl.AbsTraversalForExpr(element)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		name := traversal.RootName()
		for _, step := range traversal[1:] {
			name += "." + step.(hcl.TraverseAttr).Name
		}
		names = append(names, name)
	}
	return names
}

// withoutActions is an example as a Terraform without actions takes it.
func withoutActions(t *testing.T, content string) string {
	t.Helper()
	file, diags := hclwrite.ParseConfig([]byte(content), "action.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, block := range file.Body().Blocks() {
		if block.Type() == "action" {
			file.Body().RemoveBlock(block)
			continue
		}
		for _, lifecycle := range block.Body().Blocks() {
			if lifecycle.Type() != "lifecycle" {
				continue
			}
			for _, trigger := range lifecycle.Body().Blocks() {
				lifecycle.Body().RemoveBlock(trigger)
			}
		}
	}
	return string(file.Bytes())
}

// stateOf are the variables that expressions find in a workspace: its resources, by their types and names.
func stateOf(t *testing.T, workspace *acctest.Workspace) map[string]cty.Value {
	t.Helper()
	var state struct {
		Resources []struct {
			Type      string `json:"type"`
			Name      string `json:"name"`
			Instances []struct {
				Attributes json.RawMessage `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal([]byte(workspace.State()), &state); err != nil {
		t.Fatal(err)
	}
	byType := map[string]map[string]cty.Value{}
	for _, resource := range state.Resources {
		attributes := resource.Instances[0].Attributes
		attributesType, err := ctyjson.ImpliedType(attributes)
		if err != nil {
			t.Fatal(err)
		}
		value, err := ctyjson.Unmarshal(attributes, attributesType)
		if err != nil {
			t.Fatal(err)
		}
		if byType[resource.Type] == nil {
			byType[resource.Type] = map[string]cty.Value{}
		}
		byType[resource.Type][resource.Name] = value
	}
	variables := map[string]cty.Value{}
	for name, values := range byType {
		variables[name] = cty.ObjectVal(values)
	}
	return variables
}

// unknown makes all that expressions find unknown, as it is before the resources exist.
func unknown(known map[string]cty.Value) map[string]cty.Value {
	variables := map[string]cty.Value{}
	for name := range known {
		variables[name] = cty.DynamicVal
	}
	return variables
}

// configOf evaluates an action's configuration.
func configOf(t *testing.T, action *hclsyntax.Block, scope *hcl.EvalContext) map[string]string {
	t.Helper()
	if len(action.Body.Blocks) != 1 || action.Body.Blocks[0].Type != "config" || len(action.Body.Attributes) != 0 {
		t.Fatalf("%s does not consist of one config block", action.Labels)
	}
	config := map[string]string{}
	for name, attribute := range action.Body.Blocks[0].Body.Attributes {
		value, diags := attribute.Expr.Value(scope)
		switch {
		case diags.HasErrors():
			t.Fatal(diags)
		case !value.IsKnown():
			config[name] = protocol.Unknown
		case value.Type() != cty.String:
			t.Fatalf("%s is of type %s, which this test does not know", name, value.Type().FriendlyName())
		default:
			config[name] = value.AsString()
		}
	}
	return config
}
