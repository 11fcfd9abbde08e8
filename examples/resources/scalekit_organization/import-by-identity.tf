import {
  to = scalekit_organization.acme
  identity = {
    id = "org_12345678901234567"
  }
}
