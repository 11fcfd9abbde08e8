data "scalekit_roles" "all" {}

# Every role's own permissions, by the role's name.
output "permissions_by_role" {
  value = { for role in data.scalekit_roles.all.roles : role.name => role.permissions }
}
