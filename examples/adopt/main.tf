terraform {
  required_version = ">= 1.5"

  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

# The environment and its credentials come from SCALEKIT_ENVIRONMENT_URL, SCALEKIT_CLIENT_ID and
# SCALEKIT_CLIENT_SECRET.
provider "scalekit" {}
