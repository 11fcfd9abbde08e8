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

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/scalekit-inc/scalekit",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
