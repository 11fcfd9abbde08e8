# By the ids of organization, directory and secret. The secret's value cannot be imported.
terraform import scalekit_directory_secret.okta org_12345678901234567/dir_12345678901234567/sec_12345678901234567
