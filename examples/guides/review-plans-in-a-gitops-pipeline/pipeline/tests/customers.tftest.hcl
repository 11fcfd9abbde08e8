# The emulator's address and credentials: whatever the environment says, a test reaches nothing else.
provider "scalekit" {
  environment_url = "http://127.0.0.1:8787"
  client_id       = "skc_emulator"
  client_secret   = "emulator-secret"
}

run "adopts_globex" {
  assert {
    condition     = scalekit_organization.globex.display_name == "Globex Corporation"
    error_message = "Globex has its new name."
  }

  assert {
    condition     = scalekit_directory_role_assignment.initech.role_name == "engineer"
    error_message = "Initech's engineers are engineers."
  }
}
