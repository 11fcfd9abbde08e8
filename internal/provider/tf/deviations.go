package tf

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// NotStored is the summary of a diagnostic about a value that the platform accepted and did not store.
const NotStored = "Scalekit did not store what was asked for"

// Deviation is an attribute as it was planned and as the platform's reply has it.
type Deviation struct {
	Attribute      string
	Wanted, Stored attr.Value
}

// ReportDeviations reports the attributes of which the platform stored something else than it was sent. Left unsaid, each
// would come back as a diff with every plan.
func ReportDeviations(diags *diag.Diagnostics, deviations ...Deviation) {
	for _, d := range deviations {
		if !d.Wanted.IsUnknown() && !d.Wanted.Equal(d.Stored) {
			diags.AddAttributeError(path.Root(d.Attribute), NotStored, fmt.Sprintf(
				"The platform was sent %s = %s and stored %s. Set %s to what the platform stores.",
				d.Attribute, Text(d.Wanted.String()), Text(d.Stored.String()), d.Attribute))
		}
	}
}
