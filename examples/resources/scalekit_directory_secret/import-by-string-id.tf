import {
  to = scalekit_directory_secret.okta
  id = "org_12345678901234567/dir_12345678901234567/sec_12345678901234567"
}
