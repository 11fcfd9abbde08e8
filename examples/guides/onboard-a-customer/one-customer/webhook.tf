# One endpoint of the environment, for the events of all customers
resource "scalekit_webhook_endpoint" "directory_sync" {
  url         = "https://hooks.example.com/scalekit"
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
}

output "webhook_signing_secret" {
  value     = scalekit_webhook_endpoint.directory_sync.signing_secret
  sensitive = true
}
