data "scalekit_organization" "acme" {
  external_id = "acme"
}

# The organization's first directory; give id for another one.
data "scalekit_directory" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

output "scim_endpoint" {
  value = data.scalekit_directory.acme.directory_endpoint
}
