data "scalekit_organizations" "all" {}

output "ids_by_external_id" {
  value = {
    for organization in data.scalekit_organizations.all.organizations :
    organization.external_id => organization.id if organization.external_id != null
  }
}
