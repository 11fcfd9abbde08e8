resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_organization_user_management" "acme" {
  organization_id   = scalekit_organization.acme.id
  max_allowed_users = 250
}
