package tf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// IDs collects the ids of a list by a name, which is what for_each wants. A name that several objects have stands for
// none of them.
type IDs struct {
	byName    map[string]types.String
	ambiguous map[string]bool
}

// Add puts an object into the map.
func (c *IDs) Add(name string, id types.String) {
	if c.byName == nil {
		c.byName, c.ambiguous = map[string]types.String{}, map[string]bool{}
	}
	if _, taken := c.byName[name]; taken {
		c.ambiguous[name] = true
	}
	c.byName[name] = id
}

// Map is the map for the attribute ids_by_KEY, such as ids_by_name, of a list of what, such as "groups of directory
// dir_1". It warns of names that are left out.
func (c *IDs) Map(diags *diag.Diagnostics, key, what string) map[string]types.String {
	unique := map[string]types.String{}
	for name, id := range c.byName {
		if !c.ambiguous[name] {
			unique[name] = id
		}
	}
	if len(c.ambiguous) > 0 {
		diags.AddWarning("A "+key+" is ambiguous", fmt.Sprintf("Several %s share a %s, so ids_by_%s leaves these %ss out: %s.",
			what, key, key, key, strings.Join(slices.Sorted(maps.Keys(c.ambiguous)), ", ")))
	}
	return unique
}
