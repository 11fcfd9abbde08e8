# What Scalekit assigns, in its form. Lists and maps of data sources are empty: give a test the items that it needs.

mock_resource "scalekit_organization" {
  defaults = {
    id                  = "org_12345678901234567"
    create_time         = "2026-01-01T00:00:00Z"
    deletion_protection = false
    region_code         = "US"
    slug                = null
  }
}

mock_resource "scalekit_organization_features" {
  defaults = {
    sso                 = false
    scim                = false
    domain_verification = false
    session_policy      = false
  }
}

mock_resource "scalekit_organization_session_policy" {
  defaults = {
    idle_session_timeout         = "30m"
    idle_session_timeout_enabled = false
  }
}

mock_resource "scalekit_organization_domain" {
  defaults = {
    id                  = "dom_12345678901234567"
    create_time         = "2026-01-01T00:00:00Z"
    domain_type         = "ORGANIZATION_DOMAIN"
    txt_record_key      = "_scalekit.example"
    txt_record_secret   = "mocked"
    verification_method = "DNS"
    verification_status = "PENDING"
  }
}

mock_resource "scalekit_directory" {
  defaults = {
    id                 = "dir_12345678901234567"
    attribute_mapping  = {}
    directory_endpoint = "https://acme.scalekit.example/directory/dir_12345678901234567/scim/v2"
    directory_provider = "OKTA"
    directory_type     = "SCIM"
    enabled            = true
    name               = "Okta directory"
    status             = "ACTIVE"
  }
}

mock_resource "scalekit_directory_secret" {
  defaults = {
    id            = "sec_12345678901234567"
    expire_time   = null
    secret        = "mocked"
    secret_suffix = "cked"
  }
}

mock_resource "scalekit_permission" {
  defaults = {
    id                     = "perm_12345678901234567"
    is_scalekit_permission = false
  }
}

mock_resource "scalekit_role" {
  defaults = {
    description = null
    id          = "role_12345678901234567"
    permissions = []
  }
}

mock_resource "scalekit_organization_role" {
  defaults = {
    description = null
    id          = "role_12345678901234567"
    permissions = []
  }
}

mock_resource "scalekit_default_roles" {
  defaults = {
    id = "default_roles"
  }
}

mock_resource "scalekit_webhook_endpoint" {
  defaults = {
    id                  = "ep_123456789012345678901234567"
    create_time         = "2026-01-01T00:00:00Z"
    description         = ""
    enabled             = true
    secret_grace_period = "24h"
    signing_secret      = "whsec_bW9ja2VkLW1vY2tlZC1tb2NrZWQt"
  }
}

mock_data "scalekit_organization" {
  defaults = {
    id           = "org_12345678901234567"
    create_time  = "2026-01-01T00:00:00Z"
    display_name = "Acme"
    external_id  = "acme"
    metadata     = {}
    region_code  = "US"
    slug         = null
  }
}

mock_data "scalekit_directory" {
  defaults = {
    id                 = "dir_12345678901234567"
    attribute_mapping  = {}
    directory_endpoint = "https://acme.scalekit.example/directory/dir_12345678901234567/scim/v2"
    directory_provider = "OKTA"
    directory_type     = "SCIM"
    enabled            = true
    last_synced_at     = null
    name               = "Okta directory"
    role_by_group_id   = {}
    status             = "ACTIVE"
    total_groups       = 0
    total_users        = 0
  }
}

mock_data "scalekit_role" {
  defaults = {
    id              = "role_12345678901234567"
    default_creator = false
    default_member  = false
    description     = null
    display_name    = "Role"
    extends         = null
    permissions     = []
  }
}

mock_data "scalekit_user" {
  defaults = {
    id              = "usr_12345678901234567"
    create_time     = "2026-01-01T00:00:00Z"
    email           = "ada@acme.example"
    external_id     = null
    family_name     = "Lovelace"
    given_name      = "Ada"
    last_login_time = null
    metadata        = {}
    name            = "Ada Lovelace"
    update_time     = "2026-01-01T00:00:00Z"
  }
}

mock_data "scalekit_organization_settings" {
  defaults = {
    features = {
      sso                 = false
      scim                = false
      domain_verification = false
      session_policy      = false
    }
    session_policy = {
      absolute_session_timeout     = null
      idle_session_timeout         = null
      idle_session_timeout_enabled = null
    }
    user_management = {
      max_allowed_users = null
    }
  }
}
