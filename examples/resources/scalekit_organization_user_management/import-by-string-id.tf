import {
  to = scalekit_organization_user_management.acme
  id = "org_12345678901234567"
}
