package emulator_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
)

func (d *directoryEnvironment) groups(
	t *testing.T, req *dirv1.ListDirectoryGroupsRequest,
) (*dirv1.ListDirectoryGroupsResponse, error) {
	t.Helper()
	req.OrganizationId = d.org
	reply, err := d.ListDirectoryGroups(t.Context(), connect.NewRequest(req))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}

func groupNames(groups []*dirv1.DirectoryGroup) string {
	var out []string
	for _, group := range groups {
		out = append(out, group.GetDisplayName())
	}
	return strings.Join(out, " ")
}

func (d *directoryEnvironment) assignGroups(t *testing.T, id string, externalIDs ...string) error {
	t.Helper()
	_, err := d.AssignGroupsForDirectory(t.Context(), connect.NewRequest(
		&dirv1.AssignGroupsForDirectoryRequest{OrganizationId: d.org, Id: id, ExternalIds: externalIDs}))
	return err
}

// seeded starts an environment with one directory of so many groups and users; every user is in the first group.
func seeded(t *testing.T, groups, users int, options emulator.Options) (d *directoryEnvironment, id string) {
	t.Helper()
	directory := emulator.SeedDirectory{}
	var first []string
	for i := range groups {
		directory.Groups = append(directory.Groups, emulator.SeedDirectoryGroup{DisplayName: fmt.Sprintf("G%d", i)})
		first = []string{"G0"}
	}
	for i := range users {
		directory.Users = append(directory.Users,
			emulator.SeedDirectoryUser{Email: fmt.Sprintf("u%d@acme.example", i), Groups: first})
	}
	options.Seed = &emulator.Seed{Organizations: []emulator.SeedOrganization{
		{ID: "org_1", DisplayName: "Acme", Directories: []emulator.SeedDirectory{directory}},
	}}
	d = directoriesOf(start(t, options), "org_1")
	return d, d.list(t)[0].GetId()
}

func TestListDirectoryGroupsPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects int
		size    uint32
		pages   int
	}{
		{0, 0, 1},
		{1, 0, 1},
		{10, 0, 1},
		{11, 0, 2},
		{30, 30, 1},
		{31, 30, 2},
		{3, 1, 3},
		{1000, 30, 34},
	} {
		t.Run(fmt.Sprintf("%d by %d", test.objects, test.size), func(t *testing.T) {
			t.Parallel()
			d, id := seeded(t, test.objects, 0, emulator.Options{})
			var want, got []string
			for i := range test.objects {
				want = append(want, fmt.Sprintf("G%d", i))
			}
			slices.Reverse(want)
			pages := 0
			for token, more := "", true; more; more = token != "" {
				page, err := d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, PageSize: test.size, PageToken: token})
				if err != nil {
					t.Fatal(err)
				}
				if int(page.GetTotalSize()) != test.objects || (page.GetPrevPageToken() == "") != (token == "") {
					t.Errorf("total_size %d, prev_page_token %q", page.GetTotalSize(), page.GetPrevPageToken())
				}
				got = append(got, strings.Fields(groupNames(page.GetGroups()))...)
				token = page.GetNextPageToken()
				pages++
			}
			if !slices.Equal(got, want) || pages != test.pages {
				t.Errorf("%d pages of %q, want %d of %q", pages, got, test.pages, want)
			}
			summary, err := d.ListDirectoryGroupsSummary(t.Context(), connect.NewRequest(
				&dirv1.ListDirectoryGroupsSummaryRequest{OrganizationId: d.org, DirectoryId: id}))
			if err != nil || groupNames(summary.Msg.GetGroups()) != strings.Join(want, " ") ||
				int(summary.Msg.GetTotalSize()) != test.objects || summary.Msg.GetNextPageToken() != "" {
				t.Errorf("summary %v (%v), want all", summary, err)
			}
		})
	}
}

func TestListDirectoryGroups(t *testing.T) {
	t.Parallel()
	clock := newClock()
	d := startDirectories(t, emulator.Options{Now: clock.Now})
	id := d.create(t).GetId()
	old := d.addGroup(t, id, "Old")
	d.addUser(t, id, "ada@acme.example", "Old")
	between := clock.Now().Add(time.Minute)
	clock.advance(time.Hour)
	d.env.control(t, "POST", "directories/"+id+"/groups",
		`{"display_name": "New", "id": "dirgroup_7", "group_detail": {"members": [1]}}`, 200, nil)

	all, err := d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id})
	if err != nil || groupNames(all.GetGroups()) != "New Old" {
		t.Fatalf("got %v (%v)", all, err)
	}
	if got := all.GetGroups()[1]; got.GetId() != old || got.GetTotalUsers() != 1 || got.GetUpdatedAt() == nil || got.GetGroupDetail() != nil {
		t.Errorf("got %v", got)
	}
	detailed, err := d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, IncludeDetail: new(true)})
	if err != nil || detailed.GetGroups()[0].GetGroupDetail().GetFields()["members"] == nil ||
		detailed.GetGroups()[1].GetGroupDetail().GetFields()["displayName"].GetStringValue() != "Old" {
		t.Errorf("detail %v (%v)", detailed, err)
	}
	recent := &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, UpdatedAfter: timestamppb.New(clock.Now())}
	if page, err := d.groups(t, recent); err != nil || len(page.GetGroups()) != 0 {
		t.Errorf("updated after now: %v (%v)", page, err)
	}
	recent.UpdatedAfter = all.GetGroups()[1].GetUpdatedAt()
	if page, err := d.groups(t, recent); err != nil || strings.Contains(groupNames(page.GetGroups()), "Old") {
		t.Errorf("updated after %v: %v (%v)", between, page, err)
	}

	one, err := d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	other := d.create(t).GetId()
	for _, req := range []*dirv1.ListDirectoryGroupsRequest{
		{DirectoryId: id, PageToken: "!"},
		{DirectoryId: id, PageToken: base64.RawURLEncoding.EncodeToString([]byte("{}"))},
		{DirectoryId: other, PageToken: one.GetNextPageToken()},
		{DirectoryId: id, PageToken: one.GetNextPageToken(), UpdatedAfter: timestamppb.New(between)},
		{DirectoryId: id, PageToken: one.GetNextPageToken(), IncludeExternalGroups: new(true)},
	} {
		_, err := d.groups(t, req)
		wantViolation(t, err, "page_token", "page_token")
	}
	_, err = d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, PageSize: 31})
	wantViolation(t, err, "page_size", "uint32.lte")
	_, err = d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: "x"})
	wantViolation(t, err, "directory_id", "string.prefix")
}

