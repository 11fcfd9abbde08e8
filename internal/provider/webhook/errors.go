package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider/tf"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

// fields are the attributes of the wire's fields, in the names of older and newer servers.
var fields = map[string]path.Path{
	"url":          path.Root("url"),
	"description":  path.Root("description"),
	"disabled":     path.Root("enabled"),
	"filterTypes":  path.Root("event_types"),
	"eventTypes":   path.Root("event_types"),
	"eventType":    path.Root("event_type"), // of an example
	"channels":     path.Root("channels"),
	"rateLimit":    path.Root("rate_limit"),
	"throttleRate": path.Root("rate_limit"),
	"metadata":     path.Root("metadata"),
	"uid":          path.Root("uid"),
	"headers":      path.Root("headers_wo"),
}

const bypass = "give the server, the application and a token for it in the `webhooks` block of the provider's configuration"

// addError reports a failed call. What the webhook server said of single fields goes to their attributes.
func addError(diags *diag.Diagnostics, summary string, err error) {
	addErrorOr(diags, summary, err, tf.ApplyAgain)
}

// addWarning reports a failed call after which the object stands. Outcome says how it is, and what mends it.
func addWarning(diags *diag.Diagnostics, summary string, err error, outcome string) {
	var explained diag.Diagnostics
	addErrorOr(&explained, summary, err, "")
	for _, one := range explained {
		diags.AddWarning(one.Summary(), strings.TrimSpace(one.Detail())+"\n\n"+outcome)
	}
}

// addErrorOr is addError with something else to do about a failure that may pass.
func addErrorOr(diags *diag.Diagnostics, summary string, err error, again string) {
	misread, session, refused := new(svixportal.LinkError), new(svixportal.SessionError), new(svixportal.Error)
	switch {
	case errors.As(err, &misread):
		diags.AddError(summary, fmt.Sprintf(
			"The provider manages webhook endpoints with the environment's webhook portal link, and does not understand that link: it found %s.\n\n"+
				"That the link is one to a Svix application portal, with a key in its fragment, is inferred and not documented. "+
				"To do without it, %s.", tf.Text(misread.Found), bypass))
	case errors.As(err, &session):
		diags.AddError(summary, fmt.Sprintf("The webhook portal's link opens no session: %s answered: %s.\n\n"+
			"%s\n\nIf that does not help, %s.", tf.Text(session.Server), reason(session.Err), again, bypass))
	case errors.As(err, &refused):
		addRefusal(diags, summary, err, refused, again)
	default:
		tf.AddErrorOr(diags, summary, err, nil, again)
	}
}

func reason(err error) string {
	if refused := new(svixportal.Error); errors.As(err, &refused) {
		return strings.TrimRight(tf.Text(refused.Reason()), ".")
	}
	return tf.Text(err.Error())
}

func addRefusal(diags *diag.Diagnostics, summary string, err error, refused *svixportal.Error, again string) {
	reference := ""
	if refused.Status != 0 {
		reference = fmt.Sprintf("\n\n(webhook server, HTTP status %d", refused.Status)
		if refused.Code != "" {
			reference += ", code " + tf.Text(refused.Code)
		}
		reference += ")"
	}
	onAttributes := 0
	for _, violation := range refused.Violations {
		if at, ok := fields[violation.Field]; ok {
			diags.AddAttributeError(at, summary, strings.TrimRight(tf.Text(violation.Description), ".")+"."+reference)
			onAttributes++
		}
	}
	if onAttributes > 0 && onAttributes == len(refused.Violations) {
		return
	}
	advice := ""
	switch {
	case refused.Status == http.StatusUnauthorized:
		advice = "\n\nThe webhook server refused the session, and so it did a fresh one. If the `webhooks` block of the provider's " +
			"configuration gives a token, it may have expired."
	case refused.Status == http.StatusForbidden:
		advice = "\n\nThe webhook portal's session may not do this. To use another token, " + bypass + "."
	case refused.Status == http.StatusNotFound && refused.Code == "":
		advice = "\n\nThis does not look like the API of a Svix server. If its URL is wrong, " + bypass + "."
	case refused.Status == http.StatusTooManyRequests:
		advice = "\n\nThe rate limit was still exceeded after all retries. Raise max_retries, or lower Terraform's -parallelism.\n\n" + again
	case refused.Status == 0 || refused.Status >= http.StatusInternalServerError:
		advice = "\n\n" + again
	}
	detail := reason(err)
	if text, _, joined := strings.Cut(err.Error(), "\n"); joined {
		detail = tf.Text(text) + ": " + detail
	}
	diags.AddError(summary, strings.ToUpper(detail[:1])+detail[1:]+"."+advice+reference)
}
