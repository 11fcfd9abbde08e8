data "scalekit_webhook_event_types" "all" {}

# All that happens in directories, for the event_types of an endpoint.
output "directory_event_types" {
  value = [for one in data.scalekit_webhook_event_types.all.event_types : one.name if startswith(one.name, "organization.directory.") && !one.archived]
}
