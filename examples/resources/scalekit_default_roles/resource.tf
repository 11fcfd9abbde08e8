resource "scalekit_role" "owner" {
  name         = "owner"
  display_name = "Owner"
  extends      = "admin"
}

resource "scalekit_default_roles" "environment" {
  default_creator_role = scalekit_role.owner.name
  default_member_role  = "member"
}
