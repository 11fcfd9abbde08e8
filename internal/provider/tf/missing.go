package tf

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// AddReadError reports that what the organization with an id has could not be read. Where that is because there is no such
// organization, it says so on the attribute organization_id: the API's "not found" may be about anything.
func (d *Data) AddReadError(ctx context.Context, diags *diag.Diagnostics, summary string, err error, id string) {
	if !scalekit.IsNotFound(err) || !d.AddMissingOrganization(ctx, diags, id) {
		AddError(diags, summary, err, nil)
	}
}

// AddMissingOrganization looks whether there is the organization that the attribute organization_id names, and reports
// it if there is none. It returns whether it has reported that.
func (d *Data) AddMissingOrganization(ctx context.Context, diags *diag.Diagnostics, id string) bool {
	_, err := d.Client.Organization(ctx, id)
	if !scalekit.IsNotFound(err) {
		return false
	}
	addNoSuchOrganization(diags, id)
	return true
}

func addNoSuchOrganization(diags *diag.Diagnostics, id string) {
	diags.AddAttributeError(path.Root(organizationID), "No such organization",
		fmt.Sprintf("This environment has no organization with id %q.", id))
}
