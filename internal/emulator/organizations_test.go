package emulator_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestCreateOrganization(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := start(t, emulator.Options{Now: clock.Now})
	got := env.create(t, "Acme", func(org *orgv1.CreateOrganization) {
		org.ExternalId = new("acme")
		org.Slug = new("acme.example")
		org.Metadata = map[string]string{"plan": "enterprise"}
	})

	digits, ok := strings.CutPrefix(got.GetId(), "org_")
	number, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || len(digits) != 18 {
		t.Fatalf("id %q, want org_ and 18 digits", got.GetId())
	}
	epoch := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	if want := epoch.Add(time.Duration(number>>24) * 10 * time.Millisecond); !got.GetCreateTime().AsTime().Equal(want) {
		t.Errorf("create_time %v, want the id's %v", got.GetCreateTime().AsTime(), want)
	}
	if !got.GetCreateTime().AsTime().Equal(clock.Now()) || !got.GetUpdateTime().AsTime().After(clock.Now()) ||
		got.GetUpdateTime().AsTime().Nanosecond()%int(10*time.Millisecond) == 0 {
		t.Errorf("created %v, updated %v, want %v", got.GetCreateTime().AsTime(), got.GetUpdateTime().AsTime(), clock.Now())
	}
	want := proto.CloneOf(got)
	want.DisplayName = "Acme"
	want.ExternalId = new("acme")
	want.Slug = new("acme.example")
	want.Metadata = map[string]string{"plan": "enterprise"}
	want.RegionCode = commonsv1.RegionCode_US
	want.Settings = &orgv1.OrganizationSettings{Features: []*orgv1.OrganizationSettingsFeature{{Name: "sso", Enabled: true}, {Name: "dir_sync"}}}
	if !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if read := env.read(t, got.GetId()); !proto.Equal(read, got) {
		t.Errorf("read %v\nwant %v", read, got)
	}
	byExternal, err := env.GetOrganizationByExternalId(t.Context(), connect.NewRequest(byExternalID("acme")))
	if err != nil || !proto.Equal(byExternal.Msg.GetOrganization(), got) {
		t.Errorf("by external id: %v, %v", byExternal, err)
	}
	viaGet, err := env.GetOrganization(t.Context(), connect.NewRequest(byExternalID("acme")))
	if err != nil || !proto.Equal(viaGet.Msg.GetOrganization(), got) {
		t.Errorf("get by external id: %v, %v", viaGet, err)
	}
	if eu := env.create(t, "Acme EU", func(org *orgv1.CreateOrganization) {
		org.RegionCode = commonsv1.RegionCode_EU
	}); eu.GetRegionCode() != commonsv1.RegionCode_EU {
		t.Errorf("region %v, want EU", eu.GetRegionCode())
	}
}

func TestCreateOrganizationRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	env.create(t, "Taken", func(org *orgv1.CreateOrganization) {
		org.ExternalId = new("taken")
		org.Slug = new("taken")
	})
	for name, test := range map[string]struct {
		edit              func(*orgv1.CreateOrganization)
		field, constraint string
	}{
		"no name":     {func(o *orgv1.CreateOrganization) { o.DisplayName = "" }, "organization.display_name", "string.min_len"},
		"long name":   {func(o *orgv1.CreateOrganization) { o.DisplayName = strings.Repeat("x", 201) }, "organization.display_name", "string.max_len"},
		"slug form":   {func(o *orgv1.CreateOrganization) { o.Slug = new("-no-") }, "organization.slug", "string.pattern"},
		"short key":   {func(o *orgv1.CreateOrganization) { o.Metadata = map[string]string{"k": "v"} }, `organization.metadata["k"]`, "string.min_len"},
		"empty value": {func(o *orgv1.CreateOrganization) { o.Metadata = map[string]string{"key": ""} }, `organization.metadata["key"]`, "string.min_len"},
		"many pairs": {func(o *orgv1.CreateOrganization) {
			o.Metadata = map[string]string{}
			for i := range 11 {
				o.Metadata[fmt.Sprintf("key%d", i)] = "v"
			}
		}, "organization.metadata", "map.max_pairs"},
		"long external id": {func(o *orgv1.CreateOrganization) { o.ExternalId = new(strings.Repeat("x", 256)) }, "organization.external_id", "string.max_len"},
		"no such region":   {func(o *orgv1.CreateOrganization) { o.RegionCode = 9 }, "organization.region_code", "enum.defined_only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := env.tryCreate(t, "Acme", test.edit)
			wantViolation(t, err, test.field, test.constraint)
		})
	}

	_, err := env.tryCreate(t, "Acme", func(o *orgv1.CreateOrganization) { o.ExternalId = new("taken") })
	wantDuplicate(t, err, "external id")
	_, err = env.tryCreate(t, "Acme", func(o *orgv1.CreateOrganization) { o.Slug = new("taken") })
	wantDuplicate(t, err, "slug")
	_, err = env.CreateOrganization(t.Context(), connect.NewRequest(&orgv1.CreateOrganizationRequest{}))
	wantViolation(t, err, "organization", "required")
	if count := env.Counts()["organizations"]; count != 1 {
		t.Errorf("%d organizations, want 1: a refused create leaves nothing", count)
	}
}

