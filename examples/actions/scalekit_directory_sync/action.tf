resource "scalekit_organization" "acme" {
  display_name = "Acme"
}

resource "scalekit_directory" "google" {
  organization_id    = scalekit_organization.acme.id
  directory_type     = "POLL"
  directory_provider = "GOOGLE"

  lifecycle {
    # Whenever Terraform has changed the directory.
    action_trigger {
      events  = [after_update]
      actions = [action.scalekit_directory_sync.google]
    }
  }
}

# At any other time: terraform apply -invoke=action.scalekit_directory_sync.google
action "scalekit_directory_sync" "google" {
  config {
    organization_id = scalekit_directory.google.organization_id
    directory_id    = scalekit_directory.google.id
  }
}
