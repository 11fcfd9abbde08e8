resource "scalekit_permission" "deploy" {
  name        = "deploy:production"
  description = "Deploy to production"
}

resource "scalekit_role" "engineer" {
  name         = "engineer"
  display_name = "Engineer"
  description  = "Builds and runs the product"
  extends      = "member"

  permissions = [
    scalekit_permission.deploy.name,
    "sk_org_sso_read", # built into Scalekit
  ]

  # What its users get should this role be destroyed.
  reassign_role_name = "member"
}
