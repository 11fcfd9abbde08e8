package svixportal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// defaultServer is the API of a link that names neither a server nor a region.
const defaultServer = "https://api.svix.com"

// regions are those whose API a link may name.
var regions = []string{"us", "eu", "in", "ca", "au"}

// link is what a portal link says: where the API is, of which application, and what opens it.
type link struct {
	server       string
	application  string
	oneTimeToken string
	token        string
}

// LinkError says that the portal link is of a form that is not understood. It holds nothing that works as a credential.
type LinkError struct {
	// Found says what the link has instead.
	Found string
}

func (e *LinkError) Error() string {
	return "the environment's webhook portal link is not understood: " + e.Found
}

// parseLink reads a link https://<portal host>/login#key=<base64 of a JSON object>, the form of a Svix application
// portal. That Scalekit gives such links is inferred; every form in which they are known is read.
func parseLink(raw string) (link, error) {
	before, fragment, hasFragment := strings.Cut(raw, "#")
	parsed, err := url.Parse(before)
	if err != nil || parsed.Scheme == "" || parsed.Host == "" {
		return link{}, &LinkError{Found: fmt.Sprintf("a text of %d characters that is not a URL", len(raw))}
	}
	found := func(format string, arguments ...any) (link, error) {
		return link{}, &LinkError{Found: "a link to " + parsed.Host + " " + fmt.Sprintf(format, arguments...)}
	}
	if !hasFragment {
		return found("without a fragment")
	}
	key, ok := fragmentKey(fragment)
	if !ok {
		return found("whose fragment has no key%s", butHas(fragmentNames(fragment)))
	}
	decoded, err := decodeBase64(key)
	if err != nil {
		return found("whose key, of %d characters, is not base64", len(key))
	}
	var members map[string]any
	if err := json.Unmarshal(decoded, &members); err != nil || members == nil {
		return found("whose key is base64, but not of a JSON object")
	}
	text := func(name string) string {
		value, _ := members[name].(string)
		return value
	}
	read := link{application: text("appId"), oneTimeToken: text("oneTimeToken"), token: text("token")}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	switch {
	case read.application == "":
		return found("whose key has no appId%s", butHas(printable(names)))
	case !applicationPattern.MatchString(read.application):
		return found("whose key has an appId that is not an id")
	case read.oneTimeToken == "" && read.token == "":
		return found("whose key has neither oneTimeToken nor token%s", butHas(printable(names)))
	}
	read.server, err = serverOf(text("serverUrl"), text("region"))
	if err != nil {
		return found("whose key has %v", err)
	}
	return read, nil
}

// applicationPattern is Svix's rule for ids and own ids, without those that would be a step up in a path.
var applicationPattern = regexp.MustCompile(`^[a-zA-Z0-9\-_][a-zA-Z0-9\-_.]{0,255}$`)

func serverOf(server, region string) (string, error) {
	switch {
	case server != "":
		parsed, err := ParseServerURL(server)
		if err != nil {
			return "", fmt.Errorf("a serverUrl that %w", err)
		}
		return parsed, nil
	case region == "":
		return defaultServer, nil
	case slices.Contains(regions, region):
		return "https://api." + region + ".svix.com", nil
	case name.MatchString(region):
		return "", fmt.Errorf("the unknown region %q", region)
	default:
		return "", errors.New("an unknown region")
	}
}

// fragmentKey finds the parameter key. The fragment is not read as a query, which would make the plus signs of
// base64 spaces.
func fragmentKey(fragment string) (string, bool) {
	for part := range strings.SplitSeq(fragment, "&") {
		value, ok := strings.CutPrefix(part, "key=")
		if !ok || value == "" {
			continue
		}
		if unescaped, err := url.PathUnescape(value); err == nil {
			value = unescaped
		}
		return value, true
	}
	return "", false
}

// decodeBase64 reads both alphabets, padded or not.
func decodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}

// name is what is taken for a name and may be printed. It has no digits, as tokens do.
var name = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,19}$`)

func printable(names []string) []string {
	var shown []string
	for _, one := range names {
		if name.MatchString(one) {
			shown = append(shown, one)
		}
	}
	slices.Sort(shown)
	return shown
}

// fragmentNames are the names of a fragment's parameters.
func fragmentNames(fragment string) []string {
	var names []string
	for part := range strings.SplitSeq(fragment, "&") {
		// What ends in equals signs is padded base64.
		if one, value, ok := strings.Cut(part, "="); ok && strings.Trim(value, "=") != "" {
			names = append(names, one)
		}
	}
	return printable(names)
}

func butHas(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", but " + strings.Join(names, ", ")
}

// ParseServerURL checks the base URL of a server's API and returns it without a trailing slash. It accepts https, and
// plain http for a loopback host, since the token travels with every call.
func ParseServerURL(raw string) (string, error) {
	parsed, err := url.Parse(raw)
	switch {
	case err != nil || parsed.Scheme == "" || parsed.Hostname() == "":
		return "", errors.New("is not a URL with a scheme and a host")
	case parsed.User != nil:
		return "", errors.New("holds credentials")
	case strings.Contains(parsed.Host, "%"):
		return "", errors.New("names a network zone in its host")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return "", fmt.Errorf("has the scheme %q: expected https", parsed.Scheme)
	case parsed.RawQuery != "" || parsed.Fragment != "":
		return "", errors.New("has a query or a fragment")
	case parsed.Scheme == "http" && !IsLoopback(parsed.Hostname()):
		return "", fmt.Errorf("is plain http to %q, which would send the token unencrypted: use https (http is for loopback hosts only)", parsed.Hostname())
	}
	return parsed.Scheme + "://" + parsed.Host + strings.TrimRight(parsed.EscapedPath(), "/"), nil
}

// IsLoopback reports whether a host is this machine's own.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// SameURL reports whether two URLs mean the same. The server stores its own spelling: the host in lower case, no default
// port, and a path of at least a slash.
func SameURL(first, second string) bool {
	if first == second {
		return true
	}
	a, errA := url.Parse(first)
	b, errB := url.Parse(second)
	return errA == nil && errB == nil && canonical(a) == canonical(b)
}

func canonical(parsed *url.URL) string {
	resolved := parsed.ResolveReference(&url.URL{Path: parsed.Path, RawQuery: parsed.RawQuery, Fragment: parsed.Fragment})
	scheme, host, port := strings.ToLower(resolved.Scheme), strings.ToLower(resolved.Hostname()), resolved.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[scheme]
	}
	path := resolved.Path
	if path == "" {
		path = "/"
	}
	query, err := url.QueryUnescape(resolved.RawQuery)
	if err != nil {
		query = resolved.RawQuery
	}
	return fmt.Sprintf("%s %s %s %s ?%t%s #%s %v", scheme, host, port, path, resolved.RawQuery != "", query, resolved.Fragment, resolved.User)
}
