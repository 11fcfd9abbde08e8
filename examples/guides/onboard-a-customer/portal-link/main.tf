terraform {
  required_version = ">= 1.10"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

provider "scalekit" {}

variable "external_id" {
  description = "Whose portal to open."
  type        = string
}

variable "open_with" {
  description = "The command that opens the link, which it finds in the environment variable LINK."
  type        = string
}

data "scalekit_organization" "customer" {
  external_id = var.external_id
}

ephemeral "scalekit_portal_link" "customer" {
  organization_id = data.scalekit_organization.customer.id
  features        = ["sso", "scim"]
}

resource "terraform_data" "open" {
  triggers_replace = plantimestamp() # every apply opens a link

  provisioner "local-exec" {
    command     = var.open_with
    environment = { LINK = ephemeral.scalekit_portal_link.customer.location }
  }
}
