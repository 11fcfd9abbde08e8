# The directories of all organizations.
list "scalekit_directory" "all" {
  provider = scalekit
  limit    = 1000
}

# The directories of one organization.
list "scalekit_directory" "acme" {
  provider = scalekit

  config {
    organization_id = "org_12345678901234567"
  }
}
