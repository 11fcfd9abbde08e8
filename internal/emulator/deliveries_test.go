package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"
	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
	usersv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/users"
)

// received is one request that a receiver got.
type received struct {
	header http.Header
	body   string
	event  object
}

// receiver is a webhook endpoint of a test.
type receiver struct {
	*httptest.Server

	mu       sync.Mutex
	answers  []int // the statuses of the next replies; 200 when there are no more
	requests []received
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		got := received{header: req.Header, body: string(body)}
		_ = json.Unmarshal(body, &got.event)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.requests = append(r.requests, got)
		if len(r.answers) > 0 {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(r.answers[0])
			r.answers = r.answers[1:]
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// wait returns the requests once there are so many.
func (r *receiver) wait(t *testing.T, count int) []received {
	t.Helper()
	all := func() []received {
		r.mu.Lock()
		defer r.mu.Unlock()
		return slices.Clone(r.requests)
	}
	waitFor(t, func() bool { return len(all()) >= count })
	return all()
}

// types are the events' types, sorted, since deliveries overtake one another.
func (r *receiver) types(t *testing.T, count int) string {
	t.Helper()
	var types []string
	for _, got := range r.wait(t, count) {
		types = append(types, fmt.Sprint(got.event["type"]))
	}
	slices.Sort(types)
	return strings.Join(types, " ")
}

// signed says whether a request is signed with a secret, as Standard Webhooks has it.
func (r received) signed(secret any) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(fmt.Sprint(secret), "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", r.header.Get("Webhook-Id"), r.header.Get("Webhook-Timestamp"), r.body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Fields(r.header.Get("Webhook-Signature")), want)
}

// quick retries at once.
var quick = []time.Duration{0, time.Millisecond, time.Millisecond}

// Every change that has an event causes it, by whichever way it comes.
func TestEvents(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{WebhookRetry: quick})
	directories := directoriesconnect.NewDirectoryServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token))
	target := newReceiver(t)
	env.svix().create(t, target.URL, nil)
	count := 0
	var orgID, dirID, groupID, userID, domainID, memberID string
	for _, step := range []struct {
		name  string
		does  func()
		types string
	}{
		{"organization", func() { orgID = env.create(t, "Acme").GetId() }, "organization.created"},
		{"update", func() {
			must(t, env.UpdateOrganization, &orgv1.UpdateOrganizationRequest{
				Identities: &orgv1.UpdateOrganizationRequest_Id{Id: orgID}, Organization: &orgv1.UpdateOrganization{DisplayName: new("Acme 2")},
			})
		}, "organization.updated"},
		{"domain", func() {
			domainID = must(t, env.domains.CreateDomain, &domainsv1.CreateDomainRequest{
				Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: orgID},
				Domain:     &domainsv1.CreateDomain{Domain: "acme.example"},
			}).GetDomain().GetId()
		}, "organization.domain_created"},
		{"no domain", func() {
			must(t, env.domains.DeleteDomain, &domainsv1.DeleteDomainRequest{
				Id: domainID, Identities: &domainsv1.DeleteDomainRequest_OrganizationId{OrganizationId: orgID},
			})
		}, "organization.domain_deleted"},
		{"directory", func() {
			dirID = must(t, directories.CreateDirectory, &dirv1.CreateDirectoryRequest{
				OrganizationId: orgID, Directory: &dirv1.CreateDirectory{DirectoryType: dirv1.DirectoryType_SCIM},
			}).GetDirectory().GetId()
		}, "organization.directory_enabled"},
		{"group", func() {
			var group object
			env.control(t, "POST", "directories/"+dirID+"/groups", `{"display_name": "Engineers"}`, 200, &group)
			groupID = fmt.Sprint(group["id"])
		}, "organization.directory.group_created"},
		{"directory user", func() {
			var user object
			env.control(t, "POST", "directories/"+dirID+"/users", `{"email": "a@acme.example", "groups": ["Engineers"]}`, 200, &user)
			userID = fmt.Sprint(user["id"])
		}, "organization.directory.user_created"},
		{"no group", func() {
			env.control(t, "DELETE", "directories/"+dirID+"/groups/"+groupID, "", 204, nil)
		}, "organization.directory.group_deleted organization.directory.user_updated"},
		{"no directory user", func() {
			env.control(t, "DELETE", "directories/"+dirID+"/users/"+userID, "", 204, nil)
		}, "organization.directory.user_deleted"},
		{"disable", func() {
			must(t, directories.DisableDirectory, &dirv1.ToggleDirectoryRequest{OrganizationId: orgID, Id: dirID})
			must(t, directories.DisableDirectory, &dirv1.ToggleDirectoryRequest{OrganizationId: orgID, Id: dirID}) // Again: nothing.
		}, "organization.directory_disabled"},
		{"permission and role", func() {
			must(t, env.roles.CreatePermission, &rolesv1.CreatePermissionRequest{
				Permission: &rolesv1.CreatePermission{Name: "a:b", Description: "x"},
			})
			must(t, env.roles.CreateRole, &rolesv1.CreateRoleRequest{
				Role: &rolesv1.CreateRole{Name: "engineer", DisplayName: "Engineer", Permissions: []string{"a:b"}},
			})
		}, "permission.created role.created"},
		{"no permission", func() {
			must(t, env.roles.DeletePermission, &rolesv1.DeletePermissionRequest{PermissionName: "a:b"})
		}, "permission.deleted role.updated"},
		{"no role", func() {
			must(t, env.roles.DeleteRole, &rolesv1.DeleteRoleRequest{RoleName: "engineer"})
		}, "role.deleted"},
		{"member", func() {
			memberID = must(t, env.users.CreateUserAndMembership, &usersv1.CreateUserAndMembershipRequest{
				OrganizationId: orgID, User: &usersv1.CreateUser{Email: "b@acme.example"},
			}).GetUser().GetId()
		}, "user.organization_invitation user.organization_membership_created"},
		{"roles of a member", func() {
			must(t, env.users.AssignUserRoles, &usersv1.AssignUserRolesRequest{
				OrganizationId: orgID, UserId: memberID, Roles: []*usersv1.AssignRoleRequest{{RoleName: "admin"}},
			})
		}, "user.organization_membership_updated"},
		{"no member", func() {
			must(t, env.users.DeleteUser, &usersv1.DeleteUserRequest{Identities: &usersv1.DeleteUserRequest_Id{Id: memberID}})
		}, "user.organization_membership_deleted"},
		{"seed", func() {
			env.control(t, "POST", "seed", `{"organizations": [{"display_name": "Quiet"}]}`, 204, nil)
		}, ""},
		{"refusal", func() { _, _ = env.tryCreate(t, "") }, ""},
		{"no organization", func() {
			must(t, env.DeleteOrganization, &orgv1.DeleteOrganizationRequest{Identities: &orgv1.DeleteOrganizationRequest_Id{Id: orgID}})
		}, "organization.deleted"},
	} {
		target.mu.Lock()
		target.requests = nil
		target.mu.Unlock()
		step.does()
		wanted := len(strings.Fields(step.types))
		count += wanted
		if got := target.types(t, wanted); got != step.types {
			t.Errorf("%s: %q, want %q", step.name, got, step.types)
		}
		for _, got := range target.wait(t, wanted) {
			group, _, _ := strings.Cut(fmt.Sprint(got.event["type"]), ".")
			environmentWide := group == "role" || group == "permission"
			if (got.event["organization_id"] == nil) != environmentWide || !environmentWide && got.event["organization_id"] != orgID {
				t.Errorf("%s: organization %v", step.name, got.event["organization_id"])
			}
			data, _ := got.event["data"].(object)
			if got.event["spec_version"] != "1" || !strings.HasPrefix(fmt.Sprint(got.event["id"]), "evt_") || len(data) == 0 ||
				got.event["object"] == "" || got.event["display_name"] == "" || got.event["environment_id"] == "" {
				t.Errorf("%s: envelope %s", step.name, got.body)
			}
			if _, err := time.Parse(time.RFC3339Nano, fmt.Sprint(got.event["occurred_at"])); err != nil {
				t.Error(err)
			}
		}
	}
	waitFor(t, func() bool { return len(env.Deliveries()) == count })
}

