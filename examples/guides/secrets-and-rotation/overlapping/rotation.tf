# To rotate a secret is to change its line here.
locals {
  scim_quarter           = "2026-3"
  webhook_quarter        = "2026-1"
  receiver_token_version = 1
}
