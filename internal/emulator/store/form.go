package store

import (
	"encoding/json"
	"errors"
	"reflect"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// form is how a table copies, compares and stores its objects.
type form[T any] struct {
	clone  func(T) T
	equal  func(a, b T) bool
	encode func(T) ([]byte, error) // JSON
	decode func([]byte) (T, error)
	hasID  func(object T, id string) bool // whether an object goes with an id
}

// messages is the form of the platform's own messages.
func messages[T proto.Message]() form[T] {
	return form[T]{
		clone:  proto.CloneOf[T],
		equal:  func(a, b T) bool { return proto.Equal(a, b) },
		encode: func(message T) ([]byte, error) { return protojson.Marshal(message) },
		decode: func(stored []byte) (T, error) {
			var kind T
			message, ok := kind.ProtoReflect().Type().New().Interface().(T)
			if !ok {
				return kind, errors.New("a message type that does not make its own messages")
			}
			return message, protojson.Unmarshal(stored, message)
		},
		hasID: func(message T, id string) bool {
			field := message.ProtoReflect().Descriptor().Fields().ByName("id")
			return field == nil || message.ProtoReflect().Get(field).String() == id
		},
	}
}

// Object is a pointer to a struct that is no message of the platform's and yet can be kept in a table. Its fields are
// stored as encoding/json has them.
type Object[S any] interface {
	*S
	Clone() *S
	ObjectID() string
}

func objects[S any, T Object[S]]() form[T] {
	return form[T]{
		clone:  func(object T) T { return object.Clone() },
		equal:  func(a, b T) bool { return reflect.DeepEqual(a, b) },
		encode: func(object T) ([]byte, error) { return json.Marshal(object) },
		decode: func(stored []byte) (T, error) {
			object := new(S)
			return object, json.Unmarshal(stored, object)
		},
		hasID: func(object T, id string) bool { return object.ObjectID() == id },
	}
}
