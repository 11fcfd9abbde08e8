import {
  to = scalekit_organization_user_management.acme
  identity = {
    organization_id = "org_12345678901234567"
  }
}
