list "scalekit_organization" "all" {
  provider = scalekit
  limit    = 1000
}
