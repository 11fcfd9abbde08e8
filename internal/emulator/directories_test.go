package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	dirv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories"
	"github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/directories/directoriesconnect"
)

// directoryEnvironment is an environment with one organization, and a client of its directories.
type directoryEnvironment struct {
	directoriesconnect.DirectoryServiceClient

	env *environment
	org string
}

func startDirectories(t *testing.T, options emulator.Options) *directoryEnvironment {
	t.Helper()
	env := start(t, options)
	d := directoriesOf(env, "")
	d.org = env.create(t, "Acme").GetId()
	return d
}

// directoriesOf is a client of the directories of an organization that exists.
func directoriesOf(env *environment, org string) *directoryEnvironment {
	client := directoriesconnect.NewDirectoryServiceClient(env.http, env.URL(), connect.WithGRPC(), bearer(env.token))
	return &directoryEnvironment{DirectoryServiceClient: client, env: env, org: org}
}

// create makes a SCIM directory; edit may change the request.
func (d *directoryEnvironment) create(t *testing.T, edit ...func(*dirv1.CreateDirectory)) *dirv1.Directory {
	t.Helper()
	wanted := &dirv1.CreateDirectory{DirectoryType: dirv1.DirectoryType_SCIM}
	for _, edit := range edit {
		edit(wanted)
	}
	reply, err := d.CreateDirectory(t.Context(),
		connect.NewRequest(&dirv1.CreateDirectoryRequest{OrganizationId: d.org, Directory: wanted}))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetDirectory()
}

func polling(wanted *dirv1.CreateDirectory) { wanted.DirectoryType = dirv1.DirectoryType_POLL }

func (d *directoryEnvironment) get(t *testing.T, id string) (*dirv1.Directory, error) {
	t.Helper()
	reply, err := d.GetDirectory(t.Context(),
		connect.NewRequest(&dirv1.GetDirectoryRequest{OrganizationId: d.org, Id: id}))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetDirectory(), nil
}

