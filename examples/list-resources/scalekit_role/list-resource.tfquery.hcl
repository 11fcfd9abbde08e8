list "scalekit_role" "own" {
  provider = scalekit
}

# With the built-in roles admin and member.
list "scalekit_role" "all" {
  provider = scalekit

  config {
    include_built_in = true
  }
}
