package protocol

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Reading is what a data source answers.
type Reading struct {
	// Attributes are the whole state of the data source as plain values: string, bool, int64, []any (a set too) and
	// map[string]any (an object too), nil where they are null.
	Attributes map[string]any
	// Warnings are the details of the warnings.
	Warnings []string
}

// List is an attribute that is a list of objects.
func (r Reading) List(attribute string) []map[string]any {
	values, _ := r.Attributes[attribute].([]any)
	objects := make([]map[string]any, len(values))
	for i, value := range values {
		objects[i], _ = value.(map[string]any)
	}
	return objects
}

// ReadDataSource reads a data source of a configuration with strings and bools, as Terraform does once it has validated
// the configuration. An error names all that the provider complains of.
func (p *Driver) ReadDataSource(dataSource string, config map[string]any) (Reading, error) {
	p.t.Helper()
	ctx := context.Background()
	schema, ok := p.schemas.DataSourceSchemas[dataSource]
	if !ok {
		p.t.Fatalf("the provider has no data source %s", dataSource)
	}
	object := schema.ValueType().(tftypes.Object)
	values := nulls(object)
	for name, value := range config {
		values[name] = tftypes.NewValue(object.AttributeTypes[name], value)
	}
	encoded := p.dynamic(object, values)
	validated, err := p.server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: dataSource, Config: encoded})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := complaint(validated.Diagnostics); err != nil {
		return Reading{}, err
	}
	reply, err := p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: dataSource, Config: encoded})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := complaint(reply.Diagnostics); err != nil {
		return Reading{}, err
	}
	decoded, err := reply.State.Unmarshal(object)
	if err != nil {
		p.t.Fatal(err)
	}
	reading := Reading{Attributes: p.plain(decoded).(map[string]any)}
	for _, diagnostic := range reply.Diagnostics {
		reading.Warnings = append(reading.Warnings, diagnostic.Detail)
	}
	return reading, nil
}

// MustRead reads a data source and fails the test if that fails.
func (p *Driver) MustRead(dataSource string, config map[string]any) Reading {
	p.t.Helper()
	reading, err := p.ReadDataSource(dataSource, config)
	if err != nil {
		p.t.Fatal(err)
	}
	return reading
}

// DataSourceSchemas are the schemas of the data sources that the provider serves.
func (p *Driver) DataSourceSchemas() map[string]*tfprotov6.Schema {
	return maps.Clone(p.schemas.DataSourceSchemas)
}

// complaint is an error of the diagnostics that are errors, with the attributes that they are about.
func complaint(diagnostics []*tfprotov6.Diagnostic) error {
	var texts []string
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			text := diagnostic.Summary + ": " + diagnostic.Detail
			if diagnostic.Attribute != nil {
				text = diagnostic.Attribute.String() + ": " + text
			}
			texts = append(texts, text)
		}
	}
	if texts == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(texts, "\n"))
}

// plain gives a value of the protocol in Go's own types.
func (p *Driver) plain(value tftypes.Value) any {
	if value.IsNull() {
		return nil
	}
	var err error
	defer func() {
		if err != nil {
			p.t.Fatal(err)
		}
	}()
	switch kind := value.Type(); {
	case kind.Is(tftypes.String):
		var text string
		err = value.As(&text)
		return text
	case kind.Is(tftypes.Bool):
		var truth bool
		err = value.As(&truth)
		return truth
	case kind.Is(tftypes.Number):
		var number big.Float
		err = value.As(&number)
		whole, _ := number.Int64()
		return whole
	case kind.Is(tftypes.Map{}), kind.Is(tftypes.Object{}):
		var elements map[string]tftypes.Value
		err = value.As(&elements)
		values := make(map[string]any, len(elements))
		for name, element := range elements {
			values[name] = p.plain(element)
		}
		return values
	default:
		var elements []tftypes.Value
		err = value.As(&elements)
		values := make([]any, len(elements))
		for i, element := range elements {
			values[i] = p.plain(element)
		}
		return values
	}
}
