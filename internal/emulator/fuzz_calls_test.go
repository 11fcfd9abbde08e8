package emulator

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator/webhook"

	optionsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/options"
)

// methods are all that a client may call, in an order that does not change.
func methods() []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	rangePlatformServices(func(service protoreflect.ServiceDescriptor) bool {
		for i := range service.Methods().Len() {
			if method := service.Methods().Get(i); authenticationOf(method)&optionsv1.AuthenticationType_CLIENT != 0 {
				all = append(all, method)
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.MethodDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return all
}

func procedure(method protoreflect.MethodDescriptor) string {
	return "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
}

// rpc makes a gRPC call with a message as it goes over the wire.
func rpc(e *Emulator, token, procedure string, message []byte) *httptest.ResponseRecorder {
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	return send(e, http.MethodPost, procedure, append(frame, message...),
		"Content-Type", "application/grpc", "Authorization", "Bearer "+token)
}

// mustAnswer fails the test where an RPC has an answer that only a defect has.
func mustAnswer(t *testing.T, what string, answer *httptest.ResponseRecorder) {
	t.Helper()
	result := answer.Result()
	_ = result.Body.Close()
	switch code := result.Trailer.Get("Grpc-Status"); {
	case answer.Code != http.StatusOK, code == "":
		t.Errorf("%s: status %d, code %q", what, answer.Code, code)
	case code == "2" || code == "13":
		t.Errorf("%s: code %s: %s", what, code, result.Trailer.Get("Grpc-Message"))
	}
}

// known are values for the fields of requests that name objects of fuzzSeed.
var known = map[protoreflect.Name]string{
	"organization_id": "org_1", "org_id": "org_1", "directory_id": "dir_1", "user_id": "usr_12345678901234567", "domain_id": "dom_1",
	"connection_id": "conn_1", "group_id": "dirgroup_1", "external_id": "globex", "directory_group_id": "dirgroup_1",
	"role_name": "engineer", "permission_name": "billing:read", "name": "fresh", "display_name": "Fresh",
	"domain": "fresh.example", "email": "fresh@globex.example", "default_member_role": "engineer", "query": "glo",
	"default_creator_role": "engineer", "extends": "member", "secret_id": "sec_1", "link_id": "lnk_1", "key": "email", "map_to": "mail",
	"event_type": "organization.created", "reassign_role_name": "member",
}

// plausible is a request that names what there is, for the fuzzing to begin with.
func plausible(message protoreflect.Message, id string, depth int) {
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if oneof := field.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() && message.WhichOneof(oneof) != nil {
			continue
		}
		value, isKnown := known[field.Name()]
		if field.Name() == "id" {
			value, isKnown = id, true
		}
		switch {
		case field.IsMap():
		case field.Message() != nil && depth < 4 && !field.IsList():
			plausible(message.Mutable(field).Message(), id, depth+1)
		case field.Message() != nil && depth < 4:
			plausible(message.Mutable(field).List().AppendMutable().Message(), id, depth+1)
		case field.Kind() == protoreflect.StringKind && field.IsList() && isKnown:
			message.Mutable(field).List().Append(protoreflect.ValueOfString(value))
		case field.Kind() == protoreflect.StringKind && !field.IsList() && isKnown:
			message.Set(field, protoreflect.ValueOfString(value))
		case field.Kind() == protoreflect.EnumKind && !field.IsList():
			message.Set(field, protoreflect.ValueOfEnum(1))
		}
	}
}

// ids are of the objects that methods of a service call "id".
var ids = map[protoreflect.Name]string{
	"OrganizationService": "org_1", "DomainService": "dom_1", "DirectoryService": "dir_1", "UserService": "usr_12345678901234567",
	"ConnectionService": "conn_1",
}

// request is a plausible one.
func request(tb testing.TB, method protoreflect.MethodDescriptor) []byte {
	tb.Helper()
	message := dynamicpb.NewMessage(method.Input())
	plausible(message, ids[method.Parent().Name()], 0)
	encoded, err := proto.Marshal(message)
	if err != nil {
		tb.Fatal(err)
	}
	return encoded
}

func tokenOf(tb testing.TB, e *Emulator) string {
	tb.Helper()
	token, err := e.auth.issue("http://127.0.0.1")
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// mustServe calls every method, for every object that there is: what has been let in must not break anything later.
func mustServe(t *testing.T, e *Emulator) {
	t.Helper()
	token := tokenOf(t, e)
	all := methods()
	// Deletes come last, so that there is something for the others.
	slices.SortStableFunc(all, func(a, b protoreflect.MethodDescriptor) int {
		return deletes(a) - deletes(b)
	})
	for _, method := range all {
		mustAnswer(t, string(method.Name()), rpc(e, token, procedure(method), request(t, method)))
	}
	mustLast(t, e)
	for _, path := range []string{"counts", "requests", "faults", "deliveries"} {
		if answer := send(e, http.MethodGet, "/_emulator/"+path, nil); answer.Code != http.StatusOK {
			t.Errorf("%s: status %d: %s", path, answer.Code, answer.Body)
		}
	}
	if err := e.Reset(); err != nil {
		t.Error(err)
	}
}

func deletes(method protoreflect.MethodDescriptor) int {
	if strings.HasPrefix(string(method.Name()), "Delete") {
		return 1
	}
	return 0
}

// Two calls, one after the other, with any messages at all.
func FuzzRPC(f *testing.F) {
	all := methods()
	for i := range all {
		f.Add(uint8(i), request(f, all[i]), uint8((i+1)%len(all)), request(f, all[(i+1)%len(all)]))
		f.Add(uint8(i), []byte{0xff}, uint8(i), request(f, all[i]))
	}
	f.Fuzz(func(t *testing.T, first uint8, firstMessage []byte, second uint8, secondMessage []byte) {
		e := full(t)
		token := tokenOf(t, e)
		for _, call := range []struct {
			method  uint8
			message []byte
		}{{first, firstMessage}, {second, secondMessage}} {
			method := all[int(call.method)%len(all)]
			mustAnswer(t, string(method.Name()), rpc(e, token, procedure(method), call.message))
		}
		mustLast(t, e)
	})
}

// Any request to the control paths is answered, and not as a failure of the emulator's.
func FuzzControl(f *testing.F) {
	e := full(f)
	for path, actions := range e.control("directories/dir_1/groups/dirgroup_1") {
		for method := range actions {
			f.Add(method, path, []byte(`{}`))
		}
	}
	f.Add("POST", "seed", []byte(fuzzSeed))
	f.Add("POST", "directories/dir_1/groups", []byte(`{"display_name": "Sales"}`))
	f.Add("POST", "directories/dir_1/users", []byte(`{"email": "bob@globex.example", "groups": ["Engineering"], "given_name": "Bob"}`))
	f.Add("DELETE", "directories/dir_1/users/diruser_1", []byte(nil))
	f.Add("PUT", "faults", []byte(`[{"rpc": "*", "kind": "hang", "count": -1}]`))
	f.Add("GET", "/../..//", []byte(nil))
	f.Add("", "\x00", []byte("{"))
	f.Fuzz(func(t *testing.T, method, path string, body []byte) {
		e := full(t)
		if answer := send(e, method, "/_emulator/"+path, body); answer.Code >= http.StatusInternalServerError || answer.Code == 0 {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
		if answer := send(e, http.MethodGet, "/_emulator/counts", nil); answer.Code != http.StatusOK {
			t.Errorf("afterwards: status %d: %s", answer.Code, answer.Body)
		}
		mustLast(t, e)
	})
}

// Any request to the webhook server, with a good token.
func FuzzWebhookServer(f *testing.F) {
	application := full(f).PortalSession().ApplicationID
	base := "app/" + application + "/"
	for _, call := range []string{
		"GET endpoint", "POST endpoint", "GET endpoint/ep_1", "PUT endpoint/ep_1", "PATCH endpoint/ep_1", "DELETE endpoint/ep_1",
		"GET endpoint/ep_1/secret", "POST endpoint/ep_1/secret/rotate", "GET endpoint/ep_1/headers", "PUT endpoint/ep_1/headers",
		"PATCH endpoint/ep_1/headers", "POST endpoint/ep_1/send-example",
	} {
		method, path, _ := strings.Cut(call, " ")
		f.Add(method, base+path, "limit=1&iterator=-ep_1", []byte(`{}`))
	}
	f.Add("GET", "event-type", "limit=1&iterator=-user.login", []byte(`{}`))
	f.Add("POST", base+"endpoint", "", []byte(`{"url": "https://a.example", "uid": "a", "metadata": {"a": "b"}, "channels": ["c"], "rateLimit": 1, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`))
	f.Add("PUT", base+"endpoint/new", "", []byte(`{"url": "HTTP://[::1]:80", "filterTypes": null, "eventTypes": ["organization.created"]}`))
	f.Add("PATCH", base+"endpoint/ep_1", "", []byte(`{"url": "http://a b/%zz", "description": "\u0000"}`))
	f.Add("PUT", base+"endpoint/ep_1/headers", "", []byte(`{"headers": {"X-A": "b\r\nc", "authorization": "d"}}`))
	f.Add("POST", base+"endpoint/ep_1/secret/rotate", "", []byte(`{"key": "", "gracePeriodSeconds": -1}`))
	f.Add("POST", base+"endpoint/ep_1/send-example", "", []byte(`{"eventType": "organization.created"}`))
	f.Add("POST", "auth/one-time-token", "", []byte(`{"oneTimeToken": "ott_"}`))
	f.Fuzz(func(t *testing.T, method, path, query string, body []byte) {
		e := full(t)
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", bytes.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, webhook.Base+"/api/v1/"+path, query
		r.Header.Set("Authorization", "Bearer "+e.PortalSession().Token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "once")
		for range 2 {
			answer := httptest.NewRecorder()
			e.Handler().ServeHTTP(answer, r)
			if answer.Code >= http.StatusInternalServerError {
				t.Errorf("status %d: %s", answer.Code, answer.Body)
			}
			r.Body = http.NoBody
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		mustLast(t, e)
	})
}
