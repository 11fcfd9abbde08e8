package tf

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
)

// Results takes what a list resource finds to Terraform, one by one as it is found.
type Results struct {
	// Diagnostics come last, after everything that was found. What fails in the middle of a list belongs here.
	Diagnostics diag.Diagnostics

	request list.ListRequest
	push    func(list.ListResult) bool
	added   int64
	unread  bool // Terraform has stopped reading
}

// Stream lets find add the results of a list resource, from when Terraform reads them.
func Stream(req list.ListRequest, stream *list.ListResultsStream, find func(results *Results)) {
	stream.Results = func(push func(list.ListResult) bool) {
		results := &Results{request: req, push: push}
		find(results)
		if len(results.Diagnostics) > 0 && !results.unread {
			push(list.ListResult{Diagnostics: results.Diagnostics})
		}
	}
}

// Add delivers an object: its name for people, the model of its identity, and that of the resource, which is left out
// unless it was asked for. It reports whether another one is wanted; if not, nothing more may be read from the platform.
func (r *Results) Add(ctx context.Context, displayName string, identity, resource any) bool {
	result := r.request.NewListResult(ctx)
	result.DisplayName = displayName
	result.Diagnostics.Append(result.Identity.Set(ctx, identity)...)
	if r.request.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, resource)...)
	}
	r.added++
	r.unread = !r.push(result)
	// Terraform always says how many it wants: zero is a limit that was not sent.
	isLast := r.request.Limit > 0 && r.added >= r.request.Limit
	return !r.unread && !isLast
}

// Qualified is the display name of something whose name alone does not tell it from others: "name (qualifier)".
func Qualified(name, qualifier string) string {
	if qualifier == "" {
		return name
	}
	return name + " (" + qualifier + ")"
}
