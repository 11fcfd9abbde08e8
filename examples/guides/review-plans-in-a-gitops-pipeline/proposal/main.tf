terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

provider "scalekit" {}

resource "scalekit_organization" "globex" {
  display_name = "Globex Corporation"
  external_id  = "globex"
}

resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
}

# Initech is declared elsewhere.
data "scalekit_organization" "initech" {
  external_id = "initech"
}

data "scalekit_directory" "initech" {
  organization_id = data.scalekit_organization.initech.id
}

data "scalekit_directory_groups" "initech" {
  organization_id = data.scalekit_organization.initech.id
  directory_id    = data.scalekit_directory.initech.id
}

resource "scalekit_directory_role_assignment" "initech" {
  organization_id = data.scalekit_organization.initech.id
  directory_id    = data.scalekit_directory.initech.id

  group_id  = data.scalekit_directory_groups.initech.ids_by_name["Engineering"]
  role_name = "enginer"
}
