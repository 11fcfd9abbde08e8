package scalekit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
)

// restCall is a call in its REST form, for the RPCs that are not among the SDK's wire packages: those of
// scalekit.v1.webhooks.WebhookService, which are previews.
type restCall struct {
	// name is the RPC's, by which it is logged and repeated.
	name   string
	method string
	path   string
	// read takes over the reply's JSON. Its error says what is wrong with the reply.
	read func(content []byte) error
}

// rest makes a call. The reply is not logged: what is secret in it only the call knows. Errors are like those of the other
// calls.
func (c *Client) rest(ctx context.Context, call restCall) error {
	return c.caller.repeat(ctx, call.name, func(number int) (seen *exchange, err error) {
		tokenErr := c.tokens.With(ctx, func(token *string) (refused bool) {
			seen, err = c.attemptREST(ctx, call, *token, number)
			return isUnauthenticated(err)
		})
		if tokenErr != nil {
			return nil, tokenErr
		}
		return seen, err
	})
}

func (c *Client) attemptREST(ctx context.Context, call restCall, token string, number int) (*exchange, error) {
	attemptCtx, cancel := context.WithTimeout(ctx, c.config.RequestTimeout)
	defer cancel()
	attemptCtx, seen := observe(attemptCtx)
	started := time.Now()
	err := c.exchangeREST(attemptCtx, call, token)
	fields := map[string]any{
		"call": call.name, "attempt": number, "duration_ms": time.Since(started).Milliseconds(), "code": "ok",
	}
	if id := seen.header("X-Request-Id"); id != "" {
		fields["request_id"] = id
	}
	if err != nil {
		fields["code"] = connect.CodeOf(err).String()
		c.config.Logger.Debug(ctx, "Scalekit call failed", fields)
		return seen, err
	}
	c.config.Logger.Debug(ctx, "Scalekit call", fields)
	return seen, nil
}

func (c *Client) exchangeREST(ctx context.Context, call restCall, token string) error {
	request, err := http.NewRequestWithContext(ctx, call.method, c.config.EnvironmentURL+call.path, http.NoBody)
	if err != nil {
		return connect.NewError(connect.CodeInternal, err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", c.config.UserAgent)
	request.Header.Set("X-Api-Version", apiVersion)
	response, err := c.http.Do(request)
	if err != nil {
		return restFailure(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxReplyBytes))
	if err != nil {
		return restFailure(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		return restError(response.StatusCode, content)
	}
	if err := call.read(content); err != nil {
		return connect.NewWireError(connect.CodeInternal, err)
	}
	return nil
}

// restFailure is the error of a request without a reply, as the RPC library would give it.
func restFailure(ctx context.Context, err error) error {
	code := connect.CodeUnavailable
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		code = connect.CodeDeadlineExceeded
	case ctx.Err() != nil:
		code = connect.CodeCanceled
	}
	return connect.NewError(code, withoutURL(err))
}

// restError reads an error of the REST API: gRPC's code, a message, and details as in gRPC. A reply of another form, as a
// proxy gives it, has the code of its HTTP status.
func restError(status int, content []byte) error {
	var refusal struct {
		Code    uint32            `json:"code"`
		Message string            `json:"message"`
		Details []json.RawMessage `json:"details"`
	}
	if json.Unmarshal(content, &refusal) != nil || refusal.Code == 0 || refusal.Code > uint32(connect.CodeUnauthenticated) {
		return connect.NewWireError(codeOfStatus(status), fmt.Errorf("HTTP status %d %s", status, http.StatusText(status)))
	}
	failure := connect.NewWireError(connect.Code(refusal.Code), errors.New(refusal.Message))
	for _, detail := range refusal.Details {
		if info, ok := errorInfo(detail); ok {
			if encoded, err := connect.NewErrorDetail(info); err == nil {
				failure.AddDetail(encoded)
			}
		}
	}
	return failure
}

func errorInfo(detail json.RawMessage) (*errdetailsv1.ErrorInfo, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(detail, &members) != nil {
		return nil, false
	}
	var typeURL string
	if json.Unmarshal(members["@type"], &typeURL) != nil || typeURL != "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo" {
		return nil, false
	}
	delete(members, "@type")
	rest, err := json.Marshal(members)
	if err != nil {
		return nil, false
	}
	info := new(errdetailsv1.ErrorInfo)
	return info, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(rest, info) == nil
}

// codeOfStatus is gRPC's code for an HTTP status of a reply that has none of its own.
func codeOfStatus(status int) connect.Code {
	switch status {
	case http.StatusUnauthorized:
		return connect.CodeUnauthenticated
	case http.StatusForbidden:
		return connect.CodePermissionDenied
	case http.StatusNotFound, http.StatusNotImplemented, http.StatusMethodNotAllowed:
		return connect.CodeUnimplemented
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return connect.CodeUnavailable
	case http.StatusRequestTimeout:
		return connect.CodeDeadlineExceeded
	default:
		return connect.CodeUnknown
	}
}
