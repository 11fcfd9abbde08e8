# Directory events for the application that keeps its own users in step.
resource "scalekit_webhook_endpoint" "directory_sync" {
  url         = "https://hooks.acme.example/scalekit"
  uid         = "directory-sync"
  description = "Keeps users and groups in step with the customers' directories"

  event_types = [
    "organization.directory.user_created",
    "organization.directory.user_updated",
    "organization.directory.user_deleted",
    "organization.directory.group_created",
    "organization.directory.group_updated",
    "organization.directory.group_deleted",
  ]

  # Change this to get a new signing secret. Events are signed with the old one too for three days.
  secret_rotation     = { quarter = "2026-1" }
  secret_grace_period = "72h"
}

# For the configuration of the receiver.
output "webhook_signing_secret" {
  value     = scalekit_webhook_endpoint.directory_sync.signing_secret
  sensitive = true
}
