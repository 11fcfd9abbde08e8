package emulator_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	clock := newClock()
	options := emulator.Options{
		StateFile: filepath.Join(t.TempDir(), "state.json"),
		Now:       clock.Now,
		Seed:      &emulator.Seed{Organizations: []emulator.SeedOrganization{{DisplayName: "Seeded"}}},
	}
	first := start(t, options)
	org := first.full(t)
	gone := first.create(t, "Gone")
	if err := first.delete(t, gone.GetId()); err != nil {
		t.Fatal(err)
	}
	policy, err := first.customPolicy(t, org.GetId(), 8, commonsv1.TimeUnit_HOURS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.setMaxUsers(t, org.GetId(), new(int32(0))); err != nil {
		t.Fatal(err)
	}
	org = first.read(t, org.GetId())
	page, err := first.list(t, &orgv1.ListOrganizationsRequest{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}

	// No Close: every reply is on the disk already, as after a crash.
	second := start(t, options)
	if got := second.read(t, org.GetId()); !proto.Equal(got, org) {
		t.Errorf("got  %v\nwant %v", got, org)
	}
	got, err := second.GetOrganizationSessionPolicy(t.Context(),
		connect.NewRequest(&orgv1.GetOrganizationSessionPolicyRequest{OrganizationId: org.GetId()}))
	if err != nil || !proto.Equal(got.Msg.GetPolicy(), policy) {
		t.Errorf("policy %v (%v)\nwant %v", got, err, policy)
	}
	rest, err := second.list(t, &orgv1.ListOrganizationsRequest{PageToken: page.GetNextPageToken()})
	if err != nil || len(rest.GetOrganizations()) != 1 || rest.GetOrganizations()[0].GetDisplayName() != "Seeded" {
		t.Errorf("the rest is %v (%v), want the one that was seeded once", rest, err)
	}
	if fresh := second.create(t, "Fresh"); fresh.GetId() == org.GetId() || fresh.GetId() == gone.GetId() {
		t.Errorf("id %s is given twice", fresh.GetId())
	}

	files, err := os.ReadDir(filepath.Dir(options.StateFile))
	if err != nil || len(files) != 1 {
		t.Errorf("files %v (%v), want the state alone", files, err)
	}
	info, err := os.Stat(options.StateFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestDamagedState(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "good.json")
	env := start(t, emulator.Options{StateFile: good})
	env.full(t)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	row := `{"id":"org_1","sequence":1,"value":{"id":"org_1"}}`
	for name, content := range map[string]string{
		"empty":         "",
		"half":          string(content[:len(content)/2]),
		"not JSON":      "hello",
		"array":         "[]",
		"version":       `{"version":2,"last_tick":0,"tables":{}}`,
		"unknown field": `{"version":1,"last_tick":0,"tables":{},"more":1}`,
		"unknown kind":  `{"version":1,"last_tick":0,"tables":{"planets":[]}}`,
		"bad value":     `{"version":1,"last_tick":0,"tables":{"organizations":[{"id":"org_1","sequence":1,"value":{"nam":1}}]}}`,
		"no id":         `{"version":1,"last_tick":0,"tables":{"organizations":[{"sequence":1,"value":{}}]}}`,
		"twice":         `{"version":1,"last_tick":0,"tables":{"organizations":[` + row + `,` + row + `]}}`,
		"after the end": string(content) + "{}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "bad.json")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := emulator.New(emulator.Options{StateFile: file}); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want an error that names the file", err)
			}
			if kept, err := os.ReadFile(file); err != nil || string(kept) != content {
				t.Errorf("the damaged file was changed to %q (%v)", kept, err)
			}
		})
	}
}

// A change that cannot be saved does not happen.
func TestStateThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "state.json")
	env := start(t, emulator.Options{StateFile: file})
	org := env.full(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	// The folder goes away, so that no file can be made in it; also for root, who may write anywhere.
	hidden := dir + ".gone"
	if err := os.Rename(dir, hidden); err != nil {
		t.Fatal(err)
	}
	_, err = env.tryCreate(t, "Acme")
	wantError(t, err, connect.CodeInternal, "INTERNAL")
	_, err = env.update(t, org.GetId(), &orgv1.UpdateOrganization{DisplayName: new("After")})
	wantError(t, err, connect.CodeInternal, "INTERNAL")
	wantError(t, env.delete(t, org.GetId()), connect.CodeInternal, "INTERNAL")
	if err := env.Reset(); err == nil {
		t.Error("a reset that cannot be saved was let through")
	}
	if got := env.read(t, org.GetId()); !proto.Equal(got, org) {
		t.Errorf("got  %v\nwant %v", got, org)
	}
	if got := env.Counts()["organizations"]; got != 1 {
		t.Errorf("%d organizations, want 1", got)
	}

	if err := os.Rename(hidden, dir); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file has changed (%v)", err)
	}
	env.create(t, "Acme")
}

func TestNewStateFile(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "no", "state.json")
	if _, err := emulator.New(emulator.Options{StateFile: missing}); err == nil {
		t.Error("a state file in a missing folder was let through")
	}
	file := filepath.Join(t.TempDir(), "state.json")
	env := start(t, emulator.Options{StateFile: file})
	written, err := os.Stat(file)
	if err != nil {
		t.Fatalf("a new environment has no state file: %v", err)
	}
	time.Sleep(10 * time.Millisecond)
	if _, err := env.list(t, &orgv1.ListOrganizationsRequest{}); err != nil {
		t.Fatal(err)
	}
	_, err = env.tryCreate(t, "")
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if now, err := os.Stat(file); err != nil || !now.ModTime().Equal(written.ModTime()) {
		t.Errorf("a call that changes nothing has written the file (%v)", err)
	}
}
