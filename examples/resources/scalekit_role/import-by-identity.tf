import {
  to = scalekit_role.engineer
  identity = {
    name = "engineer"
  }
}
