# A list finds 100 objects unless it says how many it may find.

list "scalekit_permission" "own" {
  provider = scalekit
  limit    = 10000
}

list "scalekit_role" "own" {
  provider = scalekit
  limit    = 10000
}

list "scalekit_webhook_endpoint" "all" {
  provider = scalekit
  limit    = 10000
}

list "scalekit_organization" "all" {
  provider = scalekit
  limit    = 10000
}

list "scalekit_organization_domain" "all" {
  provider = scalekit
  limit    = 10000
}

list "scalekit_organization_role" "all" {
  provider = scalekit
  limit    = 10000
}

list "scalekit_directory" "all" {
  provider = scalekit
  limit    = 10000
}
