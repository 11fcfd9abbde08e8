# Reads an environment and writes an import block for everything in it. It changes nothing.

terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

provider "scalekit" {}

variable "kinds" {
  description = "The resources to write import blocks for. To adopt the roles of single groups, in place of a directory's whole mapping, put scalekit_directory_role_assignment in place of scalekit_directory_role_assignments."
  type        = set(string)
  default = [
    "scalekit_default_roles",
    "scalekit_directory",
    "scalekit_directory_role_assignments",
    "scalekit_directory_secret",
    "scalekit_organization",
    "scalekit_organization_default_role",
    "scalekit_organization_domain",
    "scalekit_organization_features",
    "scalekit_organization_role",
    "scalekit_organization_session_policy",
    "scalekit_organization_user_management",
    "scalekit_permission",
    "scalekit_role",
    "scalekit_webhook_endpoint",
  ]
}

# What the environment has

data "scalekit_roles" "all" {}

data "scalekit_permissions" "own" {
  type = "ENVIRONMENT" # without Scalekit's own, sk_…
}

data "scalekit_webhook_endpoints" "all" {
  count = contains(var.kinds, "scalekit_webhook_endpoint") ? 1 : 0
}

data "scalekit_organizations" "all" {}

locals {
  default_creators = [for role in data.scalekit_roles.all.roles : role.name if role.default_creator]
  default_members  = [for role in data.scalekit_roles.all.roles : role.name if role.default_member]

  # The name that an organization's resources begin with, by the organization's id: the first that has a letter or digit
  # of the 36 that a label is made of
  organizations = {
    for org in data.scalekit_organizations.all.organizations : org.id => [
      for name in [org.external_id, org.slug, org.display_name, org.id] : name if can(regex("[a-z0-9]", lower(name)))
    ][0]
  }
}

# What each organization has

data "scalekit_organization_settings" "of" {
  for_each        = local.organizations
  organization_id = each.key
}

data "scalekit_organization_domains" "of" {
  for_each        = local.organizations
  organization_id = each.key
}

data "scalekit_organization_roles" "of" {
  for_each        = local.organizations
  organization_id = each.key
}

data "scalekit_directories" "of" {
  for_each        = local.organizations
  organization_id = each.key
}

# What each directory has

data "scalekit_directory" "each" {
  for_each = merge([
    for org, listed in data.scalekit_directories.of : { for directory in listed.directories : directory.id => org }
  ]...)
  organization_id = each.value
  id              = each.key
}

data "scalekit_directory_groups" "of" {
  for_each = {
    for id, directory in data.scalekit_directory.each : id => directory.organization_id
    if contains(var.kinds, "scalekit_directory_role_assignment") && length(directory.role_by_group_id) > 0
  }
  organization_id = each.value
  directory_id    = each.key
}

