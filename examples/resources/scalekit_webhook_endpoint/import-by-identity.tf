import {
  to = scalekit_webhook_endpoint.directory_sync
  identity = {
    id = "ep_2srOrx2ZWZBpBUvZwXKQmoEYga2"
  }
}
