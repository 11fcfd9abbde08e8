package scalekit

import (
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// mask stands in the log for a secret's value.
const mask = "***"

// secretFields are the fields, by their proto names, that hold a credential or a link that works as one:
// a directory secret, a connection's client secret, a portal link and its id, the proof of a domain's ownership. Objects without a
// schema that an identity provider or an administrator fills are among them, because nobody knows what they hold: SCIM
// users may come with a password.
var secretFields = map[protoreflect.Name]bool{
	"client_secret":     true,
	"context":           true,
	"link_id":           true,
	"location":          true,
	"plain_secret":      true,
	"static_config":     true,
	"support_hash":      true,
	"txt_record_secret": true,
	"user_detail":       true,
}

// secretIDs are fields that hold a credential under a name that elsewhere is harmless: a portal link ends in its id.
var secretIDs = map[protoreflect.FullName]bool{
	"scalekit.v1.organizations.Link.id": true,
}

// body prints a message as JSON with its secrets masked. It does so only when asked to, which the logger does only
// at TRACE.
type body struct{ message any }

// MarshalText prints for a log in JSON.
func (b body) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

func (b body) String() string {
	message, ok := b.message.(proto.Message)
	if !ok {
		return ""
	}
	message = proto.Clone(message)
	maskSecrets(message.ProtoReflect())
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		return "body that cannot be printed: " + err.Error()
	}
	return string(text)
}

func maskSecrets(message protoreflect.Message) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case secretFields[field.Name()] || secretIDs[field.FullName()]:
			maskField(message, field)
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, item protoreflect.Value) bool {
					maskSecrets(item.Message())
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				maskSecrets(value.List().Get(i).Message())
			}
		default:
			maskSecrets(value.Message())
		}
		return true
	})
}

// maskField replaces a secret; one wrapped in a message, such as a StringValue, is dropped whole.
func maskField(message protoreflect.Message, field protoreflect.FieldDescriptor) {
	if field.Kind() == protoreflect.StringKind && !field.IsList() && !field.IsMap() {
		message.Set(field, protoreflect.ValueOfString(mask))
		return
	}
	message.Clear(field)
}
