# By id, or by external_id
terraform import scalekit_organization.acme org_12345678901234567
terraform import scalekit_organization.acme external_id:acme