func wantDuplicate(t *testing.T, err error, property string) {
	t.Helper()
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if text := err.Error(); !strings.Contains(text, property) || !strings.Contains(text, "already exists") {
		t.Errorf("%q does not say that the %s already exists", text, property)
	}
}

func TestOrganizationNotFound(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	const id = "org_1"
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"get": func() error { _, err := env.GetOrganization(ctx, connect.NewRequest(byID(id))); return err },
		"get by external id": func() error {
			_, err := env.GetOrganizationByExternalId(ctx, connect.NewRequest(byExternalID(id)))
			return err
		},
		"update": func() error { _, err := env.update(t, id, &orgv1.UpdateOrganization{}); return err },
		"delete": func() error { return env.delete(t, id) },
		"features": func() error {
			_, err := env.setFeatures(t, id, map[string]bool{"sso": true})
			return err
		},
		"session policy": func() error {
			_, err := env.GetOrganizationSessionPolicy(ctx,
				connect.NewRequest(&orgv1.GetOrganizationSessionPolicyRequest{OrganizationId: id}))
			return err
		},
		"set session policy": func() error {
			_, err := env.UpdateOrganizationSessionPolicy(ctx, connect.NewRequest(&orgv1.UpdateOrganizationSessionPolicyRequest{
				OrganizationId: id, PolicySource: orgv1.SessionPolicyType_APPLICATION,
			}))
			return err
		},
		"application policy": func() error {
			_, err := env.GetApplicationSessionPolicy(ctx,
				connect.NewRequest(&orgv1.GetApplicationSessionPolicyRequest{OrganizationId: id}))
			return err
		},
		"user management": func() error {
			_, err := env.GetOrganizationUserManagementSetting(ctx,
				connect.NewRequest(&orgv1.GetOrganizationUserManagementSettingsRequest{OrganizationId: id}))
			return err
		},
		"set user management": func() error {
			_, err := env.UpsertUserManagementSettings(ctx, connect.NewRequest(&orgv1.UpsertUserManagementSettingsRequest{
				OrganizationId: id, Settings: &orgv1.OrganizationUserManagementSettings{},
			}))
			return err
		},
		"portal link": func() error {
			_, err := env.GeneratePortalLink(ctx, connect.NewRequest(&orgv1.GeneratePortalLinkRequest{Id: id}))
			return err
		},
		"delete portal link": func() error {
			_, err := env.DeletePortalLinkByID(ctx,
				connect.NewRequest(&orgv1.DeletePortalLinkByIdRequest{Id: id, LinkId: "lnk_1"}))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, call(), connect.CodeNotFound, "NOT_FOUND")
		})
	}
}

