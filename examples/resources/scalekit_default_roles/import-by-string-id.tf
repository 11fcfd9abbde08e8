import {
  to = scalekit_default_roles.environment
  id = "default"
}
