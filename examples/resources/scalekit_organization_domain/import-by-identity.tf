import {
  to = scalekit_organization_domain.acme
  identity = {
    organization_id = "org_12345678901234567"
    id              = "dom_12345678901234567"
  }
}
