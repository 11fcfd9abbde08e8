data "scalekit_webhook_endpoints" "all" {}

# Endpoints that receive every event.
output "endpoints_of_all_events" {
  value = [for endpoint in data.scalekit_webhook_endpoints.all.webhook_endpoints : endpoint.url if endpoint.event_types == null]
}
