import {
  to = scalekit_directory_role_assignments.okta
  identity = {
    organization_id = "org_12345678901234567"
    directory_id    = "dir_12345678901234567"
  }
}
