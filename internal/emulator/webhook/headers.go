package webhook

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const maxHeaderValue = 4096 // bytes [S]

// Headers that an endpoint cannot have of its own [S].
var (
	headerPattern    = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+.^_`|~-]+$")
	forbiddenHeaders = []string{
		"age", "cache-control", "clear-site-data", "content-encoding", "content-language", "content-length",
		"content-location", "content-type", "expires", "keep-alive", "pragma", "proxy-authenticate", "proxy-authorization",
		"te", "trailers", "transfer-encoding", "upgrade", "user-agent", "warning",
	}
	forbiddenHeaderPrefixes = []string{
		"svix-", "x-amz-", "x-amzn-", "x-azure-", "x-fd-", "x-gfe", "x-goog-", "x-google", "x-svix-",
	}
)

// sensitiveHeaders are those whose values the API never shows [S].
var sensitiveHeaders = []string{
	"authorization", "proxy-authenticate", "proxy-authorization", "www-authenticate", "x-api-key", "x-auth-token",
}

func (s *Server) getHeaders(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	shown, hidden := map[string]string{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(endpoint.Headers)) {
		if slices.Contains(sensitiveHeaders, strings.ToLower(name)) {
			hidden = append(hidden, name)
		} else {
			shown[name] = endpoint.Headers[name]
		}
	}
	return http.StatusOK, map[string]any{"headers": shown, "sensitive": hidden}, nil
}

// setHeaders is a PUT: the headers that are sent are all there are.
func (s *Server) setHeaders(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	in := newSvixInput(call.body)
	headers, sent := field[map[string]string](in, "headers", "a map of strings", false)
	if !sent {
		in.missing("headers")
	} else {
		endpoint.Headers = *headers
		for name, value := range *headers {
			in.checkHeader(name, value)
		}
	}
	return s.putHeaders(in, endpoint)
}

// patchHeaders sets the headers that are sent, and removes those that are sent as null or, for newer clients, named in
// deleteHeaders.
func (s *Server) patchHeaders(call *svixCall) (int, any, error) {
	endpoint, err := s.find(call.id)
	if err != nil {
		return 0, nil, err
	}
	if endpoint.Headers == nil {
		endpoint.Headers = map[string]string{}
	}
	in := newSvixInput(call.body)
	headers, sent := field[map[string]*string](in, "headers", "a map of strings", false)
	if !sent {
		in.missing("headers")
	} else {
		for name, value := range *headers {
			if value == nil {
				delete(endpoint.Headers, name)
				continue
			}
			in.checkHeader(name, *value)
			endpoint.Headers[name] = *value
		}
	}
	if names, sent := field[[]string](in, "deleteHeaders", "a list of strings", true); sent && names != nil {
		for _, name := range *names {
			delete(endpoint.Headers, name)
		}
	}
	return s.putHeaders(in, endpoint)
}

func (s *Server) putHeaders(in *svixInput, endpoint *webhookEndpoint) (int, any, error) {
	if err := in.err(); err != nil {
		return 0, nil, err
	}
	s.putChanged(endpoint)
	return http.StatusNoContent, nil, nil
}

func (in *svixInput) checkHeader(name, value string) {
	lower := strings.ToLower(name)
	switch {
	case !headerPattern.MatchString(name):
		in.problem(valueProblem, "Invalid Header Name.", "headers", name)
	case slices.Contains(forbiddenHeaders, lower):
		in.problem(valueProblem, "Header uses a forbidden key.", "headers", name)
	case slices.ContainsFunc(forbiddenHeaderPrefixes, func(prefix string) bool { return strings.HasPrefix(lower, prefix) }):
		in.problem(valueProblem, "Header starts with a forbidden prefix.", "headers", name)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		in.problem(valueProblem, "Invalid Header Value.", "headers", name)
	case len(value) > maxHeaderValue:
		in.problem(valueProblem, "Maximum header length is 4096 bytes", "headers", name)
	}
}
