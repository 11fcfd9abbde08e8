package internal_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Whatever the generated packages have, Scalekit's own SDK has at the commit that go.mod requires. So the provider, the
// emulator, and all tests build on the SDK once the replace directive is deleted.
func TestWirePackagesHaveNothingThatTheSDKLacks(t *testing.T) {
	t.Parallel()
	file, err := os.Open("scalekit-sdk-go/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	upstream := make(map[string]bool)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		upstream[lines.Text()] = true
	}
	names := 0
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(file.Path(), "scalekit/") {
			for _, name := range namesOf(file) {
				names++
				if !upstream[name] {
					t.Errorf("the SDK lacks: %s", name)
				}
			}
		}
		return true
	})
	if names < 1000 {
		t.Errorf("only %d names were held against the list", names)
	}
}

// namesOf lists the messages, fields, enum values, and RPCs of a file in the list's notation.
func namesOf(file protoreflect.FileDescriptor) []string {
	var names []string
	addEnums := func(enums protoreflect.EnumDescriptors) {
		for i := range enums.Len() {
			for j, values := 0, enums.Get(i).Values(); j < values.Len(); j++ {
				names = append(names, fmt.Sprintf("enum %s %s %d", enums.Get(i).FullName(), values.Get(j).Name(), values.Get(j).Number()))
			}
		}
	}
	var addMessages func(messages protoreflect.MessageDescriptors)
	addMessages = func(messages protoreflect.MessageDescriptors) {
		for i := range messages.Len() {
			message := messages.Get(i)
			if message.IsMapEntry() {
				continue
			}
			names = append(names, "message "+string(message.FullName()))
			for j, fields := 0, message.Fields(); j < fields.Len(); j++ {
				names = append(names, fieldName(fields.Get(j)))
			}
			addEnums(message.Enums())
			addMessages(message.Messages())
		}
	}
	addEnums(file.Enums())
	addMessages(file.Messages())
	for i, services := 0, file.Services(); i < services.Len(); i++ {
		for j, methods := 0, services.Get(i).Methods(); j < methods.Len(); j++ {
			method := methods.Get(j)
			names = append(names, fmt.Sprintf("rpc %s %s %s", method.FullName(), method.Input().FullName(), method.Output().FullName()))
		}
	}
	return names
}

func fieldName(field protoreflect.FieldDescriptor) string {
	cardinality, kind := "optional", typeName(field)
	switch {
	case field.IsMap():
		cardinality, kind = "map", typeName(field.MapKey())+","+typeName(field.MapValue())
	case field.IsList():
		cardinality = "repeated"
	case field.HasOptionalKeyword():
		cardinality = "explicit"
	}
	return fmt.Sprintf("field %s %d %s %s", field.FullName(), field.Number(), cardinality, kind)
}

func typeName(field protoreflect.FieldDescriptor) string {
	switch {
	case field.Message() != nil:
		return string(field.Message().FullName())
	case field.Enum() != nil:
		return string(field.Enum().FullName())
	default:
		return field.Kind().String()
	}
}
