# What terraform query does not find
kinds = [
  "scalekit_default_roles",
  "scalekit_directory_role_assignments",
  "scalekit_directory_secret",
  "scalekit_organization_default_role",
  "scalekit_organization_features",
  "scalekit_organization_session_policy",
  "scalekit_organization_user_management",
]
