# By the ids of organization and directory
terraform import scalekit_directory.okta org_12345678901234567/dir_12345678901234567
