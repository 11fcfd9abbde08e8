package svixportal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is a call to the webhook server that failed for good.
type Error struct {
	// Call is what was tried, such as "CreateEndpoint".
	Call string
	// Status is the HTTP status of the reply, zero without one.
	Status int
	// Code and Detail are the server's own words; empty if it gave none.
	Code   string
	Detail string
	// Violations are the request's fields that the server refused.
	Violations []Violation
	// Attempts is how many attempts were made.
	Attempts int
	// Uncertain says that an attempt may have taken effect without a reply that says so.
	Uncertain bool
	// Err is why there is no reply, or why it could not be read; nil if there is one.
	Err error
}

// Violation is one field that the server refused.
type Violation struct {
	// Field is the field's name on the wire, such as "filterTypes"; empty if the server named none.
	Field string
	// Description says what is wrong with it.
	Description string
}

func (e *Error) Error() string { return e.Call + ": " + e.Reason() }
func (e *Error) Unwrap() error { return e.Err }

// Reason is the failure in words, without the call's name.
func (e *Error) Reason() string {
	var reasons []string
	for _, violation := range e.Violations {
		reasons = append(reasons, strings.TrimPrefix(violation.Field+": "+violation.Description, ": "))
	}
	switch {
	case e.Err != nil:
		return e.Err.Error()
	case e.Detail != "":
		return e.Detail
	case reasons != nil:
		return strings.Join(reasons, "; ")
	default:
		return fmt.Sprintf("the webhook server answered with HTTP status %d %s", e.Status, http.StatusText(e.Status))
	}
}

// IsNotFound reports whether the server said that it has no such object. A page that is not there, as of a wrong
// server, is something else.
func IsNotFound(err error) bool {
	failure := new(Error)
	return errors.As(err, &failure) && failure.Status == http.StatusNotFound && failure.Code != ""
}

// IsConflict reports whether the server refused because of an object that exists.
func IsConflict(err error) bool {
	failure := new(Error)
	return errors.As(err, &failure) && failure.Status == http.StatusConflict
}

// IsUncertain reports whether a failed call may have taken effect all the same.
func IsUncertain(err error) bool {
	failure := new(Error)
	return errors.As(err, &failure) && failure.Uncertain
}

// SessionError says that the portal link could not be turned into a session.
type SessionError struct {
	// Server is the base URL of the API that refused or did not answer.
	Server string
	Err    error
}

func (e *SessionError) Error() string {
	return fmt.Sprintf("%s did not open a session for the webhook portal's link: %v", e.Server, e.Err)
}

func (e *SessionError) Unwrap() error { return e.Err }

// UnknownOutcomeError says that an endpoint may or may not have been created.
type UnknownOutcomeError struct {
	// Err is what happened to the create.
	Err error
	// Look is why the endpoint could not be looked for; nil if it was, and was not found.
	Look error
}

func (e *UnknownOutcomeError) Error() string {
	if e.Look != nil {
		return fmt.Sprintf("%v; looking for it failed too: %v", e.Err, e.Look)
	}
	return fmt.Sprintf("%v; looking for it afterwards found nothing", e.Err)
}

func (e *UnknownOutcomeError) Unwrap() []error { return []error{e.Err, e.Look} }

// refuse reads a refusal: {"code", "detail"}, where the detail of invalid fields is a list of them. Other bodies are
// not repeated, since they may hold anything.
func (e *Error) refuse(body []byte) {
	var refusal struct {
		Code   string          `json:"code"`
		Detail json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return
	}
	e.Code = refusal.Code
	if json.Unmarshal(refusal.Detail, &e.Detail) == nil {
		return
	}
	var fields []struct {
		Location []any  `json:"loc"`
		Message  string `json:"msg"`
	}
	if json.Unmarshal(refusal.Detail, &fields) != nil {
		return
	}
	for _, field := range fields {
		violation := Violation{Description: field.Message}
		for _, step := range field.Location {
			// The first step is where in the request, the next the field; an index within it says little.
			if text, ok := step.(string); ok && text != "body" {
				violation.Field = text
				break
			}
		}
		e.Violations = append(e.Violations, violation)
	}
}
