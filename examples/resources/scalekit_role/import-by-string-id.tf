import {
  to = scalekit_role.engineer
  id = "engineer"
}
