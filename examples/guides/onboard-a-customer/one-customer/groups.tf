locals {
  # The roles of the customer's groups, by the groups' names at the identity provider
  group_roles = {
    Engineering = "member"
    IT          = "admin"
  }

  sent_groups    = data.scalekit_directory_groups.acme.ids_by_name
  waiting_groups = setsubtract(keys(local.group_roles), keys(local.sent_groups))
}

data "scalekit_directory_groups" "acme" {
  organization_id = scalekit_directory.acme.organization_id
  directory_id    = scalekit_directory.acme.id
}

resource "scalekit_directory_role_assignments" "acme" {
  organization_id = scalekit_directory.acme.organization_id
  directory_id    = scalekit_directory.acme.id

  # A group that the identity provider has not sent yet is left out for now.
  role_by_group_id = {
    for group, role in local.group_roles : local.sent_groups[group] => role if can(local.sent_groups[group])
  }
}

# What is left out is said by every plan and every apply.
check "groups" {
  assert {
    condition     = length(local.waiting_groups) == 0
    error_message = "Acme's identity provider has not sent these groups, so they have no role yet: ${join(", ", local.waiting_groups)}."
  }
}

# A plan shows groups by their ids. This shows them by their names as well.
output "group_roles" {
  value = { for group, role in local.group_roles : group => role if can(local.sent_groups[group]) }
}
