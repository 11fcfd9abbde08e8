package tf_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
)

type listedModel struct {
	ID types.String `tfsdk:"id"`
}

// What was found comes before the diagnostics, and nothing after Terraform has stopped reading.
func TestResults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit, stopAfter int
		found            int // how many the platform was asked for
		wanted           []string
	}{
		"to the end":               {found: 3, wanted: []string{"a", "b", "c", "warning"}},
		"a limit beyond the end":   {limit: 4, found: 3, wanted: []string{"a", "b", "c", "warning"}},
		"a limit":                  {limit: 2, found: 2, wanted: []string{"a", "b", "warning"}},
		"stopped":                  {stopAfter: 1, found: 1, wanted: []string{"a"}},
		"stopped before the limit": {limit: 2, stopAfter: 1, found: 1, wanted: []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := list.ListRequest{
				Limit:                  int64(test.limit),
				ResourceSchema:         schema.Schema{Attributes: map[string]schema.Attribute{"id": schema.StringAttribute{Computed: true}}},
				ResourceIdentitySchema: identityschema.Schema{Attributes: map[string]identityschema.Attribute{"id": identityschema.StringAttribute{RequiredForImport: true}}},
			}
			found := 0
			var stream list.ListResultsStream
			tf.Stream(request, &stream, func(results *tf.Results) {
				results.Diagnostics.AddWarning("warning", "")
				for _, id := range []string{"a", "b", "c"} {
					found++
					m := listedModel{ID: types.StringValue(id)}
					if !results.Add(t.Context(), id, m, m) {
						return
					}
				}
			})
			if found != 0 {
				t.Error("it looks for results before they are read")
			}
			var got []string
			for result := range stream.Results {
				name := result.DisplayName
				for _, diagnostic := range result.Diagnostics {
					name += diagnostic.Summary()
				}
				if got = append(got, name); len(got) == test.stopAfter {
					break
				}
			}
			if !slices.Equal(got, test.wanted) || found != test.found {
				t.Errorf("it delivers %q of %d, and should deliver %q of %d", got, found, test.wanted, test.found)
			}
		})
	}
}
