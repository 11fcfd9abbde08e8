import {
  to = scalekit_organization_session_policy.acme
  identity = {
    organization_id = "org_12345678901234567"
  }
}
