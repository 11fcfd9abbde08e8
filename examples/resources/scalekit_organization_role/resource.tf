resource "scalekit_organization" "globex" {
  display_name = "Globex"
}

resource "scalekit_organization_role" "auditor" {
  organization_id = scalekit_organization.globex.id
  name            = "globex_auditor"
  display_name    = "Auditor"
  extends         = "member"
  permissions     = ["sk_org_sso_read"]
}
