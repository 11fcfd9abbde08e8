resource "scalekit_directory" "acme" {
  organization_id    = scalekit_organization_features.acme.organization_id
  directory_provider = "OKTA"
}

resource "scalekit_directory_secret" "acme" {
  organization_id = scalekit_directory.acme.organization_id
  directory_id    = scalekit_directory.acme.id
}

output "scim_endpoint" {
  value = scalekit_directory.acme.directory_endpoint
}

output "scim_token" {
  value     = scalekit_directory_secret.acme.secret
  sensitive = true
}

output "directory_id" {
  value = scalekit_directory.acme.id
}
