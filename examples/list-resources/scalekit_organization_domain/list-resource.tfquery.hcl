# The domains of all organizations.
list "scalekit_organization_domain" "all" {
  provider = scalekit
  limit    = 1000
}

# The domains of one organization.
list "scalekit_organization_domain" "acme" {
  provider = scalekit

  config {
    organization_id = "org_12345678901234567"
  }
}
