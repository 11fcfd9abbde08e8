import {
  to = scalekit_organization_role.auditor
  identity = {
    organization_id = "org_12345678901234567"
    name            = "globex_auditor"
  }
}
