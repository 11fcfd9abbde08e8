terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

provider "scalekit" {}

resource "scalekit_organization" "customer" {
  for_each = toset(["Acme", "Initech"])

  display_name = each.key
  external_id  = lower(each.key)
}

resource "scalekit_organization_features" "customer" {
  for_each = scalekit_organization.customer

  organization_id = each.value.id
  sso             = true
}
