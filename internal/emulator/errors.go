package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
)

// The error codes of ErrorInfo. UNAUTHENTICATED, INVALID_ARGUMENT and RATE_LIMITED have been seen on the platform; for
// the others it is inferred that the code is the gRPC code's name [I].
const (
	errorCodeUnauthenticated = "UNAUTHENTICATED"
	errorCodeInvalidArgument = "INVALID_ARGUMENT"
	errorCodeRateLimited     = "RATE_LIMITED"
)

// apiError is an error as the platform reports it, before it knows its request id and its protocol.
type apiError struct {
	code       connect.Code
	errorCode  string // ErrorInfo.error_code
	message    string
	violations []*errdetailsv1.ValidationErrorInfo_FieldViolation
	retryAfter time.Duration // 0 means no retry-after
	stack      string        // where a handler panicked
}

func (e *apiError) Error() string { return e.message }

// newError makes an error whose ErrorInfo has the gRPC code's name as its error code.
func newError(code connect.Code, format string, args ...any) *apiError {
	return &apiError{code: code, errorCode: codeName(code), message: fmt.Sprintf(format, args...)}
}

// notFound reports a missing object: NOT_FOUND, for all kinds alike.
func notFound(noun, id string) *apiError {
	return newError(connect.CodeNotFound, "%s %q not found", noun, id)
}

// invalidField reports a value that a rule outside the descriptors refuses. field is a proto field path from the request
// message on, constraint the name of the rule.
func invalidField(field, constraint, format string, args ...any) *apiError {
	description := fmt.Sprintf(format, args...)
	return &apiError{
		code:      connect.CodeInvalidArgument,
		errorCode: errorCodeInvalidArgument,
		message:   field + ": " + description,
		violations: []*errdetailsv1.ValidationErrorInfo_FieldViolation{
			{Field: field, Description: description, Constraint: constraint},
		},
	}
}

// duplicate reports a value that must be unique and is not. The platform answers INVALID_ARGUMENT, never
// ALREADY_EXISTS; that it names no field, so that only the text tells, is assumed [U].
func duplicate(noun, property, value string) *apiError {
	return newError(connect.CodeInvalidArgument, "%s with %s %q already exists", noun, property, value)
}

// info is the ErrorInfo that every error carries.
func (e *apiError) info(requestID string) *errdetailsv1.ErrorInfo {
	info := &errdetailsv1.ErrorInfo{
		ErrorCode:   e.errorCode,
		RequestInfo: &errdetailsv1.RequestInfo{RequestId: requestID},
	}
	if len(e.violations) > 0 {
		info.ValidationErrorInfo = &errdetailsv1.ValidationErrorInfo{FieldViolations: e.violations}
	}
	if e.stack != "" {
		info.DebugInfo = &errdetailsv1.DebugInfo{
			StackEntries: strings.Split(strings.TrimSpace(e.stack), "\n"),
			Detail:       "a defect of the emulator",
		}
	}
	return info
}

// inform takes over what info has made of an error.
func (e *apiError) inform(detail proto.Message) {
	if info, ok := detail.(*errdetailsv1.ErrorInfo); ok {
		e.errorCode = info.GetErrorCode()
		e.violations = info.GetValidationErrorInfo().GetFieldViolations()
		e.stack = strings.Join(info.GetDebugInfo().GetStackEntries(), "\n")
	}
}

// asAPIError gives any error of a handler the platform's form. One that is not an apiError is a defect: INTERNAL.
func asAPIError(err error) *apiError {
	var known *apiError
	if errors.As(err, &known) {
		return known
	}
	var wire *connect.Error // Of a service's handler, or of a generated one that has no service: UNIMPLEMENTED.
	if errors.As(err, &wire) {
		out := newError(wire.Code(), "%s", wire.Message())
		for _, detail := range wire.Details() {
			if value, err := detail.Value(); err == nil {
				out.inform(value)
			}
		}
		return out
	}
	return newError(connect.CodeInternal, "%v", err)
}

// wireError is the error as it goes over gRPC: with ErrorInfo in its details.
func wireError(ctx context.Context, err error) *connect.Error {
	known := asAPIError(err)
	out := connect.NewError(known.code, errors.New(known.message))
	detail, detailErr := connect.NewErrorDetail(known.info(callFrom(ctx).requestID))
	if detailErr != nil {
		return connect.NewError(connect.CodeInternal, detailErr)
	}
	out.AddDetail(detail)
	if known.retryAfter > 0 {
		out.Meta().Set("Retry-After", wholeSeconds(known.retryAfter))
	}
	return out
}

// wholeSeconds is the delay-seconds form of Retry-After, rounded up so that waiting that long is long enough.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}

// recoverPanic turns a panic of a handler into INTERNAL with the stack in debug_info; the store has rolled back.
func recoverPanic(ctx context.Context, spec connect.Spec, _ http.Header, panicked any) error {
	err := newError(connect.CodeInternal, "%s panicked: %v", spec.Procedure, panicked)
	err.stack = string(debug.Stack())
	return wireError(ctx, err)
}

// writeREST writes an error in the shape of the platform's REST replies: grpc-gateway's, with ErrorInfo in details.
func writeREST(w http.ResponseWriter, requestID string, apiErr *apiError) {
	body := struct {
		Code    int               `json:"code"`
		Message string            `json:"message"`
		Details []json.RawMessage `json:"details"`
	}{int(apiErr.code), apiErr.message, nil}
	if detail, err := anypb.New(apiErr.info(requestID)); err == nil {
		if encoded, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(detail); err == nil {
			body.Details = append(body.Details, encoded)
		}
	}
	writeJSON(w, apiErr.httpStatus(), body)
}

// writeJSON writes a JSON reply. The values are the emulator's own, so that encoding cannot fail.
func writeJSON(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded, '\n')) // A client that has gone away needs no reply.
}

// codeName is a gRPC code's name, for example INVALID_ARGUMENT.
func codeName(code connect.Code) string {
	if code == connect.CodeCanceled {
		return "CANCELLED" // gRPC's spelling.
	}
	return strings.ToUpper(code.String())
}

// codeNamed is the reverse of codeName.
func codeNamed(name string) (connect.Code, bool) {
	for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
		if codeName(code) == name {
			return code, true
		}
	}
	return 0, false
}

// httpStatus is the status of the error where it does not go by gRPC.
func (e *apiError) httpStatus() int {
	if errors.Is(e, errTooLarge) {
		return http.StatusRequestEntityTooLarge // The gRPC code alone would be "too many requests".
	}
	return httpStatus(e.code)
}

// httpStatus is the HTTP status that the platform gives a gRPC code, as its SDKs map it.
func httpStatus(code connect.Code) int {
	switch code {
	case connect.CodeInvalidArgument, connect.CodeFailedPrecondition, connect.CodeOutOfRange:
		return http.StatusBadRequest
	case connect.CodeUnauthenticated:
		return http.StatusUnauthorized
	case connect.CodePermissionDenied:
		return http.StatusForbidden
	case connect.CodeNotFound:
		return http.StatusNotFound
	case connect.CodeAlreadyExists, connect.CodeAborted:
		return http.StatusConflict
	case connect.CodeResourceExhausted:
		return http.StatusTooManyRequests
	case connect.CodeCanceled:
		return 499 // grpc-gateway's "client closed request".
	case connect.CodeUnimplemented:
		return http.StatusNotImplemented
	case connect.CodeUnavailable:
		return http.StatusServiceUnavailable
	case connect.CodeDeadlineExceeded:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}