locals {
  directories = {
    for id, directory in data.scalekit_directory.each : id => {
      name  = "${local.organizations[directory.organization_id]} ${coalesce(directory.directory_provider, directory.directory_type)}"
      path  = "${directory.organization_id}/${id}"
      roles = directory.role_by_group_id

      # One secret for each directory: the newest that the identity provider can use
      secrets = reverse(sort([for secret in directory.secrets : join(" ", compact([secret.create_time, secret.id])) if secret.usable]))
    }
  }

  # Everything to import: its kind, a name for people, an id that is unique among its kind, and the import id
  found = concat(
    length(local.default_creators) > 0 && length(local.default_members) > 0 ? [
      { kind = "scalekit_default_roles", name = "environment", key = "default", id = "default" },
    ] : [],
    [
      for role in data.scalekit_roles.all.roles : { kind = "scalekit_role", name = role.name, key = role.id, id = role.name }
      if !contains(["admin", "member"], role.name) # which every environment has
    ],
    [
      for permission in data.scalekit_permissions.own.permissions :
      { kind = "scalekit_permission", name = permission.name, key = permission.id, id = permission.name }
    ],
    [
      for endpoint in flatten(data.scalekit_webhook_endpoints.all[*].webhook_endpoints) :
      { kind = "scalekit_webhook_endpoint", name = coalesce(endpoint.uid, endpoint.url), key = endpoint.id, id = endpoint.id }
    ],

    [for id, name in local.organizations : { kind = "scalekit_organization", name = name, key = id, id = id }],
    [
      for id, name in local.organizations : { kind = "scalekit_organization_features", name = name, key = id, id = id }
      if anytrue(values(data.scalekit_organization_settings.of[id].features))
    ],
    [
      for id, name in local.organizations : { kind = "scalekit_organization_session_policy", name = name, key = id, id = id }
      if data.scalekit_organization_settings.of[id].session_policy != null
    ],
    [
      for id, name in local.organizations : { kind = "scalekit_organization_user_management", name = name, key = id, id = id }
      if data.scalekit_organization_settings.of[id].user_management != null
    ],
    [
      for id, name in local.organizations : { kind = "scalekit_organization_default_role", name = name, key = id, id = id }
      if anytrue([
        for role in data.scalekit_organization_roles.of[id].roles : role.default_member && !contains(local.default_members, role.name)
      ])
    ],
    flatten([
      for id, name in local.organizations : [
        for domain in data.scalekit_organization_domains.of[id].domains :
        { kind = "scalekit_organization_domain", name = "${name} ${domain.domain}", key = domain.id, id = "${id}/${domain.id}" }
      ]
    ]),
    flatten([
      for id, name in local.organizations : [
        for role in data.scalekit_organization_roles.of[id].roles :
        { kind = "scalekit_organization_role", name = "${name} ${role.name}", key = role.id, id = "${id}/${role.name}" }
        if role.is_org_role
      ]
    ]),

    [for id, directory in local.directories : { kind = "scalekit_directory", name = directory.name, key = id, id = directory.path }],
    [
      for id, directory in local.directories :
      {
        kind = "scalekit_directory_secret", name = directory.name, key = id
        id   = "${directory.path}/${reverse(split(" ", directory.secrets[0]))[0]}"
      }
      if length(directory.secrets) > 0
    ],
    [
      for id, directory in local.directories :
      { kind = "scalekit_directory_role_assignments", name = directory.name, key = id, id = directory.path }
      if length(directory.roles) > 0
    ],
    flatten([
      for id, listed in data.scalekit_directory_groups.of : [
        for group in listed.groups :
        {
          kind = "scalekit_directory_role_assignment", name = "${local.directories[id].name} ${group.display_name}"
          key  = group.id, id = "${local.directories[id].path}/${group.id}"
        }
        if contains(keys(local.directories[id].roles), group.id)
      ]
    ]),
  )

  # A label is the name in lower-case letters, digits and underscores; it does not begin with a digit.
  labelled = [
    for one in local.found : merge(one, {
      label = replace(trim(replace(lower(one.name), "/[^a-z0-9]+/", "_"), "_"), "/^([0-9])/", "_$1")
    }) if contains(var.kinds, one.kind)
  ]

  # Where nothing is left of the name, or another of the kind has the label too, the id makes it unique.
  with_key = { for one in local.labelled : "${one.kind}.${join("_", compact([one.label, one.key]))}" => one }
  by_label = { for one in local.labelled : "${one.kind}.${one.label}" => one... }
  addressed = {
    for long, one in local.with_key :
    (one.label != "" && length(local.by_label["${one.kind}.${one.label}"]) == 1 && !can(local.with_key["${one.kind}.${one.label}"])
    ? "${one.kind}.${one.label}" : long) => one
  }
}

output "import_blocks" {
  description = "An import block for everything that was found."
  sensitive   = true # no secret, but long: apply does not print it
  value = join("\n", [
    for address, one in local.addressed : <<-EOT
      import {
        to = ${address}
        id = ${jsonencode(one.id)}
      }
    EOT
  ])
}

output "references" {
  description = "A script for sed that puts references in place of the ids of organizations and directories."
  sensitive   = true # likewise
  value = join("", [
    for address, one in local.addressed : "s/ = \"${one.key}\"$/ = ${address}.id/\n"
    if contains(["scalekit_organization", "scalekit_directory"], one.kind)
  ])
}
