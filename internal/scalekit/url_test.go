package scalekit_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

func TestParseEnvironmentURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://acme.scalekit.com":      "https://acme.scalekit.com",
		"https://acme.scalekit.com/":     "https://acme.scalekit.com",
		"https://acme.scalekit.com//":    "https://acme.scalekit.com",
		"HTTPS://acme.scalekit.com":      "https://acme.scalekit.com",
		"https://acme.scalekit.com:8443": "https://acme.scalekit.com:8443",
		"https://localhost:8443/":        "https://localhost:8443",
		"https://192.0.2.1":              "https://192.0.2.1",
		"https://[2001:db8::1]:443":      "https://[2001:db8::1]:443",
		"https://scalekit.exämple":       "https://scalekit.exämple",
		"http://localhost:8787":          "http://localhost:8787",
		"http://127.0.0.1:8787/":         "http://127.0.0.1:8787",
		"http://127.0.0.2":               "http://127.0.0.2",
		"http://[::1]:8787":              "http://[::1]:8787",
	} {
		if got, err := scalekit.ParseEnvironmentURL(raw); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", raw, got, err, want)
		}
	}
}

func TestParseEnvironmentURLRefuses(t *testing.T) {
	t.Parallel()
	for raw, because := range map[string]string{
		"":                                  "not a URL",
		" ":                                 "white space",
		"acme.scalekit.com":                 "scheme and a host",
		"//acme.scalekit.com":               "scheme and a host",
		"localhost:8787":                    "scheme and a host",
		"https:acme.scalekit.com":           "scheme and a host",
		"https://":                          "scheme and a host",
		"https:///":                         "scheme and a host",
		"https://:443":                      "scheme and a host",
		"https://acme scalekit":             "not a URL",
		" https://acme.scalekit.com":        "white space",
		"https://acme.scalekit.com\n":       "white space",
		"https://acme.scalekit.com:port":    "not a URL",
		"https://[::1":                      "not a URL",
		"ftp://acme.scalekit.com":           `scheme "ftp"`,
		"https://acme.scalekit.com/api/v1":  "has a path",
		"https://acme.scalekit.com/?x=1":    "a query",
		"https://acme.scalekit.com?x=1":     "a query",
		"https://acme.scalekit.com#top":     "fragment",
		"https://id:hush@acme.scalekit.com": "holds credentials",
		"https://id@acme.scalekit.com":      "holds credentials",
		"http://acme.scalekit.com":          "unencrypted",
		"http://localhost.example":          "unencrypted",
		"http://127.0.0.1.example":          "unencrypted",
		"http://192.0.2.1":                  "unencrypted",
		"http://0.0.0.0:8787":               "unencrypted",
		"http://[2001:db8::1]":              "unencrypted",
		"http://127.0.0.1@acme.example":     "holds credentials",
	} {
		got, err := scalekit.ParseEnvironmentURL(raw)
		if err == nil {
			t.Errorf("%q: accepted as %q", raw, got)
			continue
		}
		if !strings.Contains(err.Error(), because) {
			t.Errorf("%q: %v, want an error with %q", raw, err, because)
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: the error repeats the password", raw)
		}
	}
}
