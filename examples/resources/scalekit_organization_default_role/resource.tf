resource "scalekit_organization" "initech" {
  display_name = "Initech"
}

resource "scalekit_organization_role" "clerk" {
  organization_id = scalekit_organization.initech.id
  name            = "initech_clerk"
  display_name    = "Clerk"
}

resource "scalekit_organization_default_role" "initech" {
  organization_id     = scalekit_organization.initech.id
  default_member_role = scalekit_organization_role.clerk.name
}
