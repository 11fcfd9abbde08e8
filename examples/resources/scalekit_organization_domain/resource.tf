resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_organization_domain" "acme" {
  organization_id = scalekit_organization.acme.id
  domain          = "acme.example"
}
