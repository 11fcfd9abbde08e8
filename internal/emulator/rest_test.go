package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
)

// restReply is a reply of the REST API: its status, and what a path such as "organization.id" finds in it.
type restReply struct {
	status int
	text   string
	body   any
}

func (r restReply) at(path string) any {
	value := r.body
	for key := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			value = in[key]
		case []any:
			if len(in) == 0 {
				return nil
			}
			value = in[0] // The tests look at the first one only.
		default:
			return nil
		}
	}
	return value
}

// rest makes a call as curl does; a token of "" sends none.
func (env *environment) rest(t *testing.T, method, path, token, body string) restReply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, env.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := env.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	reply := restReply{status: resp.StatusCode, text: string(content)}
	if err := json.Unmarshal(content, &reply.body); err != nil || resp.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s %s: %s (%v)", method, path, content, err)
	}
	return reply
}

// want makes a call that has a status, and a value at each path of its reply; nil means that there is none.
func (env *environment) want(t *testing.T, method, path, body string, status int, values map[string]any) restReply {
	t.Helper()
	reply := env.rest(t, method, path, env.token, body)
	if reply.status != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, reply.status, reply.text, status)
	}
	for at, want := range values {
		if got := reply.at(at); got != want {
			t.Errorf("%s %s: %s is %v, want %v: %s", method, path, at, got, want, reply.text)
		}
	}
	return reply
}

func TestRESTOrganizations(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	empty := env.want(t, "GET", "/api/v1/organizations", "", 200, map[string]any{"total_size": 0.0, "next_page_token": ""})
	if list, ok := empty.at("organizations").([]any); !ok || len(list) != 0 {
		t.Errorf("no organizations: %s", empty.text)
	}
	created := env.want(t, "POST", "/api/v1/organizations", `{"display_name": "Acme", "metadata": {"plan": "pro"}}`, 201,
		map[string]any{
			"organization.display_name":  "Acme",
			"organization.region_code":   "US",
			"organization.metadata.plan": "pro",
			"organization.external_id":   nil, // optional, and not set
		})
	id, _ := created.at("organization.id").(string)
	if strings.Contains(created.text, "null") || strings.Contains(created.text, "displayName") {
		t.Errorf("created %s", created.text)
	}
	path := "/api/v1/organizations/" + id
	env.want(t, "PATCH", path, `{"external_id": "acme", "unknown": 1}`, 200,
		map[string]any{"organization.external_id": "acme", "organization.display_name": "Acme"})
	env.want(t, "GET", "/api/v1/organizations:external/acme", "", 200, map[string]any{"organization.id": id})
	env.want(t, "GET", "/api/v1/organizations:external/", "", 400, map[string]any{"code": 3.0})
	env.want(t, "GET", "/api/v1/organizations?external_id=acme&page_size=5", "", 200,
		map[string]any{"total_size": 1.0, "organizations.0.id": id})

	env.want(t, "PATCH", path+"/settings", `{"features": [{"name": "sso", "enabled": true}]}`, 200,
		map[string]any{"organization.settings.features.0.name": "sso"})
	env.want(t, "PUT", path+"/portal_links?features=sso", "", 200, nil)
	env.want(t, "PUT", path+"/portal_links?features=sso&features=dir_sync", "", 400, map[string]any{"code": 3.0})
	env.want(t, "PUT", path+"/portal_links?features=nothing", "", 400, map[string]any{"code": 3.0})
	env.want(t, "PATCH", path+"/session-policy",
		`{"policy_source": "CUSTOM", "absolute_session_timeout": 8, "absolute_session_timeout_unit": "HOURS"}`, 200,
		map[string]any{"policy.policy_source": "CUSTOM", "policy.absolute_session_timeout": 480.0})

	gone := env.want(t, "DELETE", path, "", 200, nil)
	if strings.TrimSpace(gone.text) != "{}" {
		t.Errorf("deleted: %s", gone.text)
	}
	env.want(t, "GET", path, "", 404, map[string]any{"code": 5.0, "details.0.error_code": "NOT_FOUND"})
}

// The forms that a request can have: bodies that are lists, several fields in a path, times and booleans in a query,
// numbers that JSON would spoil in a reply.
func TestRESTForms(t *testing.T) {
	t.Parallel()
	seed := parseSeed(t, `{
		"connections": [{"id": "conn_1", "provider": "GITHUB", "type": "OAUTH"}],
		"organizations": [{
			"id": "org_1", "display_name": "Acme", "domains": [{"domain": "acme.example"}],
			"users": [{"email": "ada@acme.example"}],
			"directories": [{"id": "dir_1", "groups": [{"display_name": "All"}], "users": [{"email": "bob@acme.example"}]}]
		}]
	}`)
	env := start(t, emulator.Options{Seed: seed})
	const org = "/api/v1/organizations/org_1"
	user, _ := env.want(t, "GET", "/api/v1/users", "", 200, nil).at("users.0.id").(string)
	env.want(t, "POST", org+"/users/"+user+"/roles", `[{"role_name": "admin"}]`, 200, nil)
	env.want(t, "GET", "/api/v1/roles/admin/users:count", "", 200, map[string]any{"count": "1"})
	env.want(t, "DELETE", org+"/users/"+user+"/roles/admin", "", 200, nil)
	env.want(t, "PATCH", org+"/directories/dir_1:disable", "", 200, map[string]any{"enabled": false})
	for query, status := range map[string]int{
		"include_detail=true&updated_after=2020-01-01T00:00:00Z": 200,
		"updated_after=yesterday":                                400,
		"include_detail=perhaps":                                 400,
		"page_size=31":                                           400,
		"unknown=1":                                              200,
	} {
		reply := env.rest(t, "GET", org+"/directories/dir_1/users?"+query, env.token, "")
		if reply.status != status || status == 200 && reply.at("users.0.email") != "bob@acme.example" {
			t.Errorf("%s: %d %s", query, reply.status, reply.text)
		}
	}
	env.want(t, "PUT", org+"/directories/dir_1/attributes", `{"attributes": [{"key": "a", "map_to": "b"}]}`, 200, nil)
	env.want(t, "GET", "/api/v1/connections?include=all", "", 200, map[string]any{"connections.0.id": "conn_1"})
}

