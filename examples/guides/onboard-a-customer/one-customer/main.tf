terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

# The environment and its credentials come from SCALEKIT_ENVIRONMENT_URL, SCALEKIT_CLIENT_ID and
# SCALEKIT_CLIENT_SECRET.
provider "scalekit" {}

resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme" # the customer's id in your own application
  metadata     = { plan = "enterprise" }

  deletion_protection = true
}

resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id

  sso            = true
  scim           = true
  session_policy = true
}

resource "scalekit_organization_domain" "acme" {
  organization_id = scalekit_organization.acme.id
  domain          = "acme.example"
}

resource "scalekit_organization_session_policy" "acme" {
  organization_id = scalekit_organization_features.acme.organization_id # so that the feature is on first

  absolute_session_timeout     = "8h"
  idle_session_timeout         = "30m"
  idle_session_timeout_enabled = true
}
