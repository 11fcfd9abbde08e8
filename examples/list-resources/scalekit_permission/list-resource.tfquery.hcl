list "scalekit_permission" "own" {
  provider = scalekit
  limit    = 1000
}
