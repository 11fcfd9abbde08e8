resource "scalekit_directory_secret" "acme" {
  organization_id = scalekit_directory.acme.organization_id
  directory_id    = scalekit_directory.acme.id

  rotation = { quarter = local.scim_quarter }
}

# Puts every new secret into a secret manager, in the apply that makes it.
resource "terraform_data" "store_scim_token" {
  triggers_replace = scalekit_directory_secret.acme.id

  provisioner "local-exec" {
    command     = "./store-secret acme/scim-token"
    environment = { SECRET = scalekit_directory_secret.acme.secret }
  }
}
