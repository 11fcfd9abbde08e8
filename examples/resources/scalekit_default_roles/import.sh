# An environment has one pair of default roles
terraform import scalekit_default_roles.environment default
