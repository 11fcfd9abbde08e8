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
  customers = yamldecode(file("${path.module}/customers.yaml"))

  # One entry for each domain of each customer, such as "acme/acme.example"
  domains = merge([
    for customer, settings in local.customers : {
      for domain in try(settings.domains, []) : "${customer}/${domain}" => { customer = customer, domain = domain }
    }
  ]...)
}

resource "scalekit_organization" "customer" {
  for_each = local.customers

  display_name = each.value.name
  external_id  = each.key
  metadata     = { plan = each.value.plan }
}

resource "scalekit_organization_domain" "customer" {
  for_each = local.domains

  organization_id = scalekit_organization.customer[each.value.customer].id
  domain          = each.value.domain
}

resource "scalekit_organization_features" "customer" {
  for_each = { for customer, settings in local.customers : customer => settings.features if can(settings.features) }

  organization_id = scalekit_organization.customer[each.key].id
  sso             = try(each.value.sso, null)
  scim            = try(each.value.scim, null)
  session_policy  = can(local.customers[each.key].session) ? true : null
}

resource "scalekit_organization_session_policy" "customer" {
  for_each = { for customer, settings in local.customers : customer => settings.session if can(settings.session) }

  organization_id          = scalekit_organization_features.customer[each.key].organization_id
  absolute_session_timeout = each.value
}

resource "scalekit_directory" "customer" {
  for_each = { for customer, settings in local.customers : customer => settings.directory if can(settings.directory) }

  organization_id    = scalekit_organization_features.customer[each.key].organization_id
  directory_provider = each.value
}

output "scim_endpoints" {
  description = "What each customer's identity provider is given, together with a secret of its directory."
  value       = { for customer, directory in scalekit_directory.customer : customer => directory.directory_endpoint }
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
