import {
  to = scalekit_organization_role.auditor
  id = "org_12345678901234567/globex_auditor"
}
