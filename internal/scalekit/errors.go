package scalekit

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
)

// IsNotFound reports whether the API said that the object does not exist.
func IsNotFound(err error) bool { return err != nil && connect.CodeOf(err) == connect.CodeNotFound }

// IsUnimplemented reports whether the environment does not offer the call.
func IsUnimplemented(err error) bool {
	return err != nil && connect.CodeOf(err) == connect.CodeUnimplemented
}

// IsUnanswered reports whether a call failed because the environment did not answer it: in time, or at all.
func IsUnanswered(err error) bool {
	if err == nil {
		return false
	}
	if host := new(HostError); errors.As(err, &host) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	code := connect.CodeOf(err)
	return code == connect.CodeDeadlineExceeded || code == connect.CodeUnavailable
}

// Explanation is what an API error says of itself.
type Explanation struct {
	// Code is the gRPC code, such as "invalid_argument".
	Code string
	// Message is the API's own sentence.
	Message string
	// ErrorCode is ErrorInfo's machine-readable code, such as "RATE_LIMITED"; empty if there is none.
	ErrorCode string
	// RequestID names the request to Scalekit's support; empty if there is none.
	RequestID string
	// Violations are the request's fields that the API refused.
	Violations []Violation
}

// Violation is one field that the API refused.
type Violation struct {
	// Field is the field's path in the request, such as "organization.display_name".
	Field string
	// Description says what is wrong with it.
	Description string
}

// Explain reads an error of a call. Errors that did not come from the API have a message and nothing else.
func Explain(err error) Explanation {
	failure := new(connect.Error)
	if !errors.As(err, &failure) {
		return Explanation{Message: err.Error()}
	}
	code := failure.Code()
	if code < connect.CodeCanceled || code > connect.CodeUnauthenticated {
		code = connect.CodeUnknown // gRPC has no such code; a reply's details can say 0 all the same
	}
	explanation := Explanation{Code: code.String(), Message: failure.Message()}
	for _, detail := range failure.Details() {
		value, err := detail.Value()
		if err != nil {
			continue
		}
		info, ok := value.(*errdetailsv1.ErrorInfo)
		if !ok {
			continue
		}
		explanation.ErrorCode = info.GetErrorCode()
		explanation.RequestID = info.GetRequestInfo().GetRequestId()
		for _, violation := range info.GetValidationErrorInfo().GetFieldViolations() {
			explanation.Violations = append(explanation.Violations, Violation{
				Field: violation.GetField(), Description: violation.GetDescription(),
			})
		}
	}
	return explanation
}
