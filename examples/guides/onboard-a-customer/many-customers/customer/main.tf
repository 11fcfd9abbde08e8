terraform {
  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

variable "external_id" {
  type = string
}

variable "settings" {
  description = "The customer's entry in customers.yaml."
  type = object({
    name        = string
    plan        = string
    domains     = optional(set(string), [])
    directory   = optional(string) # the identity provider, such as OKTA; left out, there is no directory
    group_roles = optional(map(string), {})
    protected   = optional(bool, true)
  })
}

resource "scalekit_organization" "this" {
  display_name = var.settings.name
  external_id  = var.external_id
  metadata     = { plan = var.settings.plan }

  deletion_protection = var.settings.protected
}

resource "scalekit_organization_features" "this" {
  organization_id = scalekit_organization.this.id

  sso            = true
  scim           = var.settings.directory != null
  session_policy = true
}

resource "scalekit_organization_domain" "this" {
  for_each = var.settings.domains

  organization_id = scalekit_organization.this.id
  domain          = each.key
}

resource "scalekit_organization_session_policy" "this" {
  organization_id = scalekit_organization_features.this.organization_id

  absolute_session_timeout     = "8h"
  idle_session_timeout         = "30m"
  idle_session_timeout_enabled = true
}

resource "scalekit_directory" "this" {
  count = var.settings.directory == null ? 0 : 1

  organization_id    = scalekit_organization_features.this.organization_id
  directory_provider = var.settings.directory
}

resource "scalekit_directory_secret" "this" {
  count = length(scalekit_directory.this)

  organization_id = scalekit_directory.this[count.index].organization_id
  directory_id    = scalekit_directory.this[count.index].id
}

data "scalekit_directory_groups" "this" {
  count = length(scalekit_directory.this)

  organization_id = scalekit_directory.this[count.index].organization_id
  directory_id    = scalekit_directory.this[count.index].id
}

locals {
  sent_groups    = merge(data.scalekit_directory_groups.this[*].ids_by_name...)
  waiting_groups = setsubtract(keys(var.settings.group_roles), keys(local.sent_groups))
}

resource "scalekit_directory_role_assignments" "this" {
  count = length(scalekit_directory.this)

  organization_id = scalekit_directory.this[count.index].organization_id
  directory_id    = scalekit_directory.this[count.index].id

  role_by_group_id = {
    for group, role in var.settings.group_roles : local.sent_groups[group] => role if can(local.sent_groups[group])
  }
}

check "groups" {
  assert {
    condition = length(local.waiting_groups) == 0
    error_message = join(" ", [
      "The identity provider of ${var.settings.name} has not sent these groups, so they have no role yet:",
      "${join(", ", local.waiting_groups)}.",
    ])
  }
}

output "scim_endpoint" {
  value = one(scalekit_directory.this[*].directory_endpoint)
}

output "scim_token" {
  value     = one(scalekit_directory_secret.this[*].secret)
  sensitive = true
}

output "group_roles" {
  value = { for group, role in var.settings.group_roles : group => role if can(local.sent_groups[group]) }
}
