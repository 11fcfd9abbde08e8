package emulator_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

func (d *directoryEnvironment) users(
	t *testing.T, req *dirv1.ListDirectoryUsersRequest,
) (*dirv1.ListDirectoryUsersResponse, error) {
	t.Helper()
	req.OrganizationId = d.org
	reply, err := d.ListDirectoryUsers(t.Context(), connect.NewRequest(req))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}

func emails(page *dirv1.ListDirectoryUsersResponse) string {
	var out []string
	for _, user := range page.GetUsers() {
		out = append(out, user.GetEmail())
	}
	return strings.Join(out, " ")
}

func TestListDirectoryUsersPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects int
		size    uint32
		pages   int
	}{{0, 0, 1}, {1, 0, 1}, {10, 0, 1}, {11, 0, 2}, {30, 30, 1}, {31, 30, 2}, {3, 1, 3}, {1000, 30, 34}} {
		t.Run(fmt.Sprintf("%d by %d", test.objects, test.size), func(t *testing.T) {
			t.Parallel()
			d, id := seeded(t, 1, test.objects, emulator.Options{})
			var want, got []string
			for i := range test.objects {
				want = append(want, fmt.Sprintf("u%d@acme.example", i))
			}
			slices.Reverse(want)
			pages := 0
			for token, more := "", true; more; more = token != "" {
				page, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, PageSize: test.size, PageToken: token})
				if err != nil {
					t.Fatal(err)
				}
				if int(page.GetTotalSize()) != test.objects || (page.GetPrevPageToken() == "") != (token == "") {
					t.Errorf("total_size %d, prev_page_token %q", page.GetTotalSize(), page.GetPrevPageToken())
				}
				got = append(got, strings.Fields(emails(page))...)
				token = page.GetNextPageToken()
				pages++
			}
			if !slices.Equal(got, want) || pages != test.pages {
				t.Errorf("%d pages of %q, want %d of %q", pages, got, test.pages, want)
			}
		})
	}
}

// Ten thousand users are made, listed and removed without a wait that anybody would notice. A few pages do: each costs
// the same.
func TestManyDirectoryUsers(t *testing.T) {
	t.Parallel()
	const users, pages = 10_000, 40
	began := time.Now()
	d, id := seeded(t, 3, users, emulator.Options{})
	seen := map[string]bool{}
	token := ""
	for range pages {
		page, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, PageSize: 30, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, user := range page.GetUsers() {
			seen[user.GetId()] = true
		}
		if token = page.GetNextPageToken(); token == "" || page.GetTotalSize() != users {
			t.Fatalf("total_size %d, next_page_token %q", page.GetTotalSize(), token)
		}
	}
	if got := d.read(t, id); len(seen) != 30*pages || got.GetTotalUsers() != users || got.GetStats().GetTotalUsers() != users {
		t.Errorf("%d users listed, %d counted", len(seen), got.GetTotalUsers())
	}
	if err := d.env.delete(t, d.org); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 15*time.Second { // Far more than it takes, and far less than a square of it would.
		t.Errorf("it took %s", took)
	}
}

func TestListDirectoryUsers(t *testing.T) {
	t.Parallel()
	clock := newClock()
	d := startDirectories(t, emulator.Options{Now: clock.Now})
	id := d.create(t).GetId()
	group := d.addGroup(t, id, "Engineering")
	ada := d.addUser(t, id, "ada@acme.example", "Engineering")
	clock.advance(time.Hour)
	d.env.control(t, http.MethodPost, "directories/"+id+"/users", `{
		"id": "diruser_7", "email": "bob@acme.example", "given_name": "Bob", "family_name": "B", "preferred_username": "bb",
		"emails": ["bob@acme.example", "bb@acme.example"], "user_detail": {"title": "CTO"}
	}`, 200, nil)

	all, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id})
	if err != nil || len(all.GetUsers()) != 2 {
		t.Fatalf("got %v (%v)", all, err)
	}
	want := &dirv1.DirectoryUser{
		Id: "diruser_7", Email: "bob@acme.example", GivenName: "Bob", FamilyName: "B", PreferredUsername: "bb",
		Emails: []string{"bob@acme.example", "bb@acme.example"}, UpdatedAt: all.GetUsers()[0].GetUpdatedAt(),
	}
	if got := all.GetUsers()[0]; !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	got := all.GetUsers()[1]
	if got.GetId() != ada || got.GetPreferredUsername() != "ada@acme.example" || len(got.GetEmails()) != 1 || len(got.GetGroups()) != 1 {
		t.Fatalf("got %v", got)
	}
	if in := got.GetGroups()[0]; in.GetId() != group || in.GetDisplayName() != "Engineering" || in.GetUpdatedAt() == nil {
		t.Errorf("group %v", in)
	}

	for text, req := range map[string]*dirv1.ListDirectoryUsersRequest{
		"ada@acme.example":                  {DirectoryGroupId: &group},
		"bob@acme.example ada@acme.example": {UpdatedAfter: timestamppb.New(time.Unix(1, 0))},
		"":                                  {UpdatedAfter: timestamppb.New(clock.Now())},
	} {
		req.DirectoryId = id
		page, err := d.users(t, req)
		if err != nil || emails(page) != text || int(page.GetTotalSize()) != len(strings.Fields(text)) {
			t.Errorf("%v: %v (%v), want %q", req, page, err, text)
		}
	}
	detailed, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, IncludeDetail: new(true)})
	if err != nil || detailed.GetUsers()[0].GetUserDetail().GetFields()["title"].GetStringValue() != "CTO" ||
		detailed.GetUsers()[1].GetUserDetail().GetFields()["userName"].GetStringValue() != "ada@acme.example" {
		t.Errorf("detail %v (%v)", detailed, err)
	}

	_, err = d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, DirectoryGroupId: new("dirgroup_1")})
	wantError(t, err, connect.CodeNotFound, "NOT_FOUND")
	_, err = d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, DirectoryGroupId: new("x")})
	wantViolation(t, err, "directory_group_id", "string.prefix")
	_, err = d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, PageSize: 31})
	wantViolation(t, err, "page_size", "uint32.lte")
	one, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.users(t, &dirv1.ListDirectoryUsersRequest{
		DirectoryId: id, DirectoryGroupId: &group, PageToken: one.GetNextPageToken(),
	})
	wantViolation(t, err, "page_token", "page_token")

	d.env.control(t, http.MethodDelete, "directories/"+id+"/users/"+ada, "", 204, nil)
	if page, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id}); err != nil || emails(page) != "bob@acme.example" {
		t.Errorf("got %v (%v)", page, err)
	}
}

