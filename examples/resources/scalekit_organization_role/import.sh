# The organization's id and the role's name
terraform import scalekit_organization_role.auditor org_12345678901234567/globex_auditor
