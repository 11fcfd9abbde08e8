# By the endpoint's id, or by your own id of it.
terraform import scalekit_webhook_endpoint.directory_sync ep_2srOrx2ZWZBpBUvZwXKQmoEYga2
terraform import scalekit_webhook_endpoint.directory_sync uid:directory-sync
