import {
  to = scalekit_organization_default_role.initech
  id = "org_12345678901234567"
}
