# Globex was a customer before this configuration: it is adopted, not created. Once applied, these blocks can go.

import {
  to = scalekit_organization.customer["globex"]
  id = "external_id:globex"
}

import {
  to = scalekit_organization_domain.customer["globex/globex.example"]
  id = "org_100000000000000001/globex.example"
}

import {
  to = scalekit_directory.customer["globex"]
  id = "org_100000000000000001/dir_100000000000000001"
}
