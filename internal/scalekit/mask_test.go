package scalekit_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// suspicious names suggest a credential, or an address that works as one.
var suspicious = regexp.MustCompile(
	`secret|token|pass(word|phrase|code)|credential|key|private|certificate|assertion|hash|link|location|_ur[li]$|^url$|` +
		`jwt|cookie|session_id|signature|otp|json|static|context|detail$`)

// harmless says why a field with a suspicious name may be logged.
var harmless = map[*regexp.Regexp]string{
	regexp.MustCompile(`Entry\.key$`):                                     "the key of a map",
	regexp.MustCompile(`\.(page_token|next_page_token|prev_page_token)$`): "a position in a list",
	regexp.MustCompile(`\.(key_id|provider_key)$`):                        "the name of a connection",
	regexp.MustCompile(`\.(AttributeMapping|DirectoryMapping)\.key$`):     "the name of an attribute",
	regexp.MustCompile(`\.txt_record_key$`):                               "the public half of a DNS record",
	regexp.MustCompile(`\.secret_suffix$`):                                "shown by the dashboard to tell secrets apart",
	regexp.MustCompile(`^scalekit\.v1\.connections\..*_ur[li]$`):          "an endpoint of an identity provider, from its metadata",
	regexp.MustCompile(`\.(token_endpoint|token_access_type)$`):           "an endpoint and an option of OAuth",
	regexp.MustCompile(`certificates?(_id)?$`):                            "a certificate is public",
	regexp.MustCompile(`\.current_session_id$`):                           "an id, which opens nothing without its cookie",
	regexp.MustCompile(`\.group_detail$`):                                 "a SCIM group has no credentials",
	regexp.MustCompile(`^scalekit\.v1\.errdetails\.`):                     "errors are not logged with their details",
}

func isHarmless(field protoreflect.FieldDescriptor) bool {
	for pattern := range harmless {
		if pattern.MatchString(string(field.FullName())) {
			return true
		}
	}
	return false
}

// fields are all fields of the platform's messages that hold text: strings, bytes, wrapped strings and free objects.
func fields() []protoreflect.FieldDescriptor {
	var found []protoreflect.FieldDescriptor
	var walk func(messages protoreflect.MessageDescriptors)
	walk = func(messages protoreflect.MessageDescriptors) {
		for i := range messages.Len() {
			walk(messages.Get(i).Messages())
			for j := range messages.Get(i).Fields().Len() {
				field := messages.Get(i).Fields().Get(j)
				switch {
				case field.Kind() == protoreflect.StringKind, field.Kind() == protoreflect.BytesKind:
					found = append(found, field)
				case field.Message() != nil && !field.IsMap() && slices.Contains([]protoreflect.FullName{
					"google.protobuf.StringValue", "google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.Any",
				}, field.Message().FullName()):
					found = append(found, field)
				}
			}
		}
	}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "scalekit.v1.") {
			walk(file.Messages())
		}
		return true
	})
	return found
}

const sentinel = "sentinel-value"

// with is a message whose only field is one that holds the sentinel.
func with(t *testing.T, field protoreflect.FieldDescriptor) proto.Message {
	t.Helper()
	message := dynamicpb.NewMessage(field.ContainingMessage())
	var value protoreflect.Value
	switch {
	case field.Kind() == protoreflect.StringKind:
		value = protoreflect.ValueOfString(sentinel)
	case field.Kind() == protoreflect.BytesKind:
		value = protoreflect.ValueOfBytes([]byte(sentinel))
	default:
		inner, err := proto.Marshal(map[protoreflect.FullName]proto.Message{
			"google.protobuf.StringValue": wrapperspb.String(sentinel),
			"google.protobuf.Struct":      &structpb.Struct{Fields: map[string]*structpb.Value{"x": structpb.NewStringValue(sentinel)}},
			"google.protobuf.Value":       structpb.NewStringValue(sentinel),
		}[field.Message().FullName()])
		if err != nil {
			t.Fatal(err)
		}
		one := message.NewField(field)
		if field.IsList() {
			one = one.List().NewElement()
		}
		if err := proto.Unmarshal(inner, one.Message().Interface()); err != nil {
			t.Fatal(err)
		}
		value = one
	}
	if field.IsList() {
		message.Mutable(field).List().Append(value)
	} else {
		message.Set(field, value)
	}
	return message
}

func TestSecretsAreMaskedInBodies(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, field := range fields() {
		message := with(t, field)
		printed := scalekit.MaskedBody(message).String()
		isSecret := suspicious.MatchString(string(field.Name())) && !isHarmless(field) || field.FullName() == "scalekit.v1.organizations.Link.id"
		switch {
		case isSecret && strings.Contains(printed, sentinel):
			t.Errorf("%s is logged: %s", field.FullName(), printed)
		case isSecret:
			checked++
		case !strings.Contains(printed, sentinel) && !field.ContainingMessage().IsMapEntry():
			t.Errorf("%s is masked, but nothing says that it is a secret: %s", field.FullName(), printed)
		}
		if restored := with(t, field); !proto.Equal(message, restored) {
			t.Errorf("%s: printing has changed the message", field.FullName())
		}
	}
	if checked < len(scalekit.SecretFields()) {
		t.Errorf("%d fields are masked, fewer than the names that are listed", checked)
	}
}

func TestListedSecretFieldsExist(t *testing.T) {
	t.Parallel()
	for _, name := range scalekit.SecretFields() {
		if !slices.ContainsFunc(fields(), func(f protoreflect.FieldDescriptor) bool { return string(f.Name()) == name }) {
			t.Errorf("no message has a field %s", name)
		}
	}
	for pattern, why := range harmless {
		if !slices.ContainsFunc(fields(), func(f protoreflect.FieldDescriptor) bool {
			return suspicious.MatchString(string(f.Name())) && pattern.MatchString(string(f.FullName()))
		}) {
			t.Errorf("nothing matches %s (%s)", pattern, why)
		}
	}
}

// Secrets are masked at every depth, and what stands beside them is not.
func TestSecretsAreMaskedWithinMessages(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]proto.Message{
		"message": &domainsv1.CreateDomainResponse{Domain: &domainsv1.Domain{Domain: "beside", TxtRecordSecret: sentinel}},
		"list": &domainsv1.ListDomainResponse{Domains: []*domainsv1.Domain{
			{Domain: "beside", TxtRecordSecret: sentinel}, {TxtRecordSecret: sentinel},
		}},
		"reply": &directoriesv1.CreateDirectorySecretResponse{
			PlainSecret: sentinel, Secret: &directoriesv1.Secret{Id: "beside"},
		},
		"oneof and wrapper": &connectionsv1.GetConnectionResponse{Connection: &connectionsv1.Connection{
			Id: "beside",
			Settings: &connectionsv1.Connection_OidcConfig{OidcConfig: &connectionsv1.OIDCConnectionConfig{
				ClientSecret: wrapperspb.String(sentinel),
			}},
		}},
	} {
		body := scalekit.MaskedBody(message)
		if printed := body.String(); strings.Contains(printed, sentinel) || !strings.Contains(printed, "beside") {
			t.Errorf("%s: %s", name, printed)
		}
		encoded, err := json.Marshal(map[string]any{"body": body})
		if err != nil || strings.Contains(string(encoded), sentinel) || !strings.Contains(string(encoded), "beside") {
			t.Errorf("%s as JSON: %s, %v", name, encoded, err)
		}
	}
	if printed := scalekit.MaskedBody("no message").String(); printed != "" {
		t.Errorf("got %q", printed)
	}
}
