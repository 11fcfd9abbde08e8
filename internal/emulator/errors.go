package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/apierr"
	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/web"
)

// wireError is the error as it goes over gRPC: with ErrorInfo in its details.
func wireError(ctx context.Context, err error) *connect.Error {
	known := apierr.From(err)
	out := connect.NewError(known.Code, errors.New(known.Message))
	detail, detailErr := connect.NewErrorDetail(known.Info(web.CallFrom(ctx).RequestID))
	if detailErr != nil {
		return connect.NewError(connect.CodeInternal, detailErr)
	}
	out.AddDetail(detail)
	if known.RetryAfter > 0 {
		out.Meta().Set("Retry-After", apierr.WholeSeconds(known.RetryAfter))
	}
	return out
}

// checkRequest validates every request before its handler sees it, and gives every error of a handler its ErrorInfo.
func checkRequest(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		message, ok := req.Any().(proto.Message)
		if !ok {
			return nil, wireError(ctx, apierr.New(connect.CodeInternal, "request %T is not a proto message", req.Any()))
		}
		if err := apierr.Validate(message); err != nil {
			return nil, wireError(ctx, err)
		}
		reply, err := next(ctx, req)
		if err != nil {
			return nil, wireError(ctx, err)
		}
		return reply, nil
	}
}

// recoverPanic turns a panic of a handler into INTERNAL with the stack in debug_info; the store has rolled back.
func recoverPanic(ctx context.Context, spec connect.Spec, _ http.Header, panicked any) error {
	err := apierr.New(connect.CodeInternal, "%s panicked: %v", spec.Procedure, panicked)
	err.Stack = string(debug.Stack())
	return wireError(ctx, err)
}

// writeREST writes an error in the shape of the platform's REST replies: grpc-gateway's, with ErrorInfo in details.
func writeREST(w http.ResponseWriter, requestID string, apiErr *apierr.Error) {
	body := struct {
		Code    int               `json:"code"`
		Message string            `json:"message"`
		Details []json.RawMessage `json:"details"`
	}{int(apiErr.Code), apiErr.Message, nil}
	if detail, err := anypb.New(apiErr.Info(requestID)); err == nil {
		if encoded, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(detail); err == nil {
			body.Details = append(body.Details, encoded)
		}
	}
	web.WriteJSON(w, apiErr.HTTPStatus(), body)
}
