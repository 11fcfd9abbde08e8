# Without Scalekit's own permissions, which every environment has.
data "scalekit_permissions" "ours" {
  type = "ENVIRONMENT"
}

output "permissions" {
  value = data.scalekit_permissions.ours.permissions[*].name
}
