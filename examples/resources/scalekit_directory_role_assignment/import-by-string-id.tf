import {
  to = scalekit_directory_role_assignment.engineering
  id = "org_12345678901234567/dir_12345678901234567/dirgroup_12345678901234567"
}
