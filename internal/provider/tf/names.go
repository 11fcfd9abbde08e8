package tf

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// IDs collects the ids of a list by a name, which is what for_each wants. A name that several objects have stands for
// none of them, and an object without a name is left out.
type IDs struct {
	byName    map[string]types.String
	ambiguous map[string]bool
}

// Add puts an object into the map. One that comes again, as it may when the list changes while it is read, changes
// nothing.
func (c *IDs) Add(name string, id types.String) {
	if c.byName == nil {
		c.byName, c.ambiguous = map[string]types.String{}, map[string]bool{}
	}
	if name == "" {
		return
	}
	if before, taken := c.byName[name]; taken && !before.Equal(id) {
		c.ambiguous[name] = true
	}
	c.byName[name] = id
}

// Map is the map for the attribute ids_by_KEY, such as ids_by_name, of a list of what, such as "groups of directory
// dir_1". It warns of names that are left out.
func (c *IDs) Map(diags *diag.Diagnostics, key, what string) map[string]types.String {
	if c.byName == nil {
		return map[string]types.String{}
	}
	maps.DeleteFunc(c.byName, func(name string, _ types.String) bool { return c.ambiguous[name] })
	if len(c.ambiguous) > 0 {
		diags.AddWarning("A "+key+" is ambiguous", fmt.Sprintf("Several %s share a %s, so ids_by_%s leaves these %ss out: %s.",
			what, key, key, key, QuoteAll(slices.Sorted(maps.Keys(c.ambiguous)))))
	}
	return c.byName
}
