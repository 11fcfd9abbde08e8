package apierr

import (
	"net/http"
	"strings"

	"connectrpc.com/connect"
)

// CodeName is a gRPC code's name, for example INVALID_ARGUMENT.
func CodeName(code connect.Code) string {
	if code == connect.CodeCanceled {
		return "CANCELLED" // gRPC's spelling.
	}
	return strings.ToUpper(code.String())
}

// CodeNamed is the reverse of CodeName.
func CodeNamed(name string) (connect.Code, bool) {
	for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
		if CodeName(code) == name {
			return code, true
		}
	}
	return 0, false
}

// HTTPStatus is the status of the error where it does not go by gRPC.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return HTTPStatus(e.Code)
}

// HTTPStatus is the HTTP status that the platform gives a gRPC code, as its SDKs map it.
func HTTPStatus(code connect.Code) int {
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
