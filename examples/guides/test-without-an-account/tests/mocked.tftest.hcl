mock_provider "scalekit" {
  source = "./tests/mocks"
}

run "turns_on_sso_for_every_customer" {
  assert {
    condition     = toset(keys(scalekit_organization_features.customer)) == toset(["Acme", "Initech"])
    error_message = "Every customer has features."
  }

  assert {
    condition     = alltrue([for features in scalekit_organization_features.customer : features.sso])
    error_message = "Every customer can sign in through an identity provider."
  }
}
