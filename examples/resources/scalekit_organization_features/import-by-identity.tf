import {
  to = scalekit_organization_features.acme
  identity = {
    organization_id = "org_12345678901234567"
  }
}
