data "scalekit_organizations" "all" {}

# By your own ids of the customers, for for_each.
output "ids_by_external_id" {
  value = data.scalekit_organizations.all.ids_by_external_id
}
