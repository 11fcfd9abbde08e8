resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_directory" "okta" {
  organization_id    = scalekit_organization.acme.id
  directory_provider = "OKTA"
}

resource "scalekit_directory_secret" "okta" {
  organization_id = scalekit_organization.acme.id
  directory_id    = scalekit_directory.okta.id

  # Any change makes a new secret, and the present one stops working.
  rotation = {
    quarter = "2026-1"
  }
}

output "scim_token" {
  value     = scalekit_directory_secret.okta.secret
  sensitive = true
}
