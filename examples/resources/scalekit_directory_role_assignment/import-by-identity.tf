import {
  to = scalekit_directory_role_assignment.engineering
  identity = {
    organization_id = "org_12345678901234567"
    directory_id    = "dir_12345678901234567"
    group_id        = "dirgroup_12345678901234567"
  }
}
