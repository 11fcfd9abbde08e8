# By e-mail address; give id or external_id where you have one.
data "scalekit_user" "grace" {
  email = "grace@acme.example"
}

output "roles_by_organization" {
  value = {
    for membership in data.scalekit_user.grace.memberships :
    membership.organization_id => membership.roles
  }
}
