package tf

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// Fields names the attribute of each field of the API, by the field's own name.
type Fields map[string]path.Path

// ApplyAgain is what to do about a failure that may pass.
const ApplyAgain = "Apply again: what was done stays done, and the next plan shows what is left."

// InvokeAgain is what to do about a failure of an action that may pass. Later plans need not repeat it.
func InvokeAgain(actionType string) string {
	return fmt.Sprintf("To try again, invoke the action by itself, with its own label in place of NAME: terraform apply -invoke=action.%s.NAME", actionType)
}

// AddError reports a failed call. The summary says what could not be done; what the API said of single fields goes to
// their attributes.
func AddError(diags *diag.Diagnostics, summary string, err error, fields Fields) {
	AddErrorOr(diags, summary, err, fields, ApplyAgain)
}

// AddErrorOr is AddError with something else to do about a failure that may pass.
func AddErrorOr(diags *diag.Diagnostics, summary string, err error, fields Fields, again string) {
	explained := scalekit.Explain(err)
	reference := reference(explained)
	onAttributes := 0
	for _, violation := range explained.Violations {
		if at, ok := fields.path(violation.Field); ok {
			diags.AddAttributeError(at, summary, sentence(Text(violation.Description))+reference)
			onAttributes++
		}
	}
	if onAttributes > 0 && onAttributes == len(explained.Violations) {
		return
	}
	detail := sentence(Text(explained.Message))
	for _, violation := range explained.Violations {
		if _, ok := fields.path(violation.Field); !ok {
			detail += fmt.Sprintf("\n  - %s: %s", Text(violation.Field), Text(violation.Description))
		}
	}
	diags.AddError(summary, detail+advice(err, explained, again)+reference)
}

// sentence gives a message of the API the form of one.
func sentence(message string) string {
	message = strings.TrimSpace(message)
	if message == "" {
		return "Scalekit gave no reason."
	}
	if strings.ContainsAny(message[len(message)-1:], ".!?") {
		return message
	}
	return message + "."
}

// advice says what to do about a failure whose code tells.
func advice(err error, explained scalekit.Explanation, again string) string {
	credentials, host, token := new(scalekit.CredentialsError), new(scalekit.HostError), new(scalekit.TokenError)
	switch {
	case errors.As(err, &credentials):
		return "\n\nCheck client_id and client_secret: they belong to one environment, and a secret that was revoked stops working at once."
	case errors.As(err, &host):
		return "\n\nCheck environment_url and this machine's network and proxy settings, then apply again."
	case errors.As(err, &token):
		return "\n\nCheck environment_url: it is the environment's own URL, as the Scalekit dashboard shows it under API credentials."
	}
	switch explained.Code {
	case "unauthenticated":
		return "\n\nThe access token was refused, and so was a fresh one: check that the API client may use the Scalekit API."
	case "permission_denied":
		return "\n\nThe API client lacks the permission for this call."
	case "resource_exhausted":
		return "\n\nThe environment's rate limit was still exceeded after all retries. Raise max_retries, or lower Terraform's -parallelism.\n\n" + again
	case "unavailable", "deadline_exceeded", "unknown", "internal":
		return "\n\n" + again
	case "unimplemented":
		return "\n\nThis environment does not offer the call."
	}
	return ""
}

// reference is what Scalekit's support asks for.
func reference(explained scalekit.Explanation) string {
	var parts []string
	if explained.Code != "" {
		parts = append(parts, "code "+Text(explained.Code))
	}
	if explained.ErrorCode != "" && !strings.EqualFold(explained.ErrorCode, explained.Code) {
		parts = append(parts, "error code "+Text(explained.ErrorCode))
	}
	if explained.RequestID != "" {
		parts = append(parts, "request id "+Text(explained.RequestID))
	}
	if len(parts) == 0 {
		return ""
	}
	return "\n\n(" + strings.Join(parts, ", ") + ")"
}

// mapEntry is the last step of a field path that leads into a map, such as metadata["plan"].
var mapEntry = regexp.MustCompile(`^(.+)\["(.*)"\]$`)

// path finds the attribute of a field path such as "organization.display_name" or `organization.metadata["plan"]`.
func (f Fields) path(field string) (path.Path, bool) {
	key := ""
	if match := mapEntry.FindStringSubmatch(field); match != nil {
		field, key = match[1], match[2]
	}
	at, ok := f[field[strings.LastIndex(field, ".")+1:]]
	if ok && key != "" {
		at = at.AtMapKey(key)
	}
	return at, ok
}
