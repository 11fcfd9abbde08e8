resource "scalekit_permission" "deploy" {
  name        = "deploy:production"
  description = "Deploy to production"
}

resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  extends      = "member"
  permissions  = [scalekit_permission.deploy.name]
}

locals {
  # Groups exist once the customer's identity provider has sent them, so group_roles comes to customers.yaml in a later
  # change than the customer. That is why the three data sources below look things up and do not refer to the resources
  # of this configuration: they are read by the plan, which then shows the mapping.
  mapped = { for customer, settings in local.customers : customer => settings.group_roles if can(settings.group_roles) }
}

data "scalekit_organization" "mapped" {
  for_each    = local.mapped
  external_id = each.key
}

data "scalekit_directory" "mapped" {
  for_each        = local.mapped
  organization_id = data.scalekit_organization.mapped[each.key].id
}

data "scalekit_directory_groups" "mapped" {
  for_each        = local.mapped
  organization_id = data.scalekit_organization.mapped[each.key].id
  directory_id    = data.scalekit_directory.mapped[each.key].id
}

# All of the customer's groups that have a role, and no other
resource "scalekit_directory_role_assignments" "customer" {
  for_each = local.mapped

  organization_id = data.scalekit_organization.mapped[each.key].id
  directory_id    = data.scalekit_directory.mapped[each.key].id
  role_by_group_id = {
    for group, role in each.value : data.scalekit_directory_groups.mapped[each.key].ids_by_name[group] => role
  }

  # customers.yaml names the role, so Terraform has to be told that it comes first.
  depends_on = [scalekit_role.engineer]
}