func TestDirectoryControlRefuses(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id := d.create(t).GetId()
	twin := d.addGroup(t, id, "Twin")
	d.addGroup(t, id, "Twin")
	user := d.addUser(t, id, "ada@acme.example", twin)
	var index struct {
		Paths map[string]string `json:"paths"`
	}
	d.env.control(t, "GET", "", "", 200, &index)
	for _, path := range []string{
		"POST /_emulator/directories/{directory_id}/groups", "POST /_emulator/directories/{directory_id}/users",
		"DELETE /_emulator/directories/{directory_id}/groups/{group_id}",
		"DELETE /_emulator/directories/{directory_id}/users/{user_id}",
	} {
		if index.Paths[path] == "" {
			t.Errorf("the index has no %s", path)
		}
	}
	long := strings.Repeat("x", 257)
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "dir_1/groups", `{"display_name": "A"}`, 404, `directory "dir_1" not found`},
		{"POST", "dir_1/users", `{"email": "a@b"}`, 404, "not found"},
		{"DELETE", "dir_1/groups/" + twin, "", 404, "not found"},
		{"DELETE", "dir_1/users/" + user, "", 404, "not found"},
		{"DELETE", id + "/groups/dirgroup_1", "", 404, "not found"},
		{"DELETE", id + "/groups/" + user, "", 404, "not found"},
		{"DELETE", id + "/users/diruser_1", "", 404, "not found"},
		{"GET", id + "/groups", "", 405, "POST only"},
		{"POST", id + "/users/" + user, "", 405, "DELETE only"},
		{"POST", id, "", 404, "no such control path"},
		{"POST", id + "/planets", "{}", 404, "no such control path"},
		{"POST", id + "/groups", "", 400, "too early"},
		{"POST", id + "/groups", `{"name": "A"}`, 400, "name: unknown field"},
		{"POST", id + "/groups", `{}`, 400, "display_name"},
		{"POST", id + "/groups", `{"display_name": "` + long + `"}`, 400, "display_name"},
		{"POST", id + "/groups", `{"display_name": "A", "id": "group"}`, 400, "id:"},
		{"POST", id + "/groups", `{"display_name": "A", "id": "` + twin + `"}`, 400, "already exists"},
		{"POST", id + "/groups", `{"display_name": "A", "group_detail": 1}`, 400, "group_detail: not an object"},
		{"POST", id + "/users", `{}`, 400, "email"},
		{"POST", id + "/users", `{"email": "ada"}`, 400, "not an e-mail address"},
		{"POST", id + "/users", `{"email": "ADA@acme.example"}`, 400, "already"},
		{"POST", id + "/users", `{"email": "b@acme.example", "given_name": "` + long + `"}`, 400, "given_name"},
		{"POST", id + "/users", `{"email": "b@acme.example", "groups": ["None"]}`, 400, `groups[0]: there is no group "None"`},
		{"POST", id + "/users", `{"email": "b@acme.example", "groups": ["Twin"]}`, 400, "by its id"},
		{"POST", id + "/users", `{"email": "b@acme.example", "id": "usr_1"}`, 400, "id:"},
		{"POST", id + "/users", `{"email": "b@acme.example", "user_detail": []}`, 400, "user_detail: not an object"},
	} {
		var reply struct {
			Error string `json:"error"`
		}
		d.env.control(t, test.method, "directories/"+test.path, test.body, test.status, &reply)
		if !strings.Contains(reply.Error, test.want) {
			t.Errorf("%s %s %s: %q, want %q", test.method, test.path, test.body, reply.Error, test.want)
		}
	}
	d.env.control(t, "POST", "seed", `{"organizations": [{"display_name": "A", "directories": [
		{"groups": [{"display_name": "G"}], "role_assignments": {"G": "nobody"}}]}]}`, 400, nil) // The path does exist.
	if got := d.read(t, id); got.GetTotalGroups() != 2 || got.GetTotalUsers() != 1 {
		t.Errorf("got %v", got)
	}
}

func TestDirectoryStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	options := emulator.Options{StateFile: filepath.Join(t.TempDir(), "state.json")}
	first := startDirectories(t, options)
	id := first.populated(t)
	want := first.read(t, id)
	users, err := first.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id})
	if err != nil {
		t.Fatal(err)
	}
	second := directoriesOf(start(t, options), first.org)
	want.DirectoryEndpoint = strings.Replace(want.GetDirectoryEndpoint(), first.env.URL(), second.env.URL(), 1)
	if got := second.read(t, id); !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got, err := second.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id}); err != nil || !proto.Equal(got, users) {
		t.Errorf("users %v (%v)\nwant  %v", got, err, users)
	}
	all, err := second.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, IncludeExternalGroups: new(true)})
	if err != nil || groupNames(all.GetGroups()) != "External Sales Engineering" {
		t.Errorf("groups %v (%v)", all, err)
	}
}
