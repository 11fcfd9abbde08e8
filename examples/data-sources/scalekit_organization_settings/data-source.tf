data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_organization_settings" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

output "longest_session" {
  value = try(data.scalekit_organization_settings.acme.session_policy.absolute_session_timeout, "as the application says")
}
