resource "scalekit_permission" "billing_read" {
  name        = "billing:read"
  description = "See invoices and the payment method"
}
