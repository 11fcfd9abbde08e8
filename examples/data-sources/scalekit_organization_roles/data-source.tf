data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_organization_roles" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

# The roles that this organization has in addition to the environment's.
output "own_roles" {
  value = [for role in data.scalekit_organization_roles.acme.roles : role.name if role.is_org_role]
}
