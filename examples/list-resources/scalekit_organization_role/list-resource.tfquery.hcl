# The roles of all organizations.
list "scalekit_organization_role" "all" {
  provider = scalekit
  limit    = 1000
}

# The roles of one organization.
list "scalekit_organization_role" "acme" {
  provider = scalekit

  config {
    organization_id = "org_12345678901234567"
  }
}
