resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_organization_features" "acme" {
  organization_id = scalekit_organization.acme.id
  session_policy  = true
}

resource "scalekit_organization_session_policy" "acme" {
  organization_id              = scalekit_organization_features.acme.organization_id
  absolute_session_timeout     = "8h"
  idle_session_timeout         = "30m"
  idle_session_timeout_enabled = true
}
