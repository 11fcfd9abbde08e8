# By the domain, or by its id
terraform import scalekit_organization_domain.acme org_12345678901234567/acme.example
terraform import scalekit_organization_domain.acme org_12345678901234567/dom_12345678901234567
