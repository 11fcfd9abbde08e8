package scalekit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"

	errdetailsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

const (
	hush        = "hush-0123456789"
	accessToken = "access-0123456789"
)

// answering is a client whose every call gets an answer, without a network.
func answering(answer func() *http.Response) *Client {
	return answeringAll(func(path string) *http.Response {
		if path != "/oauth/token" {
			return answer()
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"access_token":"` + accessToken + `","token_type":"Bearer"}`)),
		}
	})
}

// answeringAll is one whose requests for a token get an answer, too.
func answeringAll(answer func(path string) *http.Response) *Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(true)
	transport.RegisterProtocol("https", roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
		response := answer(r.URL.Path)
		response.Request, response.Proto, response.ProtoMajor = r, "HTTP/2.0", 2
		return response, nil
	}))
	return newClient(Config{
		EnvironmentURL: "https://fuzz.invalid", ClientID: "id", ClientSecret: hush, RequestTimeout: time.Minute,
		RetryInterval: time.Nanosecond,
	}, transport)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// clean makes a header value of any text, as one that came over a connection is.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// status of the HTTP reply: one that net/http lets through.
func status(number int) int { return 200 + max(number, -number)%400 }

// isCode says whether gRPC has a code of that name, for an error.
func isCode(name string) bool {
	var code connect.Code
	return code.UnmarshalText([]byte(name)) == nil && code >= connect.CodeCanceled && code <= connect.CodeUnauthenticated
}

// Whatever an environment answers, a call ends with a reply or with an error that can be explained.
func FuzzCall(f *testing.F) {
	info, err := anypb.New(&errdetailsv1.ErrorInfo{
		ErrorCode: "INVALID_ARGUMENT", RequestInfo: &errdetailsv1.RequestInfo{RequestId: "req_1"},
		ValidationErrorInfo: &errdetailsv1.ValidationErrorInfo{FieldViolations: []*errdetailsv1.ValidationErrorInfo_FieldViolation{
			{Field: "organization.display_name", Description: "too long"},
		}},
	})
	if err != nil {
		f.Fatal(err)
	}
	detail, err := proto.Marshal(info)
	if err != nil {
		f.Fatal(err)
	}
	details := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 3)       // google.rpc.Status.code
	details = protowire.AppendString(protowire.AppendTag(details, 2, protowire.BytesType), "no")  // message
	details = protowire.AppendBytes(protowire.AppendTag(details, 3, protowire.BytesType), detail) // details
	reply, err := proto.Marshal(&organizationsv1.GetOrganizationResponse{Organization: &organizationsv1.Organization{Id: "org_1"}})
	if err != nil {
		f.Fatal(err)
	}
	framed := append([]byte{0, 0, 0, 0, byte(len(reply))}, reply...)
	f.Add(0, "application/grpc", "3", "no", details, []byte(nil), "")
	f.Add(0, "application/grpc", "0", "", []byte(nil), framed, "")
	f.Add(0, "application/grpc+proto", "", "", []byte(nil), framed, "")
	f.Add(0, "application/grpc", "99999999999", "%zz", []byte{0xff}, []byte{1, 0, 0, 0, 1, 0}, "")
	f.Add(229, "text/html", "", "", []byte(nil), []byte("<html>"), "5")
	f.Add(0, "application/grpc", "8", "slow down", []byte(nil), []byte(nil), "0")
	f.Add(0, "", "-1", "", []byte(nil), []byte{0, 255, 255, 255, 255}, "")
	f.Fuzz(func(t *testing.T, number int, contentType, grpcStatus, message string, details, body []byte, retryAfter string) {
		client := answering(func() *http.Response {
			trailer := http.Header{}
			for name, value := range map[string]string{
				"Grpc-Status": grpcStatus, "Grpc-Message": message, "Grpc-Status-Details-Bin": base64.RawStdEncoding.EncodeToString(details),
			} {
				if value != "" {
					trailer.Set(name, clean(value))
				}
			}
			return &http.Response{
				StatusCode: status(number), Trailer: trailer, Body: io.NopCloser(bytes.NewReader(body)),
				Header: http.Header{"Content-Type": {clean(contentType)}, "Retry-After": {clean(retryAfter)}},
			}
		})
		got, err := client.Organizations.GetOrganization(t.Context(), connect.NewRequest(&organizationsv1.GetOrganizationRequest{}))
		if err == nil {
			if got == nil || got.Msg == nil {
				t.Error("neither a reply nor an error")
			}
			return
		}
		failure := new(CallError)
		if !errors.As(err, &failure) || failure.Attempts < 1 {
			t.Fatalf("not a failed call: %v", err)
		}
		if code := Explain(err).Code; !isCode(code) {
			t.Errorf("code %q: %v", code, err)
		}
		if IsOutcomeUnknown(err) && isRefusal(err) {
			t.Errorf("it is known and unknown whether %v took effect", err)
		}
		if strings.Contains(err.Error(), hush) || strings.Contains(err.Error(), accessToken) {
			if !strings.Contains(message+string(details)+string(body), "0123456789") {
				t.Errorf("a credential is told: %v", err)
			}
		}
	})
}

// Whatever a host answers to the request for a token, it is one, or an error of the package's in which no secret is.
func FuzzTokenReply(f *testing.F) {
	f.Add(0, "application/json", []byte(`{"access_token":"a","expires_in":3600,"token_type":"bearer"}`))
	f.Add(0, "application/json", []byte(`{"access_token":"a","expires_in":"99999999999999999999"}`))
	f.Add(0, "application/json; charset=\"", []byte(`{"access_token":7}`))
	f.Add(201, "application/json", []byte(`{"error":"invalid_client","error_description":"no client with `+hush+`"}`))
	f.Add(200, "application/json", []byte(`{"error":"hush-0123","error_description":"456789"}`))
	f.Add(100, "text/html", []byte("<html>"))
	f.Fuzz(func(t *testing.T, number int, contentType string, body []byte) {
		client := answeringAll(func(string) *http.Response {
			return &http.Response{
				StatusCode: status(number), Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{"Content-Type": {clean(contentType)}},
			}
		})
		err := client.Authenticate(t.Context())
		if err == nil {
			if token, err := client.tokens.Get(t.Context()); err != nil || *token == "" {
				t.Errorf("there is no token: %v", token)
			}
			return
		}
		credentials, host, token := new(CredentialsError), new(HostError), new(TokenError)
		if !errors.As(err, &credentials) && !errors.As(err, &host) && !errors.As(err, &token) {
			t.Errorf("not an error of the package's: %v", err)
		}
		if strings.Contains(err.Error(), hush) {
			t.Errorf("the secret is told: %v", err)
		}
	})
}

// Whatever the REST API answers, it is a link, or an error with a code.
func FuzzPortalURLReply(f *testing.F) {
	f.Add(0, []byte(`{"url":"https://portal.example/login#key=abc"}`))
	f.Add(200, []byte(`{"code":3,"message":"no","details":[{"@type":"type.googleapis.com/scalekit.v1.errdetails.ErrorInfo","error_code":"X","new":1}]}`))
	f.Add(204, []byte(`{"code":16,"details":[null,{},{"@type":7}]}`))
	f.Add(304, []byte(`{"code":4294967295}`))
	f.Add(303, []byte("<html>"))
	f.Fuzz(func(t *testing.T, number int, body []byte) {
		client := answering(func() *http.Response {
			return &http.Response{
				StatusCode: status(number), Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{"Content-Type": {"application/json"}},
			}
		})
		link, err := client.PortalURL(t.Context())
		if (link == "") == (err == nil) {
			t.Errorf("link %q, error %v", link, err)
		}
		if err != nil {
			if code := Explain(err).Code; !isCode(code) {
				t.Errorf("code %q: %v", code, err)
			}
		}
	})
}

func FuzzEnvironmentURL(f *testing.F) {
	for _, raw := range []string{
		"https://acme.scalekit.com/", "http://127.0.0.1:8787", "HTTPS://A:0", "https://a@b", "http://localhost.evil.example", "https://[::1%25lo]",
		"https://a%2fb", "https://a:", "http://[::ffff:127.0.0.1]", "https://a\\b", "https://ä.example", "http://127.0.0.1#@evil.example",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		base, err := ParseEnvironmentURL(raw)
		if err != nil {
			return
		}
		parsed, err := url.Parse(base + "/oauth/token")
		switch {
		case err != nil:
			t.Fatalf("%q is %q: %v", raw, base, err)
		case parsed.Scheme != "https" && !isLoopback(parsed.Hostname()):
			t.Errorf("%q is %q: the secret would be sent unencrypted", raw, base)
		case parsed.Hostname() == "" || parsed.User != nil || parsed.Path != "/oauth/token":
			t.Errorf("%q is %q: %+v", raw, base, parsed)
		}
		if again, err := ParseEnvironmentURL(base); err != nil || again != base {
			t.Errorf("%q is %q, and that is %q (%v)", raw, base, again, err)
		}
	})
}

// messages are the platform's, in an order that does not change.
func messages() []protoreflect.MessageType {
	var all []protoreflect.MessageType
	protoregistry.GlobalTypes.RangeMessages(func(message protoreflect.MessageType) bool {
		if strings.HasPrefix(string(message.Descriptor().FullName()), "scalekit.v1.") {
			all = append(all, message)
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.MessageType) int {
		return strings.Compare(string(a.Descriptor().FullName()), string(b.Descriptor().FullName()))
	})
	return all
}

// A message in the log is the same whatever its secrets are.
func FuzzLoggedMessage(f *testing.F) {
	all := messages()
	for i, message := range all {
		sample := message.New()
		fill(sample, "a secret of some length", 0)
		encoded, err := proto.Marshal(sample.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint16(i), encoded, "another \"secret\"\n")
	}
	f.Fuzz(func(t *testing.T, number uint16, content []byte, secret string) {
		message := all[int(number)%len(all)].New()
		if !utf8.ValidString(secret) || proto.Unmarshal(content, message.Interface()) != nil {
			return
		}
		before := proto.Clone(message.Interface())
		logged := body{message.Interface()}.String()
		if !proto.Equal(before, message.Interface()) {
			t.Error("the message itself is masked")
		}
		replace(message, secret)
		if other := (body{message.Interface()}).String(); other != logged {
			t.Errorf("the log tells what is secret:\n%s\n%s", logged, other)
		}
	})
}

// fill gives every field a value.
func fill(message protoreflect.Message, text string, depth int) {
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.IsMap():
		case field.Message() != nil && depth > 3:
		case field.Message() != nil && field.IsList():
			fill(message.Mutable(field).List().AppendMutable().Message(), text, depth+1)
		case field.Message() != nil:
			fill(message.Mutable(field).Message(), text, depth+1)
		case field.Kind() == protoreflect.StringKind && field.IsList():
			message.Mutable(field).List().Append(protoreflect.ValueOfString(text))
		case field.Kind() == protoreflect.StringKind:
			message.Set(field, protoreflect.ValueOfString(text))
		}
	}
}

// replace puts another value in the place of every secret that is there.
func replace(message protoreflect.Message, secret string) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case secretFields[field.Name()] && field.Kind() == protoreflect.StringKind && !field.IsList() && !field.IsMap():
			message.Set(field, protoreflect.ValueOfString(secret))
		case secretFields[field.Name()]:
			message.Clear(field)
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, item protoreflect.Value) bool {
					replace(item.Message(), secret)
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				replace(value.List().Get(i).Message(), secret)
			}
		default:
			replace(value.Message(), secret)
		}
		return true
	})
}
