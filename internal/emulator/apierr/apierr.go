// Package apierr has the errors of the platform's API, as every service and protocol of the emulator reports them.
package apierr

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
)

// The error codes of ErrorInfo. UNAUTHENTICATED, INVALID_ARGUMENT and RATE_LIMITED have been seen on the platform; for
// the others it is inferred that the code is the gRPC code's name [I].
const (
	Unauthenticated = "UNAUTHENTICATED"
	InvalidArgument = "INVALID_ARGUMENT"
	RateLimited     = "RATE_LIMITED"
)

// Error is an error as the platform reports it, before it knows its request id and its protocol.
type Error struct {
	Code       connect.Code
	ErrorCode  string // ErrorInfo.error_code
	Message    string
	violations []*errdetailsv1.ValidationErrorInfo_FieldViolation
	RetryAfter time.Duration // 0 means no retry-after
	Stack      string        // where a handler panicked
	Status     int           // the HTTP status; 0 means the one that belongs to the code
}

func (e *Error) Error() string { return e.Message }

// New makes an error whose ErrorInfo has the gRPC code's name as its error code.
func New(code connect.Code, format string, args ...any) *Error {
	return &Error{Code: code, ErrorCode: CodeName(code), Message: fmt.Sprintf(format, args...)}
}

// NotFound reports a missing object: NOT_FOUND, for all kinds alike.
func NotFound(noun, id string) *Error {
	return New(connect.CodeNotFound, "%s %q not found", noun, id)
}

// InvalidField reports a value that a rule outside the descriptors refuses. field is a proto field path from the request
// message on, constraint the name of the rule.
func InvalidField(field, constraint, format string, args ...any) *Error {
	description := fmt.Sprintf(format, args...)
	return &Error{
		Code:      connect.CodeInvalidArgument,
		ErrorCode: InvalidArgument,
		Message:   field + ": " + description,
		violations: []*errdetailsv1.ValidationErrorInfo_FieldViolation{
			{Field: field, Description: description, Constraint: constraint},
		},
	}
}

// Duplicate reports a value that must be unique and is not. The platform answers INVALID_ARGUMENT, never
// ALREADY_EXISTS; that it names no field, so that only the text tells, is assumed [U].
func Duplicate(noun, property, value string) *Error {
	return New(connect.CodeInvalidArgument, "%s with %s %q already exists", noun, property, value)
}

// Info is the ErrorInfo that every error carries.
func (e *Error) Info(requestID string) *errdetailsv1.ErrorInfo {
	info := &errdetailsv1.ErrorInfo{
		ErrorCode:   e.ErrorCode,
		RequestInfo: &errdetailsv1.RequestInfo{RequestId: requestID},
	}
	if len(e.violations) > 0 {
		info.ValidationErrorInfo = &errdetailsv1.ValidationErrorInfo{FieldViolations: e.violations}
	}
	if e.Stack != "" {
		info.DebugInfo = &errdetailsv1.DebugInfo{
			StackEntries: strings.Split(strings.TrimSpace(e.Stack), "\n"),
			Detail:       "a defect of the emulator",
		}
	}
	return info
}

// inform takes over what info has made of an error.
func (e *Error) inform(detail proto.Message) {
	if info, ok := detail.(*errdetailsv1.ErrorInfo); ok {
		e.ErrorCode = info.GetErrorCode()
		e.violations = info.GetValidationErrorInfo().GetFieldViolations()
		e.Stack = strings.Join(info.GetDebugInfo().GetStackEntries(), "\n")
	}
}

// From gives any error of a handler the platform's form. One that is not an Error is a defect: INTERNAL.
func From(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	var wire *connect.Error // Of a service's handler, or of a generated one that has no service: UNIMPLEMENTED.
	if errors.As(err, &wire) {
		out := New(wire.Code(), "%s", wire.Message())
		for _, detail := range wire.Details() {
			if value, err := detail.Value(); err == nil {
				out.inform(value)
			}
		}
		return out
	}
	return New(connect.CodeInternal, "%v", err)
}

// WholeSeconds is the delay-seconds form of Retry-After, rounded up so that waiting that long is long enough.
func WholeSeconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
