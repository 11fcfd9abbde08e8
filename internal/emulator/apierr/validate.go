package apierr

import (
	"errors"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
)

// Validate holds a request against the rules in its descriptor: nil, or INVALID_ARGUMENT with a field violation for each
// rule that it breaks. The platform enforces these rules. Replies are not checked: some of the platform's reply messages
// carry rules that do not fit their fields.
func Validate(request proto.Message) error {
	err := protovalidate.Validate(request)
	if err == nil {
		return nil
	}
	var broken *protovalidate.ValidationError
	if !errors.As(err, &broken) {
		return New(connect.CodeInternal, "%v", err)
	}
	out := New(connect.CodeInvalidArgument, "%v", broken)
	for _, violation := range broken.Violations {
		out.violations = append(out.violations, &errdetailsv1.ValidationErrorInfo_FieldViolation{
			Field:       protovalidate.FieldPathString(violation.Proto.GetField()),
			Description: violation.Proto.GetMessage(),
			Constraint:  violation.Proto.GetRuleId(),
		})
	}
	return out
}
