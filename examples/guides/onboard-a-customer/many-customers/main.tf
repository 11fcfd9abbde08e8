terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

provider "scalekit" {}

module "customer" {
  source   = "./customer"
  for_each = yamldecode(file("${path.module}/customers.yaml"))

  external_id = each.key
  settings    = each.value
}

output "scim_endpoints" {
  value = { for external_id, customer in module.customer : external_id => customer.scim_endpoint }
}

output "scim_tokens" {
  value     = { for external_id, customer in module.customer : external_id => customer.scim_token }
  sensitive = true
}

output "group_roles" {
  value = { for external_id, customer in module.customer : external_id => customer.group_roles }
}
