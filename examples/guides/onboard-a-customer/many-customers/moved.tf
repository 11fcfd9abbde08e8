# Acme was declared by itself before. Once applied, these blocks can go.

moved {
  from = scalekit_organization.acme
  to   = module.customer["acme"].scalekit_organization.this
}

moved {
  from = scalekit_organization_features.acme
  to   = module.customer["acme"].scalekit_organization_features.this
}

moved {
  from = scalekit_organization_domain.acme
  to   = module.customer["acme"].scalekit_organization_domain.this["acme.example"]
}

moved {
  from = scalekit_organization_session_policy.acme
  to   = module.customer["acme"].scalekit_organization_session_policy.this
}

moved {
  from = scalekit_directory.acme
  to   = module.customer["acme"].scalekit_directory.this[0]
}

moved {
  from = scalekit_directory_secret.acme
  to   = module.customer["acme"].scalekit_directory_secret.this[0]
}

moved {
  from = scalekit_directory_role_assignments.acme
  to   = module.customer["acme"].scalekit_directory_role_assignments.this[0]
}
