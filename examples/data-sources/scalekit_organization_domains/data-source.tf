data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_organization_domains" "acme" {
  organization_id = data.scalekit_organization.acme.id
}

output "unverified_domains" {
  value = [
    for domain in data.scalekit_organization_domains.acme.domains :
    domain.domain if contains(["PENDING", "FAILED"], domain.verification_status)
  ]
}
