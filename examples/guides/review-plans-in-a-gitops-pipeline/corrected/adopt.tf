# Once applied, these blocks can go.

import {
  to = scalekit_organization.globex
  id = "external_id:globex" # rather than the id, which is another one in another environment
}

import {
  to = scalekit_role.engineer
  id = "engineer"
}
