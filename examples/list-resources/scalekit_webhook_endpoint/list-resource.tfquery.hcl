list "scalekit_webhook_endpoint" "all" {
  provider = scalekit
}
