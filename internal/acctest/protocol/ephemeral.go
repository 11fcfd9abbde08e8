package protocol

import (
	"bytes"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// OpenEphemeral opens an ephemeral resource. The configuration has attributes of string type; those that are left out are
// null. It returns the result's attributes of string type, and what the provider logs at its most talkative level.
func (p *Driver) OpenEphemeral(ephemeralType string, config map[string]string) (result map[string]string, log string) {
	p.t.Helper()
	object := p.schemas.EphemeralResourceSchemas[ephemeralType].ValueType().(tftypes.Object)
	values := nulls(object)
	for name, value := range config {
		values[name] = tftypes.NewValue(tftypes.String, value)
	}
	var output bytes.Buffer
	opened, err := p.server.OpenEphemeralResource(tflogtest.RootLogger(p.t.Context(), &output), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: ephemeralType, Config: p.dynamic(object, values),
	})
	p.must(err, opened.Diagnostics)
	return p.strings(object, opened.Result), output.String()
}