func TestRESTErrors(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for _, test := range []struct {
		method, path, body string
		status             int
		errorCode          string
	}{
		{"POST", "organizations", `{"display_name": ""}`, 400, "INVALID_ARGUMENT"},
		{"POST", "organizations", `{"display_name": 7}`, 400, "INVALID_ARGUMENT"},
		{"POST", "organizations", `{`, 400, "INVALID_ARGUMENT"},
		{"POST", "organizations", `{"display_name": "A"}, "id": {}`, 400, "INVALID_ARGUMENT"},
		{"POST", "organizations", "", 400, "INVALID_ARGUMENT"},
		{"GET", "organizations/org_1", "", 404, "NOT_FOUND"},
		{"GET", "nothing", "", 404, "NOT_FOUND"},
		{"PUT", "organizations", "", 501, "UNIMPLEMENTED"},
		{"DELETE", "connections/conn_1", "", 501, "UNIMPLEMENTED"},
		{"GET", "users/me", "", 403, "PERMISSION_DENIED"},
	} {
		reply := env.want(t, test.method, "/api/v1/"+test.path, test.body, test.status, map[string]any{
			"details.0.@type":      "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo",
			"details.0.error_code": test.errorCode,
		})
		if id, _ := reply.at("details.0.request_info.request_id").(string); id == "" || reply.at("message") == "" {
			t.Errorf("%+v: %s", test, reply.text)
		}
	}
	env.want(t, "POST", "/api/v1/organizations", `{"display_name": ""}`, 400, map[string]any{
		"details.0.validation_error_info.field_violations.0.field": "organization.display_name",
	})
	if reply := env.rest(t, "GET", "/api/v1/organizations", "", ""); reply.status != 401 || reply.at("code") != 16.0 ||
		reply.at("message") != "Token empty" {
		t.Errorf("no token: %d %s", reply.status, reply.text)
	}
	if reply := env.want(t, "DELETE", "/api/v1/connections/conn_1", "", 501, nil); !strings.Contains(reply.text, "not served here: ") {
		t.Errorf("no reason: %s", reply.text)
	}
	if err := env.SetFaults([]emulator.Fault{{RPC: "ListOrganization", Kind: emulator.FaultErrorBefore}}); err != nil {
		t.Fatal(err)
	}
	env.want(t, "GET", "/api/v1/organizations", "", 503, map[string]any{"code": 14.0})
	env.want(t, "GET", "/api/v1/organizations", "", 200, nil)
}

// Every path in the descriptors leads to its method, and to no other that looks alike.
func TestEveryRESTPath(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	variable := regexp.MustCompile(`\{[a-z_]+\}`)
	paths := 0
	for _, service := range services() {
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			for _, rule := range rulesOf(t, method) {
				verb, path := verbAndPath(t, rule)
				paths++
				env.ResetRequests()
				reply := env.rest(t, verb, variable.ReplaceAllString(path, "x"), env.token, "")
				if got := env.Requests(); len(got) != 1 || got[0].RPC != string(method.Name()) {
					t.Errorf("%s %s leads to %+v, want %s", verb, path, got, method.Name())
				}
				admitted := callers(t, method)
				for status, want := range map[int]bool{
					http.StatusForbidden:      admitted&(optionsv1.AuthenticationType_CLIENT|optionsv1.AuthenticationType_NONE) == 0,
					http.StatusNotImplemented: admitted&optionsv1.AuthenticationType_NONE != 0 || changesConnections(method),
				} {
					if (reply.status == status) != want {
						t.Errorf("%s %s: %d %s", verb, path, reply.status, reply.text)
					}
				}
			}
		}
	}
	if paths < 106 {
		t.Errorf("%d paths, want those of all services", paths)
	}
}

func rulesOf(t *testing.T, method protoreflect.MethodDescriptor) []*annotations.HttpRule {
	t.Helper()
	rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		t.Fatalf("%s has no path", method.FullName())
	}
	return append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...)
}

func verbAndPath(t *testing.T, rule *annotations.HttpRule) (verb, path string) {
	t.Helper()
	for verb, path := range map[string]string{
		"GET": rule.GetGet(), "PUT": rule.GetPut(), "POST": rule.GetPost(), "PATCH": rule.GetPatch(), "DELETE": rule.GetDelete(),
	} {
		if path != "" {
			return verb, path
		}
	}
	t.Fatalf("%v has no path", rule)
	return "", ""
}

// A path is decoded once.
func TestRESTEscapes(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	const external = "acme ü:1%2"
	body, err := json.Marshal(map[string]string{"display_name": "Acme", "external_id": external})
	if err != nil {
		t.Fatal(err)
	}
	env.want(t, "POST", "/api/v1/organizations", string(body), 201, nil)
	env.want(t, "GET", "/api/v1/organizations:external/"+url.PathEscape(external), "", 200,
		map[string]any{"organization.external_id": external})
}
