package directory

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"connectrpc.com/connect"

	directoriesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/scalekit"
)

// crowd is a directory of so many users, made as they are asked for.
type crowd struct {
	directoriesconnect.DirectoryServiceClient
	size, sent int
}

func (c *crowd) ListDirectoryUsers(_ context.Context, req *connect.Request[directoriesv1.ListDirectoryUsersRequest]) (*connect.Response[directoriesv1.ListDirectoryUsersResponse], error) {
	reply := &directoriesv1.ListDirectoryUsersResponse{}
	for range req.Msg.GetPageSize() {
		if c.sent == c.size {
			return connect.NewResponse(reply), nil
		}
		reply.Users = append(reply.Users, &directoriesv1.DirectoryUser{Id: fmt.Sprint("diruser_", c.sent), Email: fmt.Sprintf("user%d@acme.example", c.sent)})
		c.sent++
	}
	reply.NextPageToken = fmt.Sprint("a token of some length, as a platform may give them ", c.sent)
	return connect.NewResponse(reply), nil
}

// Reading many users holds what the reader keeps, one page and the ids, by which no user is given twice.
//
//nolint:paralleltest // It measures the heap, so nothing may run beside it.
func TestListingUsersHoldsOnePage(t *testing.T) {
	const few, many, tolerance, id = 100, 100_000, 128 << 10, 80
	held := map[int]uint64{}
	for _, count := range []int{few, many} {
		client := &scalekit.Client{Directories: &crowd{size: count}}
		before, read := heap(), 0
		for _, err := range listUsers(t.Context(), client, &directoriesv1.ListDirectoryUsersRequest{}) {
			if err != nil {
				t.Fatal(err)
			}
			if read++; read == count {
				held[count] = max(heap(), before) - before
			}
		}
		if read != count {
			t.Errorf("%d users are read, and should be %d", read, count)
		}
	}
	t.Logf("held at the last user: %d B of %d, %d B of %d", held[few], few, held[many], many)
	if held[many] > held[few]+tolerance+many*id {
		t.Errorf("reading %d users holds %d B, and %d only %d B", many, held[many], few, held[few])
	}
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
