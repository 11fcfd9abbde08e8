package emulator_test

import (
	"strings"
	"testing"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	connectionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/connections"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
)

const connectionSeed = `{
	"connections": [
		{"id": "conn_1", "provider": "GITHUB", "type": "OAUTH", "key_id": "my-github"},
		{"id": "conn_2", "provider": "SALESFORCE", "type": "OAUTH", "enabled": false}
	],
	"organizations": [
		{"id": "org_11", "display_name": "Acme",
			"domains": [{"id": "dom_1", "domain": "acme.example"}, {"domain": "acme.test"}],
			"connections": [
				{"id": "conn_3", "provider": "OKTA", "type": "SAML", "domains": ["Acme.example", "acme.test"],
					"ui_button_title": "Log in", "key_id": "okta-1"},
				{"id": "conn_4", "provider": "OKTA", "type": "OIDC", "status": "DRAFT"},
				{"id": "conn_5", "provider": "GOOGLE", "type": "OIDC", "enabled": false}
			]},
		{"id": "org_12", "display_name": "Other", "connections": [{"id": "conn_6", "type": "OIDC", "provider_key": "custom"}]}
	]
}`

func startConnections(t *testing.T) *platform {
	t.Helper()
	return startPlatform(t, emulator.Options{Seed: parseSeed(t, connectionSeed)})
}

// connectionIDs lists the digits of connections' ids.
func connectionIDs(listed []*connectionsv1.ListConnection) string {
	var out []string
	for _, connection := range listed {
		out = append(out, strings.TrimPrefix(connection.GetId(), "conn_"))
	}
	return strings.Join(out, " ")
}

func TestListConnections(t *testing.T) {
	t.Parallel()
	env := startConnections(t)
	for _, test := range []struct {
		request *connectionsv1.ListConnectionsRequest
		want    string
	}{
		{&connectionsv1.ListConnectionsRequest{}, "6 3 1"},
		{&connectionsv1.ListConnectionsRequest{Include: new("all")}, "6 5 4 3 2 1"},
		{&connectionsv1.ListConnectionsRequest{Include: new("other")}, "6 3 1"},
		{&connectionsv1.ListConnectionsRequest{OrganizationId: new("org_11")}, "3"},
		{&connectionsv1.ListConnectionsRequest{OrganizationId: new("org_11"), Include: new("all")}, "5 4 3"},
		{&connectionsv1.ListConnectionsRequest{Domain: new("ACME.test")}, "3"},
		{&connectionsv1.ListConnectionsRequest{Domain: new("acme")}, ""},
	} {
		if got := connectionIDs(must(t, env.connections.ListConnections, test.request).GetConnections()); got != test.want {
			t.Errorf("%v: %q, want %q", test.request, got, test.want)
		}
	}
	item := must(t, env.connections.ListConnections,
		&connectionsv1.ListConnectionsRequest{OrganizationId: new("org_11")}).GetConnections()[0]
	if item.GetOrganizationName() != "Acme" || item.GetOrganizationId() != "org_11" || item.GetUiButtonTitle() != "Log in" ||
		item.GetProvider() != connectionsv1.ConnectionProvider_OKTA || item.GetProviderKey() != "OKTA" ||
		item.GetKeyId() != "okta-1" || !item.GetEnabled() || item.GetStatus() != connectionsv1.ConnectionStatus_COMPLETED ||
		strings.Join(item.GetDomains(), " ") != "acme.example acme.test" {
		t.Errorf("got %v", item)
	}
	wantNotFound(t, env.connections.ListConnections, &connectionsv1.ListConnectionsRequest{OrganizationId: new("org_1")})
	wantViolation(t, refused(t, env.connections.ListConnections,
		&connectionsv1.ListConnectionsRequest{Domain: new(strings.Repeat("a", 33))}), "domain", "string.max_len")
}