// Which endpoints get an event, with which headers, and signed by which secrets.
func TestDeliverySignatures(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := startSvix(t, emulator.Options{Now: clock.Now, WebhookRetry: quick})
	target := newReceiver(t)
	path := s.create(t, target.URL+"/hook", object{"filterTypes": []string{"organization.created", "role.created"}})
	s.must(t, 204, "PUT", path+"/headers", object{"headers": object{"Authorization": "Bearer mine", "X-Team": "a"}})
	for _, fields := range []object{
		{"disabled": true}, {"filterTypes": []string{"organization.updated"}}, {"channels": []string{"a"}},
	} {
		s.create(t, target.URL+"/other", fields)
	}
	secret := func() any { return s.must(t, 200, "GET", path+"/secret", nil)["key"] }

	next := func() received {
		t.Helper()
		before := len(target.wait(t, 0))
		s.environment.create(t, "Acme")
		return target.wait(t, before+1)[before]
	}
	first := secret()
	got := next()
	if !got.signed(first) || got.header.Get("Authorization") != "Bearer mine" || got.header.Get("X-Team") != "a" ||
		got.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(got.header.Get("Webhook-Id"), "msg_") ||
		got.header.Get("Webhook-Timestamp") != fmt.Sprint(clock.Now().Unix()) {
		t.Errorf("delivered %v", got.header)
	}

	s.must(t, 204, "POST", path+"/secret/rotate", object{"gracePeriodSeconds": 60})
	second := secret()
	clock.advance(30 * time.Second)
	chosen := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	s.must(t, 204, "POST", path+"/secret/rotate", object{"key": strings.TrimPrefix(chosen, "whsec_"), "gracePeriodSeconds": 60})
	if got := secret(); got != chosen {
		t.Errorf("secret %v, want the chosen one", got)
	}
	want := func(name string, one, two bool) {
		t.Helper()
		got := next()
		if !got.signed(chosen) || got.signed(second) != two || got.signed(first) != one {
			t.Errorf("%s: signed by the first %t, the second %t, the third %t", name, got.signed(first), got.signed(second), got.signed(chosen))
		}
	}
	want("in both grace periods", true, true)
	clock.advance(31 * time.Second)
	want("in one", false, true)
	clock.advance(30 * time.Second)
	want("in none", false, false)
	s.must(t, 204, "POST", path+"/secret/rotate", object{"gracePeriodSeconds": 0})
	if next().signed(chosen) {
		t.Error("signed by the old secret without a grace period")
	}
	for _, body := range []object{{"gracePeriodSeconds": -1}, {"gracePeriodSeconds": 604_801}, {"key": "x"}, {"gracePeriodSeconds": "x"}} {
		if got := s.call(t, "POST", path+"/secret/rotate", body); got.status != 422 {
			t.Errorf("%v: %d %s", body, got.status, got.text)
		}
	}
	for range 10 {
		s.must(t, 204, "POST", path+"/secret/rotate", object{})
	}
	if got := s.call(t, "POST", path+"/secret/rotate", object{}); got.status != 400 || got.body["code"] != "limit_reached" {
		t.Errorf("too many: %d %s", got.status, got.text)
	}
	for _, got := range target.wait(t, 0) {
		if got.event["type"] != "organization.created" {
			t.Errorf("got %s", got.body)
		}
	}
	if deliveries := len(s.Deliveries()); deliveries > len(target.wait(t, 0)) {
		t.Errorf("%d deliveries, %d received", deliveries, len(target.wait(t, 0)))
	}
}

