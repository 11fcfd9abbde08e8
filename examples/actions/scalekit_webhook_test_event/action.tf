resource "scalekit_webhook_endpoint" "crm" {
  url         = "https://hooks.acme.example/crm"
  event_types = ["organization.created", "organization.deleted"]

  lifecycle {
    # A new endpoint, and one that was changed, gets an example at once.
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.scalekit_webhook_test_event.crm]
    }
  }
}

action "scalekit_webhook_test_event" "crm" {
  config {
    event_type  = "organization.created"
    endpoint_id = scalekit_webhook_endpoint.crm.id
  }
}

# For every endpoint that receives the type: terraform apply -invoke=action.scalekit_webhook_test_event.all
action "scalekit_webhook_test_event" "all" {
  config {
    event_type = "organization.deleted"
  }
}
