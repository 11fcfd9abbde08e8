import {
  to = scalekit_permission.billing_read
  identity = {
    name = "billing:read"
  }
}
