#!/usr/bin/env bash
# Installs the provider with go install, and says how Terraform and OpenTofu find it.
source "$(dirname "$0")/lib.sh"

go install .
folder=$(go env GOBIN)
folder=${folder:-$(go env GOPATH | cut -d: -f1)/bin}
cat <<TEXT
Installed $folder/terraform-provider-scalekit

To use it instead of a released version, put this into ~/.terraformrc (Terraform) or ~/.tofurc (OpenTofu), and
leave out "init" for configurations that use no other provider:

provider_installation {
  dev_overrides {
    "registry.terraform.io/scalekit-inc/scalekit" = "$folder"
    "registry.opentofu.org/scalekit-inc/scalekit" = "$folder"
  }
  direct {}
}
TEXT
