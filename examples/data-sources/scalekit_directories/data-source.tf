data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_directories" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

output "users_by_directory" {
  value = {
    for directory in data.scalekit_directories.acme.directories : directory.id => directory.total_users
  }
}
