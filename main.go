// Command terraform-provider-scalekit is the Terraform provider for Scalekit.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	forDebugger := flag.Bool("debug", false, "serve for a debugger and print how Terraform connects to it")
	flag.Parse()

	limitMemory()
	// A debugger's user reads the logs where the provider was started.
	if !*forDebugger {
		if err := silenceUnreadLogs(); err != nil {
			log.Fatal(err)
		}
	}
	if err := serve(*forDebugger); err != nil {
		log.Fatal(err)
	}
}

func serve(forDebugger bool) error {
	return providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/scalekit-inc/scalekit",
		Debug:   forDebugger,
	})
}

// A run lives for seconds and allocates little that it drops, so the collector may wait until the heap has grown
// fivefold. Near the limit it works as often as it must; the limit is no cap.
const (
	heapGrowth  = 400              // percent
	memoryLimit = 80 * 1024 * 1024 // bytes
)

// limitMemory sets the garbage collector for short runs, unless the user has set it.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