func TestOrganizationIdentity(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	get := func(req *orgv1.GetOrganizationRequest) error {
		_, err := env.GetOrganization(t.Context(), connect.NewRequest(req))
		return err
	}
	wantViolation(t, get(byID("")), "id", "string.min_len")
	wantViolation(t, get(byID("org_"+strings.Repeat("1", 29))), "id", "string.max_len")
	wantViolation(t, get(&orgv1.GetOrganizationRequest{}), "id", "required")
	_, err := env.GetOrganizationByExternalId(t.Context(), connect.NewRequest(byExternalID("")))
	wantViolation(t, err, "external_id", "string.min_len")
	_, err = env.GetOrganizationByExternalId(t.Context(), connect.NewRequest(byID("org_1")))
	wantViolation(t, err, "external_id", "required")
}

func (env *environment) update(
	t *testing.T, id string, change *orgv1.UpdateOrganization, mask ...string,
) (*orgv1.Organization, error) {
	t.Helper()
	req := &orgv1.UpdateOrganizationRequest{
		Identities:   &orgv1.UpdateOrganizationRequest_Id{Id: id},
		Organization: change,
	}
	if mask != nil {
		req.UpdateMask = &fieldmaskpb.FieldMask{Paths: mask}
	}
	reply, err := env.UpdateOrganization(t.Context(), connect.NewRequest(req))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetOrganization(), nil
}

func (env *environment) delete(t *testing.T, id string) error {
	t.Helper()
	_, err := env.DeleteOrganization(t.Context(), connect.NewRequest(&orgv1.DeleteOrganizationRequest{
		Identities: &orgv1.DeleteOrganizationRequest_Id{Id: id},
	}))
	return err
}

// full is an organization with everything that an update can change.
func (env *environment) full(t *testing.T) *orgv1.Organization {
	t.Helper()
	return env.create(t, "Before", func(org *orgv1.CreateOrganization) {
		org.ExternalId = new("before")
		org.Slug = new("before")
		org.Metadata = map[string]string{"old": "1"}
	})
}

func TestUpdateOrganization(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks emulator.Quirks
		change *orgv1.UpdateOrganization
		mask   []string
		want   func(*orgv1.Organization)
	}{
		"nothing sent": {change: &orgv1.UpdateOrganization{}, want: func(*orgv1.Organization) {}},
		"name alone": {
			change: &orgv1.UpdateOrganization{DisplayName: new("After")},
			want:   func(o *orgv1.Organization) { o.DisplayName = "After" },
		},
		"external id": {
			change: &orgv1.UpdateOrganization{ExternalId: new("after")},
			want:   func(o *orgv1.Organization) { o.ExternalId = new("after") },
		},
		"clear external id": {
			change: &orgv1.UpdateOrganization{ExternalId: new("")},
			want:   func(o *orgv1.Organization) { o.ExternalId = nil },
		},
		"clear external id, ignored": {
			quirks: emulator.Quirks{KeepsExternalID: true},
			change: &orgv1.UpdateOrganization{ExternalId: new("")},
			want:   func(*orgv1.Organization) {},
		},
		"clear slug": {
			change: &orgv1.UpdateOrganization{Slug: new("")},
			want:   func(o *orgv1.Organization) { o.Slug = nil },
		},
		"metadata replaces": {
			change: &orgv1.UpdateOrganization{Metadata: map[string]string{"new": "2"}},
			want:   func(o *orgv1.Organization) { o.Metadata = map[string]string{"new": "2"} },
		},
		"metadata merges": {
			quirks: emulator.Quirks{MetadataMerges: true},
			change: &orgv1.UpdateOrganization{Metadata: map[string]string{"new": "2"}},
			want:   func(o *orgv1.Organization) { o.Metadata = map[string]string{"old": "1", "new": "2"} },
		},
		"empty metadata without a mask": {
			change: &orgv1.UpdateOrganization{Metadata: map[string]string{}},
			want:   func(*orgv1.Organization) {},
		},
		"empty metadata in the mask": {
			change: &orgv1.UpdateOrganization{},
			mask:   []string{"metadata"},
			want:   func(o *orgv1.Organization) { o.Metadata = nil },
		},
		"mask from the request on": {
			change: &orgv1.UpdateOrganization{},
			mask:   []string{"organization.metadata", "organization.external_id"},
			want:   func(o *orgv1.Organization) { o.Metadata, o.ExternalId = nil, nil },
		},
		"mask leaves out what is sent": {
			change: &orgv1.UpdateOrganization{DisplayName: new("After"), ExternalId: new("after")},
			mask:   []string{"external_id"},
			want:   func(o *orgv1.Organization) { o.ExternalId = new("after") },
		},
		"mask ignored": {
			quirks: emulator.Quirks{IgnoresUpdateMask: true},
			change: &orgv1.UpdateOrganization{DisplayName: new("After")},
			mask:   []string{"metadata"},
			want:   func(o *orgv1.Organization) { o.DisplayName = "After" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			env := start(t, emulator.Options{Quirks: test.quirks, Now: clock.Now})
			want := env.full(t)
			clock.advance(time.Minute)
			got, err := env.update(t, want.GetId(), test.change, test.mask...)
			if err != nil {
				t.Fatal(err)
			}
			if !got.GetUpdateTime().AsTime().Equal(clock.Now()) {
				t.Errorf("update_time %v, want %v", got.GetUpdateTime().AsTime(), clock.Now())
			}
			want.UpdateTime = got.GetUpdateTime()
			test.want(want)
			if !proto.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if read := env.read(t, want.GetId()); !proto.Equal(read, want) {
				t.Errorf("read %v\nwant %v", read, want)
			}
		})
	}
}

func TestUpdateOrganizationRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	org := env.full(t)
	env.create(t, "Other", func(o *orgv1.CreateOrganization) {
		o.ExternalId = new("other")
		o.Slug = new("other")
	})

	_, err := env.update(t, org.GetId(), &orgv1.UpdateOrganization{ExternalId: new("other")})
	wantDuplicate(t, err, "external id")
	_, err = env.update(t, org.GetId(), &orgv1.UpdateOrganization{Slug: new("other")})
	wantDuplicate(t, err, "slug")
	_, err = env.update(t, org.GetId(), nil)
	wantViolation(t, err, "organization", "required")
	_, err = env.update(t, org.GetId(), &orgv1.UpdateOrganization{DisplayName: new("")})
	wantViolation(t, err, "organization.display_name", "string.min_len")
	_, err = env.update(t, org.GetId(), &orgv1.UpdateOrganization{}, "display_name")
	wantViolation(t, err, "organization.display_name", "required")
	_, err = env.update(t, org.GetId(), &orgv1.UpdateOrganization{}, "region_code")
	wantViolation(t, err, "update_mask", "field_mask")
	if read := env.read(t, org.GetId()); !proto.Equal(read, org) {
		t.Errorf("refused updates left %v\nwant %v", read, org)
	}

	// Its own external id is no duplicate, and a free one is free again after a delete.
	if _, err := env.update(t, org.GetId(), &orgv1.UpdateOrganization{ExternalId: new("before")}); err != nil {
		t.Error(err)
	}
	if err := env.delete(t, org.GetId()); err != nil {
		t.Error(err)
	}
	env.create(t, "Again", func(o *orgv1.CreateOrganization) { o.ExternalId = new("before") })
}

func TestMergedMetadataObeysTheLimit(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Quirks: emulator.Quirks{MetadataMerges: true}})
	org := env.full(t)
	added := map[string]string{}
	for i := range 10 {
		added[fmt.Sprintf("key%d", i)] = "v"
	}
	_, err := env.update(t, org.GetId(), &orgv1.UpdateOrganization{Metadata: added})
	wantViolation(t, err, "organization.metadata", "map.max_pairs")
}

