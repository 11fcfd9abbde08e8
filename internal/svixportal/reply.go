package svixportal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// Kinds of objects in replies.
const (
	kindEndpoint  = "endpoint"
	kindEventType = "event type"
)

// knownFields are the fields of each kind that Svix's client knows. It refuses a reply with any other, such as those of
// newer servers.
var knownFields = map[string][]string{
	kindEndpoint: {
		"channels", "createdAt", "description", "disabled", "filterTypes", "id", "metadata", "rateLimit", "uid", "updatedAt", "url", "version",
	},
	kindEventType: {"archived", "createdAt", "deprecated", "description", "name", "updatedAt"},
}

// renamed are the names that newer servers have for a field, beside or instead of the older one.
var renamed = map[string]string{"eventTypes": "filterTypes", "throttleRate": "rateLimit"}

// trim makes a reply one that Svix's client reads: one object, or a list of them in data. What is no such object is left
// as it is.
func trim(kind string, body []byte) []byte {
	if kind == "" {
		return body
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || object == nil {
		return body
	}
	data, isList := object["data"]
	if !isList {
		return encode(trimObject(kind, object), body)
	}
	var items []map[string]json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return body
	}
	for i := range items {
		items[i] = trimObject(kind, items[i])
	}
	list := map[string]json.RawMessage{"data": encode(items, data), "iterator": []byte("null")}
	for _, field := range []string{"done", "iterator", "prevIterator"} {
		if value, ok := object[field]; ok {
			list[field] = value
		}
	}
	return encode(list, body)
}

func trimObject(kind string, object map[string]json.RawMessage) map[string]json.RawMessage {
	for newer, older := range renamed {
		if value, ok := object[newer]; ok && isNull(object[older]) {
			object[older] = value
		}
	}
	// The deprecated version and empty metadata are what a server may leave out some day.
	kept := map[string]json.RawMessage{}
	if kind == kindEndpoint {
		kept["version"], kept["metadata"] = []byte("1"), []byte("{}")
	}
	for _, field := range knownFields[kind] {
		if value, ok := object[field]; ok {
			kept[field] = value
		}
	}
	return kept
}

func isNull(value json.RawMessage) bool { return len(value) == 0 || string(value) == "null" }

func encode(value any, otherwise []byte) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		return otherwise
	}
	return encoded
}

const mask = "***"

// secretMembers are the members of replies that hold a credential.
var secretMembers = map[string]bool{"key": true, "secret": true, "token": true, "oneTimeToken": true, "headers": true}

// maskedBody prints a reply with its secrets masked. It does so only when asked to, which the logger does only at TRACE.
type maskedBody []byte

// MarshalText prints for a log in JSON.
func (b maskedBody) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

func (b maskedBody) String() string {
	var value any
	if len(b) == 0 {
		return ""
	}
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return "a body that is not JSON"
	}
	return string(encode(maskMembers(value), nil))
}

func maskMembers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for member := range value {
			if secretMembers[member] {
				value[member] = mask
			} else {
				value[member] = maskMembers(value[member])
			}
		}
	case []any:
		for i := range value {
			value[i] = maskMembers(value[i])
		}
	}
	return value
}

// mask drops the request's secrets from what the server says of it, in each form in which it may have met them.
func (e *Error) mask(secrets []string) {
	var pairs []string
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			pairs = append(pairs, form, mask)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	e.Code, e.Detail = replacer.Replace(e.Code), replacer.Replace(e.Detail)
	for i, violation := range e.Violations {
		e.Violations[i] = Violation{replacer.Replace(violation.Field), replacer.Replace(violation.Description)}
	}
}

// forms are a text as it is, and as JSON, URLs, forms, base64 and hexadecimal have it.
func forms(text string) []string {
	if text == "" {
		return nil
	}
	quoted := strings.Trim(string(encode(text, nil)), `"`)
	path, query := url.PathEscape(text), url.QueryEscape(text)
	return []string{
		text, quoted, path, query, lowerEscapes(path), lowerEscapes(query),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(text)), "="),
		strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(text)), "="),
		hex.EncodeToString([]byte(text)),
	}
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(text string) string {
	return escape.ReplaceAllStringFunc(text, strings.ToLower)
}

var escape = regexp.MustCompile(`%[0-9A-F]{2}`)
