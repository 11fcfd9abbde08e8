import {
  to = scalekit_organization_default_role.initech
  identity = {
    organization_id = "org_12345678901234567"
  }
}
