import {
  to = scalekit_organization_domain.acme
  id = "org_12345678901234567/acme.example" # or the domain's id in place of the domain
}
