package emulator

import (
	"context"
	"errors"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
)

// validate holds a request against the rules in its descriptor: nil, or INVALID_ARGUMENT with a field violation for each
// rule that it breaks. The platform enforces these rules. Replies are not checked: some of the platform's reply messages
// carry rules that do not fit their fields.
func validate(request proto.Message) error {
	err := protovalidate.Validate(request)
	if err == nil {
		return nil
	}
	var broken *protovalidate.ValidationError
	if !errors.As(err, &broken) {
		return newError(connect.CodeInternal, "%v", err)
	}
	out := newError(connect.CodeInvalidArgument, "%v", broken)
	for _, violation := range broken.Violations {
		out.violations = append(out.violations, &errdetailsv1.ValidationErrorInfo_FieldViolation{
			Field:       protovalidate.FieldPathString(violation.Proto.GetField()),
			Description: violation.Proto.GetMessage(),
			Constraint:  violation.Proto.GetRuleId(),
		})
	}
	return out
}

// checkRequest validates every request before its handler sees it, and gives every error of a handler its ErrorInfo.
func checkRequest(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		message, ok := req.Any().(proto.Message)
		if !ok {
			return nil, wireError(ctx, newError(connect.CodeInternal, "request %T is not a proto message", req.Any()))
		}
		if err := validate(message); err != nil {
			return nil, wireError(ctx, err)
		}
		reply, err := next(ctx, req)
		if err != nil {
			return nil, wireError(ctx, err)
		}
		return reply, nil
	}
}
