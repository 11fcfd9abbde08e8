package webhook

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/svixportal"
)

const maxURLLength = 65_536

type urlValidator struct{}

func (urlValidator) Description(context.Context) string {
	return "must be an https URL without credentials, or an http one of a loopback host"
}

func (v urlValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString never repeats the URL, which may hold a credential. Whether it is plain http is for the plan to say,
// which knows what is there already.
func (urlValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	parsed, err := url.Parse(value)
	var complaint string
	switch {
	case utf8.RuneCountInString(value) > maxURLLength:
		complaint = fmt.Sprintf("has %d characters, and may have at most %d", utf8.RuneCountInString(value), maxURLLength)
	case err != nil || parsed.Scheme == "" || parsed.Hostname() == "":
		complaint = "is not a URL with a scheme and a host: expected the form https://example.com/webhooks"
	case parsed.User != nil:
		complaint = "holds credentials, which plans and logs would show: send them in a header instead, with headers_wo"
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		complaint = fmt.Sprintf("has the scheme %q: expected https", parsed.Scheme)
	default:
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid URL", "The URL "+complaint+".")
}

// plainHTTP is what is wrong with a URL that is not encrypted, empty if nothing is.
func plainHTTP(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" || svixportal.IsLoopback(parsed.Hostname()) {
		return ""
	}
	return fmt.Sprintf("The URL is plain http to %q, over which anybody may read the events: use https (http is for loopback hosts only).",
		parsed.Hostname())
}

// maxGracePeriod is the most that the server takes.
const maxGracePeriod = 168 * time.Hour

type graceValidator struct{}

func (graceValidator) Description(context.Context) string {
	return `must be a duration of whole seconds between 0 and 168 hours, such as "0s", "30m" or "24h"`
}

func (v graceValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v graceValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	grace, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || grace < 0 || grace > maxGracePeriod || grace%time.Second != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// headerName is what HTTP allows.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$")

// maxHeaderLength is what Svix's server takes, in bytes.
const maxHeaderLength = 4096

// headersValidator never repeats a value, which is a secret.
type headersValidator struct{}

func (headersValidator) Description(context.Context) string {
	return fmt.Sprintf("must be headers: names that HTTP allows, and values of at most %d bytes on one line", maxHeaderLength)
}

func (v headersValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (headersValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	seen := map[string]bool{}
	for name, element := range req.ConfigValue.Elements() {
		if !headerName.MatchString(name) {
			resp.Diagnostics.AddAttributeError(req.Path, "Invalid header", fmt.Sprintf("%q is not the name of an HTTP header.", name))
		}
		if lower := strings.ToLower(name); seen[lower] {
			resp.Diagnostics.AddAttributeError(req.Path, "Invalid header", fmt.Sprintf(
				"%q is there twice: the names of headers do not differ by case.", name))
		} else {
			seen[lower] = true
		}
		value, ok := element.(types.String)
		if !ok || value.IsUnknown() {
			continue
		}
		if value.IsNull() || len(value.ValueString()) > maxHeaderLength || strings.ContainsAny(value.ValueString(), "\r\n\x00") {
			resp.Diagnostics.AddAttributeError(req.Path, "Invalid header", fmt.Sprintf(
				"The value of %q must be text of at most %d bytes on one line.", name, maxHeaderLength))
		}
	}
}