func TestGetConnection(t *testing.T) {
	t.Parallel()
	env := startConnections(t)
	get := func(org, id string) *connectionsv1.GetConnectionRequest {
		return &connectionsv1.GetConnectionRequest{OrganizationId: org, Id: id}
	}
	got := must(t, env.connections.GetConnection, get("org_11", "conn_3")).GetConnection()
	if got.GetTestConnectionUri() != env.URL()+"/sso/v1/saml/conn_3/test" || got.GetOrganizationId() != "org_11" ||
		len(got.GetDomains()) != 2 || got.GetDomains()[0].GetDomain() != "acme.example" {
		t.Errorf("got %v", got)
	}
	must(t, env.domains.DeleteDomain, deleteDomain("org_11", "dom_1"))
	got = must(t, env.connections.GetConnection, get("org_11", "conn_3")).GetConnection()
	if len(got.GetDomains()) != 1 || got.GetDomains()[0].GetVerificationStatus() != domainsv1.VerificationStatus_AUTO_VERIFIED {
		t.Errorf("domains %v, want the one that is left", got.GetDomains())
	}
	for _, missing := range [][2]string{{"org_12", "conn_3"}, {"org_1", "conn_3"}, {"org_11", "conn_9"}, {"org_11", "conn_1"}} {
		wantNotFound(t, env.connections.GetConnection, get(missing[0], missing[1]))
	}
	own := must(t, env.connections.GetEnvironmentConnection,
		&connectionsv1.GetEnvironmentConnectionRequest{ConnectionId: "conn_1"}).GetConnection()
	if own.GetKeyId() != "my-github" || own.OrganizationId != nil || own.GetTestConnectionUri() != "" {
		t.Errorf("got %v", own)
	}
	for _, id := range []string{"conn_3", "conn_9"} {
		wantNotFound(t, env.connections.GetEnvironmentConnection, &connectionsv1.GetEnvironmentConnectionRequest{ConnectionId: id})
	}
	for _, id := range []string{"conn_3", "conn_9"} {
		wantNotFound(t, env.connections.GetConnectionTestResult,
			&connectionsv1.GetConnectionTestResultRequest{ConnectionId: id, TestRequestId: "test_1"})
	}
	if err := env.delete(t, "org_11"); err != nil {
		t.Fatal(err)
	}
	if got := env.Counts()["connections"]; got != 3 {
		t.Errorf("%d connections, want 3", got)
	}
}

func TestSearchConnections(t *testing.T) {
	t.Parallel()
	env := startConnections(t)
	listed := must(t, env.connections.ListOrganizationConnections, &connectionsv1.ListOrganizationConnectionsRequest{PageSize: 3})
	if got := connectionIDs(listed.GetConnections()); got != "6 5 4" || listed.GetTotalSize() != 4 {
		t.Errorf("%q of %d, want 6 5 4 of 4", got, listed.GetTotalSize())
	}
	rest := must(t, env.connections.ListOrganizationConnections,
		&connectionsv1.ListOrganizationConnectionsRequest{PageSize: 3, PageToken: listed.GetNextPageToken()})
	if got := connectionIDs(rest.GetConnections()); got != "3" || rest.GetNextPageToken() != "" || rest.GetPrevPageToken() == "" {
		t.Errorf("%q (%v), want 3", got, rest)
	}
	for _, test := range []struct {
		request *connectionsv1.SearchOrganizationConnectionsRequest
		want    string
	}{
		{&connectionsv1.SearchOrganizationConnectionsRequest{}, "6 5 4 3"},
		{&connectionsv1.SearchOrganizationConnectionsRequest{Query: new("org_12")}, "6"},
		{&connectionsv1.SearchOrganizationConnectionsRequest{Query: new("conn_4")}, "4"},
		{&connectionsv1.SearchOrganizationConnectionsRequest{Provider: new("okta")}, "4 3"},
		{&connectionsv1.SearchOrganizationConnectionsRequest{Status: connectionsv1.ConnectionStatus_DRAFT.Enum()}, "4"},
		{&connectionsv1.SearchOrganizationConnectionsRequest{ConnectionType: connectionsv1.ConnectionType_SAML.Enum()}, "3"},
		{&connectionsv1.SearchOrganizationConnectionsRequest{Enabled: new(false)}, "5"},
	} {
		got := must(t, env.connections.SearchOrganizationConnections, test.request)
		if connectionIDs(got.GetConnections()) != test.want {
			t.Errorf("%v: %q, want %q", test.request, connectionIDs(got.GetConnections()), test.want)
		}
	}
	wantViolation(t, refused(t, env.connections.SearchOrganizationConnections,
		&connectionsv1.SearchOrganizationConnectionsRequest{PageToken: listed.GetNextPageToken()}), "page_token", "page_token")
	for _, test := range []struct {
		request *connectionsv1.ListAppConnectionsRequest
		want    string
	}{
		{&connectionsv1.ListAppConnectionsRequest{}, "2 1"},
		{&connectionsv1.ListAppConnectionsRequest{Provider: new("GitHub")}, "1"},
	} {
		if got := connectionIDs(must(t, env.connections.ListAppConnections, test.request).GetConnections()); got != test.want {
			t.Errorf("%v: %q, want %q", test.request, got, test.want)
		}
	}
	wantViolation(t, refused(t, env.connections.ListAppConnections, &connectionsv1.ListAppConnectionsRequest{PageSize: 31}),
		"page_size", "uint32.lte")
}
