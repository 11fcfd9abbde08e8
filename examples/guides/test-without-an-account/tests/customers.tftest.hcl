# The emulator's address and credentials: whatever the environment says, a test reaches nothing else.
provider "scalekit" {
  environment_url = "http://127.0.0.1:8787"
  client_id       = "skc_emulator"
  client_secret   = "emulator-secret"
}

run "onboards_every_customer" {
  assert {
    condition     = length(scalekit_organization.customer) == 2
    error_message = "Every customer is an organization."
  }

  assert {
    condition     = alltrue([for features in scalekit_organization_features.customer : features.sso])
    error_message = "Every customer can sign in through an identity provider."
  }
}
