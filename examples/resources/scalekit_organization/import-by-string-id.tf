import {
  to = scalekit_organization.acme
  id = "external_id:acme" # or the organization's id, org_12345678901234567
}
