package webhook

import (
	"sync"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/known/structpb" // It registers struct.proto, which the file below imports.

	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
)

const (
	webhookPackage = "scalekit.v1.webhooks"

	// ServiceName is the full name of the service.
	ServiceName = webhookPackage + ".WebhookService"

	methodGetPortalURL   = "GetPortalURL"
	methodSendTestEvent  = "SendTestEvent"
	methodWebhookWrapper = "WebhookWrapper"

	webhookRESTBase = "/api/v1/webhooks/"
)

// File describes scalekit.v1.webhooks.WebhookService. The Go SDK does not have it, so it is built here, as the
// Python SDK publishes it, with the methods that a client may try to call. It stays out of the global registry: an SDK
// that brings it along must not collide with it.
var File = sync.OnceValue(func() protoreflect.FileDescriptor {
	const (
		clientToo = optionsv1.AuthenticationType_WORKSPACE_CLIENT
		wrapped   = webhookRESTBase + "wb/**"
	)
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:       new("scalekit/v1/webhooks/webhooks.proto"),
		Package:    new(webhookPackage),
		Syntax:     new("proto3"),
		Dependency: []string{"google/protobuf/struct.proto"},
		MessageType: []*descriptorpb.DescriptorProto{
			messageOf("GetPortalURLRequest"),
			messageOf("GetPortalURLResponse", textField("url", 1)),
			messageOf("SendTestEventRequest", textField("event_type", 1)),
			messageOf("SendTestEventResponse", textField("event_type", 1), structField("event_payload", 2)),
			messageOf("WebhookWrapperRequest", structField("request_body", 1)),
		},
		Service: []*descriptorpb.ServiceDescriptorProto{{
			Name: new("WebhookService"),
			Method: []*descriptorpb.MethodDescriptorProto{
				methodOf(methodGetPortalURL, "."+webhookPackage+".GetPortalURLResponse", clientToo,
					&annotations.HttpRule{Pattern: &annotations.HttpRule_Get{Get: webhookRESTBase + "portal-url"}}),
				methodOf(methodSendTestEvent, "."+webhookPackage+".SendTestEventResponse", clientToo,
					&annotations.HttpRule{Pattern: &annotations.HttpRule_Post{Post: webhookRESTBase + "test-event/{event_type}"}}),
				methodOf(methodWebhookWrapper, ".google.protobuf.Struct", optionsv1.AuthenticationType_WORKSPACE,
					&annotations.HttpRule{
						Pattern: &annotations.HttpRule_Get{Get: wrapped},
						AdditionalBindings: []*annotations.HttpRule{
							{Pattern: &annotations.HttpRule_Post{Post: wrapped}},
							{Pattern: &annotations.HttpRule_Put{Put: wrapped}},
							{Pattern: &annotations.HttpRule_Patch{Patch: wrapped}},
							{Pattern: &annotations.HttpRule_Delete{Delete: wrapped}},
						},
					}),
			},
		}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		panic(err) // The file is a constant.
	}
	return file
})

func messageOf(name string, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
	return &descriptorpb.DescriptorProto{Name: &name, Field: fields}
}

func textField(name string, number int32) *descriptorpb.FieldDescriptorProto {
	return &descriptorpb.FieldDescriptorProto{
		Name:   &name,
		Number: &number,
		Label:  descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		Type:   descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
	}
}

func structField(name string, number int32) *descriptorpb.FieldDescriptorProto {
	field := textField(name, number)
	field.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
	field.TypeName = new(".google.protobuf.Struct")
	return field
}

func methodOf(
	name, output string, callers optionsv1.AuthenticationType, rest *annotations.HttpRule,
) *descriptorpb.MethodDescriptorProto {
	options := &descriptorpb.MethodOptions{}
	proto.SetExtension(options, annotations.E_Http, rest)
	proto.SetExtension(options, optionsv1.E_AuthOption, &optionsv1.AuthOption{AuthenticationType: callers})
	return &descriptorpb.MethodDescriptorProto{
		Name:       &name,
		InputType:  new("." + webhookPackage + "." + name + "Request"),
		OutputType: &output,
		Options:    options,
	}
}

// webhookMethod returns a method of WebhookService, nil for one that it does not have.
func webhookMethod(name string) protoreflect.MethodDescriptor {
	return File().Services().Get(0).Methods().ByName(protoreflect.Name(name))
}
