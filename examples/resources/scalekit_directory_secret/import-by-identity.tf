import {
  to = scalekit_directory_secret.okta
  identity = {
    organization_id = "org_12345678901234567"
    directory_id    = "dir_12345678901234567"
    id              = "sec_12345678901234567"
  }
}