func (d *directoryEnvironment) read(t *testing.T, id string) *dirv1.Directory {
	t.Helper()
	directory, err := d.get(t, id)
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

func (d *directoryEnvironment) list(t *testing.T) []*dirv1.Directory {
	t.Helper()
	reply, err := d.ListDirectories(t.Context(),
		connect.NewRequest(&dirv1.ListDirectoriesRequest{OrganizationId: d.org}))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Msg.GetDirectories()
}

func (d *directoryEnvironment) toggle(t *testing.T, id string, on bool) (*dirv1.ToggleDirectoryResponse, error) {
	t.Helper()
	call := d.DisableDirectory
	if on {
		call = d.EnableDirectory
	}
	reply, err := call(t.Context(), connect.NewRequest(&dirv1.ToggleDirectoryRequest{OrganizationId: d.org, Id: id}))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}

func (d *directoryEnvironment) delete(t *testing.T, id string) error {
	t.Helper()
	_, err := d.DeleteDirectory(t.Context(),
		connect.NewRequest(&dirv1.DeleteDirectoryRequest{OrganizationId: d.org, Id: id}))
	return err
}

func TestCreateDirectory(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	got := d.create(t, func(wanted *dirv1.CreateDirectory) { wanted.DirectoryProvider = dirv1.DirectoryProvider_OKTA })
	if !strings.HasPrefix(got.GetId(), "dir_") || got.GetName() == "" {
		t.Errorf("id %q, name %q", got.GetId(), got.GetName())
	}
	want := &dirv1.Directory{
		Id:                got.GetId(),
		Name:              got.GetName(),
		OrganizationId:    d.org,
		DirectoryType:     dirv1.DirectoryType_SCIM,
		DirectoryProvider: dirv1.DirectoryProvider_OKTA,
		Enabled:           true,
		Status:            "IN_PROGRESS",
		DirectoryEndpoint: d.env.URL() + "/directory/" + got.GetId() + "/scim/v2",
		Stats:             &dirv1.Stats{},
		RoleAssignments:   &dirv1.RoleAssignments{},
	}
	if !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if read := d.read(t, got.GetId()); !proto.Equal(read, got) {
		t.Errorf("read %v\nwant %v", read, got)
	}

	second := d.create(t, polling)
	if second.GetGroupsTracked() != "ALL" {
		t.Errorf("a polling directory tracks %q, want ALL", second.GetGroupsTracked())
	}
	if all := d.list(t); len(all) != 2 || !proto.Equal(all[0], got) || !proto.Equal(all[1], second) {
		t.Errorf("list %v, want both, oldest first", all)
	}
	other := directoriesOf(d.env, d.env.create(t, "Other").GetId())
	if all := other.list(t); len(all) != 0 {
		t.Errorf("another organization lists %v", all)
	}
}

func TestCreateDirectoryRefused(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	create := func(org string, wanted *dirv1.CreateDirectory) error {
		_, err := d.CreateDirectory(t.Context(),
			connect.NewRequest(&dirv1.CreateDirectoryRequest{OrganizationId: org, Directory: wanted}))
		return err
	}
	scim := dirv1.DirectoryType_SCIM
	wantViolation(t, create(d.org, nil), "directory", "required")
	wantViolation(t, create(d.org, &dirv1.CreateDirectory{}), "directory.directory_type", "required")
	wantViolation(t, create(d.org, &dirv1.CreateDirectory{DirectoryType: 9}), "directory.directory_type", "enum.defined_only")
	wantViolation(t, create(d.org, &dirv1.CreateDirectory{DirectoryType: scim, DirectoryProvider: 9}),
		"directory.directory_provider", "enum.defined_only")
	wantViolation(t, create("", &dirv1.CreateDirectory{DirectoryType: scim}), "organization_id", "required")
	wantError(t, create("org_1", &dirv1.CreateDirectory{DirectoryType: scim}), connect.CodeNotFound, "NOT_FOUND")
	if count := d.env.Counts()["directories"]; count != 0 {
		t.Errorf("%d directories, want none", count)
	}
}

// Every RPC refuses a directory that is missing, one of another organization, and an organization that is missing.
func TestDirectoryNotFound(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id := d.create(t).GetId()
	strangers := directoriesOf(d.env, d.env.create(t, "Other").GetId())
	ctx := t.Context()
	for name, test := range map[string]struct {
		d  *directoryEnvironment
		id string
	}{
		"missing directory":    {d, "dir_1"},
		"missing organization": {directoriesOf(d.env, "org_1"), id},
		"other organization":   {strangers, id},
	} {
		d, org, id := test.d, test.d.org, test.id
		for rpc, call := range map[string]func() error{
			"get":    func() error { _, err := d.get(t, id); return err },
			"update": func() error { _, err := d.update(t, id, &dirv1.UpdateDirectory{Name: "x"}); return err },
			"enable": func() error { _, err := d.toggle(t, id, true); return err },
			"disable": func() error {
				_, err := d.toggle(t, id, false)
				return err
			},
			"delete":     func() error { return d.delete(t, id) },
			"attributes": func() error { _, err := d.setAttributes(t, id, "a=b"); return err },
			"roles":      func() error { _, err := d.assign(t, id); return err },
			"groups":     func() error { _, err := d.groups(t, &dirv1.ListDirectoryGroupsRequest{DirectoryId: id}); return err },
			"users":      func() error { _, err := d.users(t, &dirv1.ListDirectoryUsersRequest{DirectoryId: id}); return err },
			"secret":     func() error { _, _, err := d.createSecret(t, id); return err },
			"regenerate": func() error { _, _, err := d.regenerateSecret(t, id); return err },
			"sync":       func() error { return d.sync(t, id) },
			"assign":     func() error { return d.assignGroups(t, id, "x") },
			"summary": func() error {
				_, err := d.ListDirectoryGroupsSummary(ctx, connect.NewRequest(
					&dirv1.ListDirectoryGroupsSummaryRequest{OrganizationId: org, DirectoryId: id}))
				return err
			},
		} {
			if err := call(); connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("%s, %s: got %v", rpc, name, err)
			} else {
				wantError(t, err, connect.CodeNotFound, "NOT_FOUND")
			}
		}
	}
	_, err := directoriesOf(d.env, "org_1").ListDirectories(ctx,
		connect.NewRequest(&dirv1.ListDirectoriesRequest{OrganizationId: "org_1"}))
	wantError(t, err, connect.CodeNotFound, "NOT_FOUND")
	if got := d.read(t, id); !got.GetEnabled() {
		t.Errorf("the directory has changed: %v", got)
	}
}

func TestToggleDirectory(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id := d.create(t).GetId()
	for _, test := range []struct {
		on   bool
		want string
	}{
		{true, "The directory is already enabled"},
		{false, ""},
		{false, "The directory is already disabled"},
		{true, ""},
	} {
		reply, err := d.toggle(t, id, test.on)
		if err != nil || reply.GetEnabled() != test.on || reply.GetErrorMessage() != test.want ||
			(reply.ErrorMessage == nil) != (test.want == "") {
			t.Errorf("enable %t: %v (%v), want %q", test.on, reply, err, test.want)
		}
		if got := d.read(t, id).GetEnabled(); got != test.on {
			t.Errorf("enabled is %t, want %t", got, test.on)
		}
	}
}

