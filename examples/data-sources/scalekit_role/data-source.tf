data "scalekit_role" "analyst" {
  name = "analyst"
}

output "what_analysts_may_do" {
  value = data.scalekit_role.analyst.permissions
}
