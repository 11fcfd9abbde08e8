package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

// A program that asks for long paths, with long names and no token, fills the log with them but not the memory.
func TestHostileRequestsAreForgotten(t *testing.T) { //nolint:paralleltest // it measures this process's memory
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	handler := e.Handler()
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	const requests, most = 100_000, 64 << 20
	long := strings.Repeat("x", 30_000)
	before := heap()
	for i := range requests {
		path := strings.Clone(long) // as a server reads it anew with every request
		request := httptest.NewRequest(http.MethodGet, "/"+path, http.NoBody)
		request.Host = "127.0.0.1"
		if i%2 == 1 {
			request.Method = long[:100]
		}
		request.Header.Set("User-Agent", path)
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
	if after := heap(); after > before+most {
		t.Errorf("after %d requests the emulator has %d MiB more", requests, (after-before)>>20)
	}
	runtime.KeepAlive(e)
}
