terraform {
  required_version = ">= 1.11"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

# The credentials come from the environment, so they are in no file.
provider "scalekit" {}

resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"
}

resource "scalekit_directory" "acme" {
  organization_id    = scalekit_organization.acme.id
  directory_provider = "OKTA"
}
