package domain

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

const (
	minLength = 4
	maxLength = 255
)

// namePattern is a host name of two labels or more. The platform's own rule is the length alone; that it refuses a
// name without a dot was seen, and whether it folds upper case is not known, so only lower case is created, which
// cannot come back changed.
var namePattern = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// publicProviders are well-known public e-mail providers. The platform refuses these and others, and disposable
// addresses' domains; its list is not published.
var publicProviders = map[string]bool{
	"aol.com": true, "fastmail.com": true, "gmail.com": true, "gmx.com": true, "gmx.de": true, "gmx.net": true,
	"googlemail.com": true, "hotmail.com": true, "icloud.com": true, "live.com": true, "mail.com": true, "mail.ru": true,
	"me.com": true, "msn.com": true, "outlook.com": true, "proton.me": true, "protonmail.com": true, "qq.com": true,
	"rediffmail.com": true, "yahoo.co.in": true, "yahoo.co.uk": true, "yahoo.com": true, "yandex.com": true, "yandex.ru": true,
	"ymail.com": true, "zoho.com": true,
}

// nameValidator accepts whatever domain may be on the platform already. What may not be created is for the plan to say.
type nameValidator struct{}

func (nameValidator) Description(context.Context) string {
	return fmt.Sprintf("must be a domain name of %d to %d characters with a dot", minLength, maxLength)
}

func (v nameValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (nameValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	name := req.ConfigValue.ValueString()
	var complaint string
	switch {
	case len(name) < minLength || len(name) > maxLength:
		complaint = fmt.Sprintf("has %d characters: a domain has %d to %d", len(name), minLength, maxLength)
	case !strings.Contains(name, "."):
		complaint = "has no dot: give the full domain, such as acme.example"
	default:
		return
	}
	addNameError(&resp.Diagnostics, name, complaint)
}

// checkName refuses what should not be created as a domain.
func checkName(diags *diag.Diagnostics, name string) {
	var complaint string
	switch {
	case name != strings.ToLower(name):
		complaint = fmt.Sprintf("has upper-case letters: write %q", strings.ToLower(name))
	case !namePattern.MatchString(name):
		complaint = "is not a domain name: it is made of letters, digits and hyphens in parts joined by dots, each of at most 63 characters, and one in another script is given in its xn-- form"
	case publicProviders[name]:
		complaint = "belongs to a public e-mail provider: the platform accepts only a domain that is an organization's own"
	default:
		return
	}
	addNameError(diags, name, complaint)
}

func addNameError(diags *diag.Diagnostics, name, complaint string) {
	diags.AddAttributeError(path.Root("domain"), "Invalid domain", fmt.Sprintf("%q %s.", name, complaint))
}
