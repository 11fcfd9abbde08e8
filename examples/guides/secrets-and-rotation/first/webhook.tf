# What the receiver wants as a bearer token. It comes from TF_VAR_receiver_token.
variable "receiver_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "scalekit_webhook_endpoint" "directory_sync" {
  url         = "https://hooks.example.com/scalekit"
  uid         = "directory-sync"
  event_types = ["organization.directory.user_created", "organization.directory.user_deleted"]

  headers_wo         = { Authorization = "Bearer ${var.receiver_token}" }
  headers_wo_version = local.receiver_token_version

  secret_rotation     = { quarter = local.webhook_quarter }
  secret_grace_period = "72h"
}

output "webhook_signing_secret" {
  value     = scalekit_webhook_endpoint.directory_sync.signing_secret
  sensitive = true
}
