terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

# The environment and its credentials come from SCALEKIT_ENVIRONMENT_URL, SCALEKIT_CLIENT_ID and
# SCALEKIT_CLIENT_SECRET.
provider "scalekit" {}

locals {
  # One entry for each customer; its key is the customer's external_id.
  customers = yamldecode(file("${path.module}/customers.yaml"))
}

resource "scalekit_organization" "customer" {
  for_each = local.customers

  display_name = each.value.name
  external_id  = each.key
  metadata     = { plan = each.value.plan }
}

resource "scalekit_organization_features" "customer" {
  for_each = { for key, customer in local.customers : key => customer.features if can(customer.features) }

  organization_id = scalekit_organization.customer[each.key].id
  sso             = lookup(each.value, "sso", null)
  scim            = lookup(each.value, "scim", null)
}

# Globex was a customer before this configuration: it is adopted, not created.
import {
  to = scalekit_organization.customer["globex"]
  id = "external_id:globex"
}

output "organization_ids" {
  description = "The organization of each customer."
  value       = { for key, organization in scalekit_organization.customer : key => organization.id }
}

# The application hears of users and groups as the customers' directories change.
resource "scalekit_webhook_endpoint" "directory_sync" {
  url         = "https://hooks.acme.example/scalekit"
  uid         = "directory-sync"
  description = "Keeps users and groups in step with the customers' directories"

  event_types = [
    "organization.directory.user_created",
    "organization.directory.user_updated",
    "organization.directory.user_deleted",
    "organization.directory.group_created",
    "organization.directory.group_updated",
    "organization.directory.group_deleted",
  ]
}
