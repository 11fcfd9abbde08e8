data "scalekit_organization" "acme" {
  external_id = "acme"
}

output "acme_id" {
  value = data.scalekit_organization.acme.id
}
