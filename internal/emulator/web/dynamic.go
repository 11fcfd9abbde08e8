package web

import (
	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Initializer makes the dynamic messages of a handler or client ones of a type.
func Initializer(descriptor protoreflect.MessageDescriptor) func(connect.Spec, any) error {
	return func(_ connect.Spec, message any) error {
		if dynamic, ok := message.(*dynamicpb.Message); ok {
			*dynamic = *dynamicpb.NewMessage(descriptor)
		}
		return nil
	}
}