// outcomes are the attempts so far, in short.
func outcomes(env *environment) string {
	var out []string
	for _, attempt := range env.Deliveries() {
		out = append(out, fmt.Sprintf("%d:%s:%d", attempt.Attempt, attempt.Outcome, attempt.StatusCode))
	}
	return strings.Join(out, " ")
}

func TestDeliveryRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []int
		want    string
	}{
		"at once":   {nil, "1:succeeded:200"},
		"204":       {[]int{204}, "1:succeeded:204"},
		"second":    {[]int{500, 201}, "1:failed:500 2:succeeded:201"},
		"redirects": {[]int{302, 307}, "1:failed:302 2:failed:307 3:succeeded:200"},
		"never":     {[]int{400, 410, 503, 200}, "1:failed:400 2:failed:410 3:failed:503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSvix(t, emulator.Options{WebhookRetry: quick})
			target := newReceiver(t, test.answers...)
			s.create(t, target.URL, nil)
			s.environment.create(t, "Acme")
			waitFor(t, func() bool { return outcomes(s.environment) == test.want })
			var list struct{ Deliveries []emulator.Delivery }
			s.control(t, "GET", "deliveries", "", 200, &list)
			if len(list.Deliveries) != len(strings.Fields(test.want)) {
				t.Errorf("control: %+v", list)
			}
			requests := target.wait(t, 0)
			for _, got := range requests {
				if got.header.Get("Webhook-Id") != requests[0].header.Get("Webhook-Id") || got.body != requests[0].body {
					t.Errorf("an attempt differs: %v", got)
				}
			}
		})
	}
}