func TestExternalIDQuirks(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Quirks: emulator.Quirks{RejectsEmptyExternalID: true}})
	org := env.full(t)
	_, err := env.update(t, org.GetId(), &orgv1.UpdateOrganization{ExternalId: new("")})
	wantViolation(t, err, "organization.external_id", "string.min_len")
	_, err = env.tryCreate(t, "Acme", func(o *orgv1.CreateOrganization) { o.ExternalId = new("") })
	wantViolation(t, err, "organization.external_id", "string.min_len")

	plain := start(t, emulator.Options{})
	created := plain.create(t, "Acme", func(o *orgv1.CreateOrganization) { o.ExternalId = new("") })
	if created.ExternalId != nil {
		t.Errorf("external id %q, want none", created.GetExternalId())
	}
	plain.create(t, "Acme", func(o *orgv1.CreateOrganization) { o.ExternalId = new("") })
}

func TestGeneratedSlugs(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Quirks: emulator.Quirks{GeneratesSlug: true}})
	for name, want := range map[string]string{
		"Acme & Sons, Inc.":      "acme-sons-inc",
		"ÄÖ":                     "org",
		strings.Repeat("a-", 40): strings.TrimRight(strings.Repeat("a-", 28)[:55], "-"),
	} {
		if got := env.create(t, name).GetSlug(); got != want {
			t.Errorf("slug of %q is %q, want %q", name, got, want)
		}
	}
	if got := env.create(t, "acme sons inc").GetSlug(); got != "acme-sons-inc-2" {
		t.Errorf("slug %q, want a second one", got)
	}
	chosen := env.create(t, "Acme", func(o *orgv1.CreateOrganization) { o.Slug = new("chosen") })
	if chosen.GetSlug() != "chosen" {
		t.Errorf("slug %q, want the chosen one", chosen.GetSlug())
	}
}

func TestDeleteOrganization(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	empty := env.Counts()
	org := env.full(t)
	if _, err := env.GeneratePortalLink(t.Context(),
		connect.NewRequest(&orgv1.GeneratePortalLinkRequest{Id: org.GetId()})); err != nil {
		t.Fatal(err)
	}
	if _, err := env.customPolicy(t, org.GetId(), 480, commonsv1.TimeUnit_MINUTES); err != nil {
		t.Fatal(err)
	}
	if _, err := env.setMaxUsers(t, org.GetId(), new(int32(3))); err != nil {
		t.Fatal(err)
	}
	if err := env.delete(t, org.GetId()); err != nil {
		t.Fatal(err)
	}
	for kind, count := range env.Counts() {
		if count != empty[kind] {
			t.Errorf("%d %s are left, want %d", count, kind, empty[kind])
		}
	}
	wantError(t, env.delete(t, org.GetId()), connect.CodeNotFound, "NOT_FOUND")

	second := env.full(t)
	if _, err := env.DeleteOrganization(t.Context(), connect.NewRequest(&orgv1.DeleteOrganizationRequest{
		Identities: &orgv1.DeleteOrganizationRequest_ExternalId{ExternalId: second.GetExternalId()},
	})); err != nil {
		t.Error(err)
	}
}

func TestConcurrentCreates(t *testing.T) {
	t.Parallel()
	clock := newClock() // It stands still, so that ids must not depend on it alone.
	env := start(t, emulator.Options{Now: clock.Now})
	const goroutines, each = 16, 25
	var group sync.WaitGroup
	var created, refused sync.Map
	for worker := range goroutines {
		group.Go(func() {
			for i := range each {
				org, err := env.tryCreate(t, fmt.Sprintf("Org %d/%d", worker, i))
				if err != nil {
					t.Error(err)
					return
				}
				if _, twice := created.LoadOrStore(org.GetId(), true); twice {
					t.Errorf("id %s is there twice", org.GetId())
				}
			}
			// All want the same external id: one gets it.
			if _, err := env.tryCreate(t, "Same", func(o *orgv1.CreateOrganization) { o.ExternalId = new("same") }); err != nil {
				refused.Store(worker, true)
			}
		})
	}
	group.Wait()
	count := 0
	refused.Range(func(any, any) bool { count++; return true })
	if want := goroutines - 1; count != want {
		t.Errorf("%d creates with the same external id were refused, want %d", count, want)
	}
	if got, want := env.Counts()["organizations"], goroutines*each+1; got != want {
		t.Errorf("%d organizations, want %d", got, want)
	}
}
