import {
  to = scalekit_directory.okta
  identity = {
    organization_id = "org_12345678901234567"
    id              = "dir_12345678901234567"
  }
}
