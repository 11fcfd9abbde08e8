resource "scalekit_organization" "acme" {
  display_name = "Acme"
  external_id  = "acme"

  metadata = {
    plan = "enterprise"
  }

  deletion_protection = true
}