// Other hosts are never called, not even looked up.
func TestDeliveryStaysHere(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{WebhookRetry: quick})
	addresses := []string{
		"https://hooks.acme.example/x", "http://192.0.2.1/x", "http://localhost.acme.example/", "http://127.0.0.1.acme.example/",
		"http://127.0.0.1@acme.example/", "http://127.0.0.1:80@acme.example/", "http://localhost%2f@acme.example/",
		"http://0.0.0.0:1/", "http://2130706433/", "http://127.1/", "http://0x7f000001/", "http://[::]:1/", "http://[::ffff:192.0.2.1]/",
		"http://[::ffff:0.0.0.0]/", "http://[64:ff9b::7f00:1]/", "http://[fe80::1%25lo]/",
	}
	for _, address := range addresses {
		s.create(t, address, nil)
	}
	s.environment.create(t, "Acme")
	want := strings.TrimSpace(strings.Repeat("1:not_called:0 ", len(addresses)))
	waitFor(t, func() bool { return outcomes(s.environment) == want })
	if got := s.Deliveries()[0]; got.Error == "" || !strings.Contains(string(got.Payload), "organization.created") || got.EventType != "organization.created" {
		t.Errorf("recorded %+v", got)
	}
	for _, host := range []string{"LOCALHOST", "[::ffff:127.0.0.1]", "ada:secret@127.0.0.1"} {
		target := newReceiver(t)
		s.create(t, strings.Replace(target.URL, "127.0.0.1", host, 1), nil)
		s.environment.create(t, "Acme")
		target.wait(t, 1)
	}
}

// An endpoint cannot send the emulator on, wherever to.
func TestDeliveryFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{WebhookRetry: quick})
	elsewhere := newReceiver(t)
	from := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(from.Close)
	s.create(t, from.URL, nil)
	s.environment.create(t, "Acme")
	waitFor(t, func() bool { return outcomes(s.environment) == "1:failed:307 2:failed:307 3:failed:307" })
	if got := elsewhere.wait(t, 0); len(got) > 0 {
		t.Errorf("it was sent on: %v", got)
	}
}

// Examples and test events, and what an organization's channel is under the quirk.
func TestExamples(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{WebhookRetry: quick, Quirks: emulator.Quirks{EventsHaveChannels: true}})
	target := newReceiver(t)
	org := s.environment.create(t, "Acme").GetId()
	path := s.create(t, target.URL, object{"filterTypes": []string{"organization.updated"}, "channels": []string{org}})
	sent := s.must(t, 200, "POST", path+"/send-example", object{"eventType": "role.created"})
	if got := target.wait(t, 1)[0]; got.header.Get("Webhook-Id") != sent["id"] || got.event["type"] != "role.created" {
		t.Errorf("sent %v, got %s", sent, got.body)
	}
	if got := s.call(t, "POST", path+"/send-example", object{}); got.status != 422 {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := s.call(t, "POST", path+"/send-example", object{"eventType": "no.such"}); got.status != 404 {
		t.Errorf("%d %s", got.status, got.text)
	}
	if _, err := s.setFeatures(t, org, map[string]bool{"sso": true}); err != nil {
		t.Fatal(err)
	}
	if got := target.types(t, 2); got != "organization.updated role.created" {
		t.Errorf("by channel: %s", got)
	}
	all := newReceiver(t)
	s.create(t, all.URL, nil)
	s.send(t, "POST", s.URL()+"/api/v1/webhooks/test-event/user.login", s.environment.token, nil)
	if got := all.types(t, 1); got != "user.login" {
		t.Errorf("test event: %s", got)
	}
}

// A slow endpoint delays neither calls nor the end, and a reset forgets what waits.
func TestDeliveriesDoNotBlock(t *testing.T) {
	t.Parallel()
	s := startSvix(t, emulator.Options{WebhookRetry: []time.Duration{0, time.Hour}})
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	s.create(t, slow.URL, nil)
	started := time.Now()
	for range 20 { // More than are delivered at a time.
		s.environment.create(t, "Acme")
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := outcomes(s.environment); got != "" {
		t.Errorf("after a reset: %s", got)
	}
	s.create(t, slow.URL, nil)
	s.environment.create(t, "Acme")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}
