resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id

  sso  = true
  scim = true
  # domain_verification and session_policy are left as they are.
}
