import {
  to = scalekit_organization_session_policy.acme
  id = "org_12345678901234567"
}
