package internal_test

import (
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	// The packages that the descriptors describe; the others come with these.
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/clients"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/errdetails"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	_ "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// The generated Go packages are those of descriptors.binpb. That the file follows from the pinned npm package is for
// make conformance to show, which has the package.
func TestWirePackagesAreTheirDescriptors(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("scalekit-sdk-go/descriptors.binpb")
	if err != nil {
		t.Fatal(err)
	}
	var published descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(content, &published); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range published.GetFile() {
		if !strings.HasPrefix(file.GetName(), "scalekit/") {
			continue
		}
		generated, err := protoregistry.GlobalFiles.FindFileByPath(file.GetName())
		if err != nil {
			t.Errorf("%s: %v", file.GetName(), err)
			continue
		}
		got := protodesc.ToFileDescriptorProto(generated)
		// The generated packages keep no comments.
		file.SourceCodeInfo, got.SourceCodeInfo = nil, nil
		if !proto.Equal(file, got) {
			t.Errorf("%s: the generated package is of other descriptors: run make generate", file.GetName())
		}
		compared++
	}
	if compared != 10 {
		t.Errorf("%d files were compared, and there are 10", compared)
	}
}
