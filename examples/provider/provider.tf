terraform {
  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}

# The credentials may come from SCALEKIT_CLIENT_ID and SCALEKIT_CLIENT_SECRET, which keeps them out of the configuration.
provider "scalekit" {
  environment_url = "https://acme.scalekit.com"
}
