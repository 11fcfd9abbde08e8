import {
  to = scalekit_webhook_endpoint.directory_sync
  id = "uid:directory-sync"
}
