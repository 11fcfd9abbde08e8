# Reads back what the platform has of the customers: their directories, the groups and users that their identity providers
# have sent, and the users of the application. It is a configuration of its own, with a state of its own: people come and
# go at the identity providers, and no plan of the onboarding shall show that as a change.

terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

provider "scalekit" {}

data "scalekit_organization" "customer" {
  for_each    = yamldecode(file("${path.module}/../customers.yaml"))
  external_id = each.key
}

data "scalekit_directories" "customer" {
  for_each        = data.scalekit_organization.customer
  organization_id = each.value.id
}

data "scalekit_organization_users" "customer" {
  for_each        = data.scalekit_organization.customer
  organization_id = each.value.id
}

locals {
  # Every directory of every customer by its id
  directories = merge([
    for customer, found in data.scalekit_directories.customer : {
      for directory in found.directories : directory.id => merge(directory, { customer = customer })
    }
  ]...)
}

data "scalekit_directory_groups" "all" {
  for_each        = local.directories
  organization_id = each.value.organization_id
  directory_id    = each.key
}

data "scalekit_directory_users" "all" {
  for_each        = local.directories
  organization_id = each.value.organization_id
  directory_id    = each.key
}

# The lines are sorted, so that they do not depend on the platform's order.

output "directories" {
  description = "The directories of each customer."
  value = {
    for customer, found in data.scalekit_directories.customer : customer => [for line in sort([
      for directory in found.directories : join(", ", [
        coalesce(directory.directory_provider, "custom provider"), directory.enabled ? "enabled" : "disabled",
        "groups: ${directory.total_groups}", "users: ${directory.total_users}",
      ])
    ]) : line]
  }
}

output "directory_groups" {
  description = "The groups that each customer's identity provider has sent, and who is in them."
  value = {
    for customer in keys(data.scalekit_directories.customer) : customer => [for line in sort(flatten([
      for id, found in data.scalekit_directory_groups.all : [
        for group in found.groups : "${group.display_name}: ${join(", ", sort([
          for user in data.scalekit_directory_users.all[id].users : user.email if contains(user.group_ids, group.id)
        ]))}"
      ] if local.directories[id].customer == customer
    ])) : line]
  }
}

output "directory_users" {
  description = "The users that each customer's identity provider has sent."
  value = {
    for customer in keys(data.scalekit_directories.customer) : customer => [for line in sort(flatten([
      for id, found in data.scalekit_directory_users.all : [
        for user in found.users : "${user.email}: ${join(" ", compact([user.given_name, user.family_name]))}"
      ] if local.directories[id].customer == customer
    ])) : line]
  }
}

output "users" {
  description = "The users of each customer in the application, with their roles and the state of their membership."
  value = {
    for customer, found in data.scalekit_organization_users.customer : customer => [for line in sort([
      for user in found.users : "${user.email}: ${join(", ", compact(concat(user.roles, [user.membership_status])))}"
    ]) : line]
  }
}
