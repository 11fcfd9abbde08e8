import {
  to = scalekit_permission.billing_read
  id = "billing:read"
}
