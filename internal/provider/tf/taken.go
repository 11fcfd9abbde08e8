package tf

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// KeyIsTaken is the summary of an error about a key that another object has.
const KeyIsTaken = "The key is taken"

// Taken is an object of the platform that has a key which a resource is to have.
type Taken struct {
	// Attribute is the attribute that holds the key.
	Attribute path.Path
	// Key is the key with its value, such as `external_id "acme"`.
	Key string
	// Holder is the object that has it, with its article, such as `Organization "Acme" (org_123)`.
	Holder string
	// ResourceType and ImportID are what an import block for the object needs.
	ResourceType, ImportID string
}

// AddTaken reports a key that is taken. Whether Terraform's state holds the object under another address cannot be seen
// from here, so the text is the same in every case and begins with what destroys nothing.
func AddTaken(diags *diag.Diagnostics, taken Taken) {
	diags.AddAttributeError(taken.Attribute, KeyIsTaken, fmt.Sprintf(
		"%s already has %s, so another cannot be created.\n\n"+
			"If this configuration had it under another address, add a moved block:\n\n"+
			"  moved {\n    from = %s.OLD\n    to   = %s.NAME\n  }\n\n"+
			"If an earlier apply left it tainted, keep it with: terraform untaint %s.NAME\n\n"+
			"If no Terraform state has it, import it:\n\n%s\n"+
			"Do not import what this state has under another address: removing that address would destroy it. "+
			"Otherwise, choose another value.\n\nTerraform plans before a destroy as well: terraform destroy -refresh=false does without this check.",
		taken.Holder, taken.Key, taken.ResourceType, taken.ResourceType, taken.ResourceType,
		ImportBlock(taken.ResourceType, taken.ImportID)))
}
