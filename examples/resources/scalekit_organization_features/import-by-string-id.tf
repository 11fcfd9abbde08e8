import {
  to = scalekit_organization_features.acme
  id = "org_12345678901234567"
}
