package protocol

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Unknown is the value of an attribute that is known only after the apply.
const Unknown = "\x00unknown"

// Invocation is what an action said: when it was validated, planned and invoked, as far as it came.
type Invocation struct {
	// Progress are the messages of the run, in their order.
	Progress []string
	// Warnings and Errors are the diagnostics, each "ATTRIBUTE: SUMMARY: DETAIL", without the attribute if it is of none. They are
	// sorted, since the order in which attributes are validated is that of a map.
	Warnings []string
	Errors   []string
}

func (i *Invocation) add(diagnostics []*tfprotov6.Diagnostic) {
	for _, diagnostic := range diagnostics {
		text := diagnostic.Summary + ": " + diagnostic.Detail
		if diagnostic.Attribute != nil {
			for _, step := range diagnostic.Attribute.Steps() {
				if name, ok := step.(tftypes.AttributeName); ok {
					text = string(name) + ": " + text
				}
			}
		}
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			i.Errors = append(i.Errors, text)
		} else {
			i.Warnings = append(i.Warnings, text)
		}
	}
	slices.Sort(i.Errors)
	slices.Sort(i.Warnings)
}

// actions is the provider's side of actions, which the protocol's library keeps in an interface of its own.
func (p *Driver) actions() tfprotov6.ActionServer {
	p.t.Helper()
	server, ok := p.server.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatal("the provider serves no actions")
	}
	return server
}

// ActionTypes are the actions that the provider serves, sorted.
func (p *Driver) ActionTypes() []string {
	return slices.Sorted(maps.Keys(p.schemas.ActionSchemas))
}

// PlanAction validates and plans an action, as Terraform does in a plan. The configuration has attributes of string type,
// some of which may be Unknown; those that are left out are null.
func (p *Driver) PlanAction(actionType string, config map[string]string) Invocation {
	p.t.Helper()
	var said Invocation
	p.planAction(actionType, p.actionConfig(actionType, config), &said)
	return said
}

// InvokeAction validates, plans and invokes an action, as Terraform does in an apply. What is an error before is the end.
func (p *Driver) InvokeAction(actionType string, config map[string]string) Invocation {
	p.t.Helper()
	encoded := p.actionConfig(actionType, config)
	var said Invocation
	if p.planAction(actionType, encoded, &said); said.Errors == nil {
		p.invokeAction(actionType, encoded, &said)
	}
	return said
}

// InvokeActionUnplanned invokes an action without the look-ups of a plan.
func (p *Driver) InvokeActionUnplanned(actionType string, config map[string]string) Invocation {
	p.t.Helper()
	var said Invocation
	p.invokeAction(actionType, p.actionConfig(actionType, config), &said)
	return said
}

// PlanEnable plans to enable an object that exists, as Terraform does before it plans an action that this triggers.
func (p *Driver) PlanEnable(resourceType string, identity map[string]string) {
	p.t.Helper()
	read := p.importByIdentity(resourceType, identity)
	resourceSchema := p.schemas.ResourceSchemas[resourceType]
	object := resourceSchema.ValueType().(tftypes.Object)
	decoded, err := read.NewState.Unmarshal(object)
	if err != nil {
		p.t.Fatal(err)
	}
	var planned map[string]tftypes.Value
	if err := decoded.As(&planned); err != nil {
		p.t.Fatal(err)
	}
	planned["enabled"] = tftypes.NewValue(tftypes.Bool, true)
	config := nulls(object)
	for _, attribute := range resourceSchema.Block.Attributes {
		if attribute.Required || attribute.Name == "enabled" {
			config[attribute.Name] = planned[attribute.Name]
		}
	}
	reply, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: read.NewState, PriorPrivate: read.Private, PriorIdentity: read.NewIdentity,
		Config: p.dynamic(object, config), ProposedNewState: p.dynamic(object, planned),
	})
	p.must(err, reply.Diagnostics)
}

func (p *Driver) planAction(actionType string, config *tfprotov6.DynamicValue, said *Invocation) {
	p.t.Helper()
	validated, err := p.actions().ValidateActionConfig(p.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: config})
	p.must(err, nil)
	if said.add(validated.Diagnostics); said.Errors != nil {
		return
	}
	planned, err := p.actions().PlanAction(p.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: config})
	p.must(err, nil)
	if planned.Deferred != nil {
		p.t.Errorf("%s asks to be deferred, which Terraform does not offer", actionType)
	}
	said.add(planned.Diagnostics)
}

func (p *Driver) invokeAction(actionType string, config *tfprotov6.DynamicValue, said *Invocation) {
	p.t.Helper()
	stream, err := p.actions().InvokeAction(p.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: config})
	p.must(err, nil)
	completed := false
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			said.Progress = append(said.Progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed = true
			said.add(event.Diagnostics)
		}
	}
	if !completed {
		p.t.Errorf("%s does not say that it has completed", actionType)
	}
}

func (p *Driver) actionConfig(actionType string, config map[string]string) *tfprotov6.DynamicValue {
	p.t.Helper()
	actionSchema, ok := p.schemas.ActionSchemas[actionType]
	if !ok {
		p.t.Fatalf("there is no action %s", actionType)
	}
	object := actionSchema.Schema.ValueType().(tftypes.Object)
	values := nulls(object)
	for name, value := range config {
		if _, ok := values[name]; !ok {
			p.t.Fatalf("%s has no %s", actionType, name)
		}
		values[name] = tftypes.NewValue(tftypes.String, value)
		if value == Unknown {
			values[name] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
		}
	}
	return p.dynamic(object, values)
}

// MustSay fails the test unless an action said what it should: so many messages, warnings and errors, each with the wanted
// text in it.
func (i Invocation) MustSay(t *testing.T, wanted Invocation) {
	t.Helper()
	for what, lists := range map[string][2][]string{
		"progress": {i.Progress, wanted.Progress}, "warnings": {i.Warnings, wanted.Warnings}, "errors": {i.Errors, wanted.Errors},
	} {
		said, texts := lists[0], lists[1]
		if !slices.EqualFunc(said, texts, strings.Contains) {
			t.Errorf("%s:\n%s\nwhich should have:\n%s", what, strings.Join(said, "\n"), strings.Join(texts, "\n"))
		}
	}
}