// A group that goes takes its memberships and its role along.
func TestDeleteDirectoryGroup(t *testing.T) {
	t.Parallel()
	clock := newClock()
	d := startDirectories(t, emulator.Options{Now: clock.Now})
	id := d.create(t).GetId()
	gone, kept := d.addGroup(t, id, "Gone"), d.addGroup(t, id, "Kept")
	d.addUser(t, id, "ada@acme.example", "Gone", "Kept")
	d.addUser(t, id, "bob@acme.example", "Kept")
	if _, err := d.assign(t, id, gone, "admin", kept, "member"); err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Hour)
	d.env.control(t, "DELETE", "directories/"+id+"/groups/"+gone, "", 204, nil)

	directory := d.read(t, id)
	wantMapping(t, directory.GetRoleAssignments(), kept, "member")
	if directory.GetTotalGroups() != 1 || directory.GetStats().GetTotalGroups() != 1 || directory.GetTotalUsers() != 2 {
		t.Errorf("got %v", directory)
	}
	if got := directory.GetStats().GetUserUpdatedAt().AsTime(); !got.Equal(clock.Now()) {
		t.Errorf("user_updated_at %v, want %v", got, clock.Now())
	}
	users, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id, UpdatedAfter: timestamppb.New(clock.Now().Add(-time.Second))})
	if err != nil || emails(users) != "ada@acme.example" || groupNames(users.GetUsers()[0].GetGroups()) != "Kept" {
		t.Errorf("got %v (%v), want the member alone to have changed", users, err)
	}
	_, err = d.assign(t, id, gone, "admin")
	wantError(t, err, connect.CodeNotFound, "NOT_FOUND")
	d.env.control(t, "DELETE", "directories/"+id+"/groups/"+gone, "", 404, nil)
}

func TestAssignGroups(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id := d.create(t, polling).GetId()
	pushed := d.addGroup(t, id, "Pushed")
	setExternal := func(ids ...string) {
		change := &dirv1.UpdateDirectory{Name: "Google"}
		for _, externalID := range ids {
			change.Groups = append(change.Groups, external(externalID))
		}
		if _, err := d.update(t, id, change); err != nil {
			t.Fatal(err)
		}
	}
	want := func(tracked, all string) {
		t.Helper()
		list, err := d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id})
		if err != nil || groupNames(list.GetGroups()) != tracked {
			t.Errorf("groups %q (%v), want %q", groupNames(list.GetGroups()), err, tracked)
		}
		list, err = d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id, IncludeExternalGroups: new(true)})
		if err != nil || groupNames(list.GetGroups()) != all {
			t.Errorf("all groups %q (%v), want %q", groupNames(list.GetGroups()), err, all)
		}
	}
	setExternal("1", "2")
	want("Pushed", "Group 2 Group 1 Pushed")
	_, err := d.assign(t, id, pushed, "member")
	if err != nil {
		t.Fatal(err)
	}

	wantError(t, d.assignGroups(t, id, "1", "9"), connect.CodeNotFound, "NOT_FOUND")
	want("Pushed", "Group 2 Group 1 Pushed")
	if err := d.assignGroups(t, id, "1", "1"); err != nil {
		t.Fatal(err)
	}
	want("Group 1", "Group 1 Group 2")
	directory := d.read(t, id)
	wantMapping(t, directory.GetRoleAssignments())
	if directory.GetGroupsTracked() == "ALL" {
		t.Errorf("groups_tracked %q", directory.GetGroupsTracked())
	}
	setExternal("2", "3")
	want("Group 1", "Group 3 Group 1 Group 2")
	if err := d.assignGroups(t, id, "3", "2"); err != nil {
		t.Fatal(err)
	}
	want("Group 2 Group 3", "Group 2 Group 3")

	wantViolation(t, d.assignGroups(t, id), "external_ids", "required")
	wantError(t, d.assignGroups(t, d.create(t).GetId(), "1"), connect.CodeInvalidArgument, "INVALID_ARGUMENT")
}
