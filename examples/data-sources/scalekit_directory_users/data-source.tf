data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_directory" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

data "scalekit_directory_groups" "acme" {
  organization_id = data.scalekit_organization.acme.id
  directory_id    = data.scalekit_directory.acme.id
}

data "scalekit_directory_users" "engineers" {
  organization_id = data.scalekit_organization.acme.id
  directory_id    = data.scalekit_directory.acme.id
  group_id        = data.scalekit_directory_groups.acme.ids_by_name["Engineering"]
}

output "engineers" {
  value = data.scalekit_directory_users.engineers.users[*].email
}
