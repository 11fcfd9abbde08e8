// Command terraform-provider-scalekit is the Terraform provider for Scalekit.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger and print how Terraform connects to it")
	flag.Parse()

	limitMemory()
	// A debugger's user reads the logs where the provider was started.
	if !*debug {
		if err := silenceUnreadLogs(); err != nil {
			log.Fatal(err)
		}
	}
	if err := serve(*debug); err != nil {
		log.Fatal(err)
	}
}

func serve(debug bool) error {
	return providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/scalekit-inc/scalekit",
		Debug:   debug,
	})
}
