data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_directory" "okta" {
  organization_id = data.scalekit_organization.acme.id
}

# The groups that the identity provider has sent
data "scalekit_directory_groups" "okta" {
  organization_id = data.scalekit_organization.acme.id
  directory_id    = data.scalekit_directory.okta.id
}

resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
}

resource "scalekit_directory_role_assignment" "engineering" {
  organization_id = data.scalekit_organization.acme.id
  directory_id    = data.scalekit_directory.okta.id

  group_id  = data.scalekit_directory_groups.okta.ids_by_name["Engineering"]
  role_name = scalekit_role.engineer.name
}
