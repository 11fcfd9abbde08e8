data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_organization_users" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

output "administrators" {
  value = [
    for user in data.scalekit_organization_users.acme.users :
    user.email if contains(user.roles, "admin")
  ]
}