func TestDeleteDirectory(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{})
	id := d.populated(t)
	kept := d.populated(t)
	err := d.delete(t, id)
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if text := err.Error(); !strings.Contains(text, "directory is enabled") || !strings.Contains(text, "disable") {
		t.Errorf("%q does not say what to do", text)
	}
	if _, err := d.toggle(t, id, false); err != nil {
		t.Fatal(err)
	}
	before := d.env.Counts()
	if err := d.delete(t, id); err != nil {
		t.Fatal(err)
	}
	for kind, count := range d.env.Counts() {
		if strings.HasPrefix(kind, "director") && count*2 != before[kind] {
			t.Errorf("%d %s, want half of %d", count, kind, before[kind])
		}
	}
	wantError(t, d.delete(t, id), connect.CodeNotFound, "NOT_FOUND")
	if got := d.read(t, kept); got.GetTotalUsers() != 2 || len(got.GetRoleAssignments().GetAssignments()) != 1 {
		t.Errorf("the other directory is %v", got)
	}

	// An organization takes its directories along, enabled or not.
	if err := d.env.delete(t, d.org); err != nil {
		t.Fatal(err)
	}
	for kind, count := range d.env.Counts() {
		if strings.HasPrefix(kind, "director") && count != 0 {
			t.Errorf("%d %s are left", count, kind)
		}
	}
}

// populated makes a directory with something of everything: 2 groups, 2 users, a role assignment, a secret, attribute
// mappings and an external group.
func (d *directoryEnvironment) populated(t *testing.T) string {
	t.Helper()
	id := d.create(t, polling).GetId()
	engineering := d.addGroup(t, id, "Engineering")
	d.addGroup(t, id, "Sales")
	d.addUser(t, id, "ada@acme.example", "Engineering")
	d.addUser(t, id, "bob@acme.example", "Engineering", "Sales")
	if _, err := d.assign(t, id, engineering, "admin"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.createSecret(t, id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.setAttributes(t, id, "email=mail"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.update(t, id, &dirv1.UpdateDirectory{Name: "Everything", Groups: []*dirv1.ExternalGroup{
		{ExternalId: "ext-1", DisplayName: "External", Email: "external@acme.example"},
	}}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDirectoryQuirks(t *testing.T) {
	t.Parallel()
	d := startDirectories(t, emulator.Options{Quirks: emulator.Quirks{
		DirectoryCreatedDisabled: true, DirectoryCreatesSecret: true, DirectorySyncNeedsPolling: true,
	}})
	scim, poll := d.create(t), d.create(t, polling)
	if scim.GetEnabled() || len(scim.GetSecrets()) != 1 || scim.GetSecrets()[0].GetStatus() != dirv1.SecretStatus_ACTIVE {
		t.Errorf("got %v, want a disabled directory with an active secret", scim)
	}
	for _, directory := range []*dirv1.Directory{scim, poll} {
		if _, err := d.toggle(t, directory.GetId(), true); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, d.sync(t, scim.GetId()), connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if err := d.sync(t, poll.GetId()); err != nil {
		t.Error(err)
	}
}

func TestSyncDirectory(t *testing.T) {
	t.Parallel()
	clock := newClock()
	d := startDirectories(t, emulator.Options{Now: clock.Now})
	id := d.create(t).GetId()
	if err := d.sync(t, id); err != nil {
		t.Fatal(err)
	}
	if got := d.read(t, id).GetLastSyncedAt(); got == nil || !got.AsTime().Equal(clock.Now()) {
		t.Errorf("last_synced_at %v, want %v", got.AsTime(), clock.Now())
	}
	if _, err := d.toggle(t, id, false); err != nil {
		t.Fatal(err)
	}
	wantError(t, d.sync(t, id), connect.CodeInvalidArgument, "INVALID_ARGUMENT")
}

func (d *directoryEnvironment) sync(t *testing.T, id string) error {
	t.Helper()
	_, err := d.TriggerDirectorySync(t.Context(),
		connect.NewRequest(&dirv1.TriggerDirectorySyncRequest{OrganizationId: d.org, DirectoryId: id}))
	return err
}

// addGroup and addUser do what an identity provider does, by the control paths. They return the id.
func (d *directoryEnvironment) addGroup(t *testing.T, directoryID, name string) string {
	t.Helper()
	var group struct {
		ID string `json:"id"`
	}
	d.env.control(t, "POST", "directories/"+directoryID+"/groups", fmt.Sprintf(`{"display_name": %q}`, name), 200, &group)
	return group.ID
}

func (d *directoryEnvironment) addUser(t *testing.T, directoryID, email string, groups ...string) string {
	t.Helper()
	var user struct {
		ID string `json:"id"`
	}
	list := `"` + strings.Join(groups, `", "`) + `"`
	if len(groups) == 0 {
		list = ""
	}
	d.env.control(t, "POST", "directories/"+directoryID+"/users",
		fmt.Sprintf(`{"email": %q, "given_name": "Given", "groups": [%s]}`, email, list), 200, &user)
	return user.ID
}
