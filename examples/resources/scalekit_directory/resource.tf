resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_directory" "okta" {
  organization_id    = scalekit_organization.acme.id
  directory_provider = "OKTA"

  attribute_mapping = {
    "userName"        = "preferred_username"
    "name.familyName" = "family_name"
  }
}

output "scim_endpoint" {
  value = scalekit_directory.okta.directory_endpoint
}
