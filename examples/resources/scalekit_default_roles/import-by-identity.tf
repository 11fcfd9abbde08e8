import {
  to = scalekit_default_roles.environment
  identity = {
    id = "default"
  }
}
