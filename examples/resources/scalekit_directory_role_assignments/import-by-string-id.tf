import {
  to = scalekit_directory_role_assignments.okta
  id = "org_12345678901234567/dir_12345678901234567"
}
