data "scalekit_organization" "acme" {
  external_id = "acme"
}

ephemeral "scalekit_portal_link" "acme" {
  organization_id = data.scalekit_organization.acme.id
  features        = ["sso", "scim"]
}

# Hand the link on at once: it is good for one use, and for a minute only.
resource "terraform_data" "invite" {
  provisioner "local-exec" {
    command     = "test -n \"$LINK\" # your program, which opens or sends the link"
    environment = { LINK = ephemeral.scalekit_portal_link.acme.location }
  }
}
