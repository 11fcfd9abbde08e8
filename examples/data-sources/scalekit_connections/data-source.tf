data "scalekit_organization" "acme" {
  external_id = "acme"
}

data "scalekit_connections" "acme" {
  organization_id = data.scalekit_organization.acme.id
  include         = "all"
}

output "unfinished" {
  value = [
    for connection in data.scalekit_connections.acme.connections :
    connection.id if connection.status != "COMPLETED"
  ]
}
