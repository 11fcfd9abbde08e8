package tf

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// AddAdopted warns that the reply to a create was lost, and that what was found afterwards is taken for what it made. What
// names the object, such as "organization org_1".
func AddAdopted(diags *diag.Diagnostics, what string) {
	diags.AddWarning("The reply to a create was lost", fmt.Sprintf(
		"The reply was lost, and %s was found right afterwards, equal in all that was sent. It is taken for the one that was created. "+
			"If somebody else has made an equal one in the same seconds, remove it from the state: terraform state rm ADDRESS.", what))
}
