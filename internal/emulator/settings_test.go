package emulator_test

import (
	"regexp"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	commonsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/commons"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func TestFeatures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks emulator.Quirks
		steps  []map[string]bool
		fresh  string
		want   string
	}{
		"merge by name": {
			fresh: "+sso -dir_sync",
			steps: []map[string]bool{{"sso": true, "dir_sync": true}, {"dir_sync": false}, {}},
			want:  "+sso -dir_sync",
		},
		"replace": {
			quirks: emulator.Quirks{FeaturesReplace: true},
			fresh:  "+sso -dir_sync",
			steps:  []map[string]bool{{"sso": true, "dir_sync": true}, {"session_policy": true}},
			want:   "+session_policy",
		},
		"scim": {
			quirks: emulator.Quirks{ScimFeatureName: true},
			fresh:  "+sso -scim",
			steps:  []map[string]bool{{"scim": true}},
			want:   "+sso +scim",
		},
		"no fresh features": {
			quirks: emulator.Quirks{NoFreshFeatures: true},
			steps:  []map[string]bool{{"dir_sync": true}},
			want:   "+dir_sync",
		},
		"fresh features listed": {
			quirks: emulator.Quirks{FreshFeaturesListed: true},
			fresh:  "-sso -dir_sync -domain_verification -session_policy",
			steps:  []map[string]bool{{"sso": true}},
			want:   "+sso -dir_sync -domain_verification -session_policy",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{Quirks: test.quirks})
			org := env.create(t, "Acme")
			if got := features(org); got != test.fresh {
				t.Errorf("fresh: %q, want %q", got, test.fresh)
			}
			for _, step := range test.steps {
				var err error
				if org, err = env.setFeatures(t, org.GetId(), step); err != nil {
					t.Fatal(err)
				}
			}
			if got := features(org); got != test.want {
				t.Errorf("features %q, want %q", got, test.want)
			}
			if read := env.read(t, org.GetId()); !proto.Equal(read, org) {
				t.Errorf("read %v\nwant %v", read, org)
			}
		})
	}
}

func TestFeaturesRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	org := env.create(t, "Acme")
	for _, name := range []string{"scim", "directory_sync", "", "SSO"} {
		_, err := env.setFeatures(t, org.GetId(), map[string]bool{name: true})
		wantViolation(t, err, "settings.features[0].name", "string.in")
	}
	_, err := env.UpdateOrganizationSettings(t.Context(), connect.NewRequest(&orgv1.UpdateOrganizationSettingsRequest{
		Id: org.GetId(),
		Settings: &orgv1.OrganizationSettings{Features: []*orgv1.OrganizationSettingsFeature{
			{Name: "sso", Enabled: true}, {Name: "sso"},
		}},
	}))
	wantViolation(t, err, "settings.features[1].name", "repeated.unique")
	_, err = env.UpdateOrganizationSettings(t.Context(),
		connect.NewRequest(&orgv1.UpdateOrganizationSettingsRequest{Id: org.GetId()}))
	wantViolation(t, err, "settings", "required")
	if got := features(env.read(t, org.GetId())); got != "+sso -dir_sync" {
		t.Errorf("refused features left %q", got)
	}
	scim := start(t, emulator.Options{Quirks: emulator.Quirks{ScimFeatureName: true}})
	_, err = scim.setFeatures(t, scim.create(t, "Acme").GetId(), map[string]bool{"dir_sync": true})
	wantViolation(t, err, "settings.features[0].name", "string.in")
}

func (env *environment) setPolicy(
	t *testing.T, req *orgv1.UpdateOrganizationSessionPolicyRequest,
) (*orgv1.OrganizationSessionPolicySettings, error) {
	t.Helper()
	reply, err := env.UpdateOrganizationSessionPolicy(t.Context(), connect.NewRequest(req))
	if err != nil {
		return nil, err
	}
	read, err := env.GetOrganizationSessionPolicy(t.Context(),
		connect.NewRequest(&orgv1.GetOrganizationSessionPolicyRequest{OrganizationId: req.GetOrganizationId()}))
	if err != nil || !proto.Equal(read.Msg.GetPolicy(), reply.Msg.GetPolicy()) {
		t.Errorf("read %v (%v)\nwant %v", read, err, reply.Msg.GetPolicy())
	}
	return reply.Msg.GetPolicy(), nil
}

func (env *environment) customPolicy(
	t *testing.T, id string, absolute int32, unit commonsv1.TimeUnit,
) (*orgv1.OrganizationSessionPolicySettings, error) {
	t.Helper()
	return env.setPolicy(t, &orgv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId:             id,
		PolicySource:               orgv1.SessionPolicyType_CUSTOM,
		AbsoluteSessionTimeout:     wrapperspb.Int32(absolute),
		AbsoluteSessionTimeoutUnit: unit.Enum(),
	})
}

func TestSessionPolicy(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	id := env.create(t, "Acme").GetId()

	fresh, err := env.GetOrganizationSessionPolicy(t.Context(),
		connect.NewRequest(&orgv1.GetOrganizationSessionPolicyRequest{OrganizationId: id}))
	application := &orgv1.OrganizationSessionPolicySettings{PolicySource: orgv1.SessionPolicyType_APPLICATION}
	if err != nil || !proto.Equal(fresh.Msg.GetPolicy(), application) {
		t.Fatalf("fresh policy %v (%v), want the application's", fresh, err)
	}

	got, err := env.setPolicy(t, &orgv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId:             id,
		PolicySource:               orgv1.SessionPolicyType_CUSTOM,
		AbsoluteSessionTimeout:     wrapperspb.Int32(8),
		AbsoluteSessionTimeoutUnit: commonsv1.TimeUnit_HOURS.Enum(),
		IdleSessionTimeout:         wrapperspb.Int32(30),
		IdleSessionTimeoutEnabled:  wrapperspb.Bool(true),
	})
	want := &orgv1.OrganizationSessionPolicySettings{
		PolicySource:               orgv1.SessionPolicyType_CUSTOM,
		AbsoluteSessionTimeout:     wrapperspb.Int32(480),
		AbsoluteSessionTimeoutUnit: commonsv1.TimeUnit_MINUTES.Enum(),
		IdleSessionTimeout:         wrapperspb.Int32(30),
		IdleSessionTimeoutUnit:     commonsv1.TimeUnit_MINUTES.Enum(),
		IdleSessionTimeoutEnabled:  wrapperspb.Bool(true),
	}
	if err != nil || !proto.Equal(got, want) {
		t.Fatalf("got  %v (%v)\nwant %v", got, err, want)
	}

	got, err = env.customPolicy(t, id, 2, commonsv1.TimeUnit_DAYS)
	want.AbsoluteSessionTimeout = wrapperspb.Int32(2880)
	if err != nil || !proto.Equal(got, want) {
		t.Errorf("what is not sent stays: got %v (%v)\nwant %v", got, err, want)
	}

	got, err = env.setPolicy(t, &orgv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId: id, PolicySource: orgv1.SessionPolicyType_APPLICATION,
		AbsoluteSessionTimeout: wrapperspb.Int32(60),
	})
	if err != nil || !proto.Equal(got, application) {
		t.Errorf("APPLICATION drops the timeouts: got %v (%v)", got, err)
	}
}

func TestSessionPolicyRefused(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	id := env.create(t, "Acme").GetId()
	minutes := wrapperspb.Int32
	for name, test := range map[string]struct {
		req               *orgv1.UpdateOrganizationSessionPolicyRequest
		field, constraint string
	}{
		"no absolute": {&orgv1.UpdateOrganizationSessionPolicyRequest{IdleSessionTimeout: minutes(30)}, "absolute_session_timeout", "required"},
		"idle without a value": {&orgv1.UpdateOrganizationSessionPolicyRequest{
			AbsoluteSessionTimeout: minutes(60), IdleSessionTimeoutEnabled: wrapperspb.Bool(true),
		}, "idle_session_timeout", "required"},
		"idle not below absolute": {&orgv1.UpdateOrganizationSessionPolicyRequest{
			AbsoluteSessionTimeout: minutes(60), IdleSessionTimeout: minutes(60),
		}, "absolute_session_timeout", "session_policy.order"},
		"idle not above the token": {&orgv1.UpdateOrganizationSessionPolicyRequest{
			AbsoluteSessionTimeout: minutes(60), IdleSessionTimeout: minutes(5),
		}, "idle_session_timeout", "session_policy.order"},
		"absolute not above the token": {&orgv1.UpdateOrganizationSessionPolicyRequest{
			AbsoluteSessionTimeout: minutes(5),
		}, "absolute_session_timeout", "session_policy.order"},
		"too long": {&orgv1.UpdateOrganizationSessionPolicyRequest{
			AbsoluteSessionTimeout: minutes(366), AbsoluteSessionTimeoutUnit: commonsv1.TimeUnit_DAYS.Enum(),
		}, "absolute_session_timeout", "int32.gte_lte"},
		"no such unit": {&orgv1.UpdateOrganizationSessionPolicyRequest{
			AbsoluteSessionTimeout: minutes(60), AbsoluteSessionTimeoutUnit: commonsv1.TimeUnit(9).Enum(),
		}, "absolute_session_timeout_unit", "enum.defined_only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := test.req
			req.OrganizationId, req.PolicySource = id, orgv1.SessionPolicyType_CUSTOM
			_, err := env.setPolicy(t, req)
			wantViolation(t, err, test.field, test.constraint)
		})
	}
	_, err := env.setPolicy(t, &orgv1.UpdateOrganizationSessionPolicyRequest{OrganizationId: id})
	wantViolation(t, err, "policy_source", "enum.not_in")
	_, err = env.setPolicy(t, &orgv1.UpdateOrganizationSessionPolicyRequest{OrganizationId: "dir_1"})
	wantViolation(t, err, "organization_id", "string.prefix")
}

func TestSessionPolicyQuirks(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Quirks: emulator.Quirks{SessionPolicyNeedsFeature: true, SessionPolicyReplaces: true}})
	id := env.create(t, "Acme").GetId()
	_, err := env.customPolicy(t, id, 8, commonsv1.TimeUnit_HOURS)
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if _, err := env.setFeatures(t, id, map[string]bool{"session_policy": true}); err != nil {
		t.Fatal(err)
	}
	if _, err := env.setPolicy(t, &orgv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId: id, PolicySource: orgv1.SessionPolicyType_CUSTOM,
		AbsoluteSessionTimeout: wrapperspb.Int32(60), IdleSessionTimeout: wrapperspb.Int32(30),
	}); err != nil {
		t.Fatal(err)
	}
	got, err := env.customPolicy(t, id, 90, commonsv1.TimeUnit_MINUTES)
	if err != nil || got.GetIdleSessionTimeout() != nil {
		t.Errorf("got %v (%v), want no idle timeout", got, err)
	}

	lax := start(t, emulator.Options{Quirks: emulator.Quirks{ZeroIdleTimeout: true, DisabledIdleTimeoutIsFree: true}})
	id = lax.create(t, "Acme").GetId()
	if got, err := lax.customPolicy(t, id, 8, commonsv1.TimeUnit_HOURS); err != nil || got.GetIdleSessionTimeout() == nil || got.GetIdleSessionTimeout().GetValue() != 0 {
		t.Errorf("got %v (%v), want an idle timeout of 0", got, err)
	}
	long := &orgv1.UpdateOrganizationSessionPolicyRequest{
		OrganizationId: id, PolicySource: orgv1.SessionPolicyType_CUSTOM, IdleSessionTimeout: wrapperspb.Int32(9 * 60),
	}
	if got, err := lax.setPolicy(t, long); err != nil || got.GetIdleSessionTimeout().GetValue() != 9*60 {
		t.Errorf("got %v (%v), want a long idle timeout", got, err)
	}
	long.IdleSessionTimeoutEnabled = wrapperspb.Bool(true)
	_, err = lax.setPolicy(t, long)
	wantViolation(t, err, "absolute_session_timeout", "session_policy.order")
}

func TestApplicationSessionPolicy(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	reply, err := env.GetApplicationSessionPolicy(t.Context(), connect.NewRequest(
		&orgv1.GetApplicationSessionPolicyRequest{OrganizationId: env.create(t, "Acme").GetId()}))
	if err != nil {
		t.Fatal(err)
	}
	policy := reply.Msg.GetApplicationPolicy()
	if policy.GetAccessTokenExpiry() != 5 || policy.GetAbsoluteSessionTimeout() <= policy.GetIdleSessionTimeout() {
		t.Errorf("policy %v breaks its own rules", policy)
	}
}

func (env *environment) setMaxUsers(t *testing.T, id string, most *int32) (*wrapperspb.Int32Value, error) {
	t.Helper()
	settings := &orgv1.OrganizationUserManagementSettings{}
	if most != nil {
		settings.MaxAllowedUsers = wrapperspb.Int32(*most)
	}
	reply, err := env.UpsertUserManagementSettings(t.Context(), connect.NewRequest(
		&orgv1.UpsertUserManagementSettingsRequest{OrganizationId: id, Settings: settings}))
	if err != nil {
		return nil, err
	}
	read, err := env.GetOrganizationUserManagementSetting(t.Context(), connect.NewRequest(
		&orgv1.GetOrganizationUserManagementSettingsRequest{OrganizationId: id}))
	if err != nil || !proto.Equal(read.Msg.GetSettings(), reply.Msg.GetSettings()) {
		t.Errorf("read %v (%v), want %v", read, err, reply.Msg.GetSettings())
	}
	return reply.Msg.GetSettings().GetMaxAllowedUsers(), nil
}

func TestUserManagement(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	id := env.create(t, "Acme").GetId()
	fresh, err := env.GetOrganizationUserManagementSetting(t.Context(), connect.NewRequest(
		&orgv1.GetOrganizationUserManagementSettingsRequest{OrganizationId: id}))
	if err != nil || fresh.Msg.GetSettings() == nil || fresh.Msg.GetSettings().GetMaxAllowedUsers() != nil {
		t.Fatalf("fresh settings %v (%v), want empty ones", fresh, err)
	}
	for _, most := range []*int32{new(int32(25)), new(int32(0)), nil} {
		got, err := env.setMaxUsers(t, id, most)
		switch {
		case err != nil:
			t.Error(err)
		case (got == nil) != (most == nil) || most != nil && got.GetValue() != *most:
			t.Errorf("got %v, want %v", got, most)
		}
	}
	_, err = env.setMaxUsers(t, id, new(int32(-1)))
	wantViolation(t, err, "settings.max_allowed_users", "int32.gte")
}

func (env *environment) link(t *testing.T, req *orgv1.GeneratePortalLinkRequest) (*orgv1.Link, error) {
	t.Helper()
	reply, err := env.GeneratePortalLink(t.Context(), connect.NewRequest(req))
	if err != nil {
		return nil, err
	}
	return reply.Msg.GetLink(), nil
}

func TestPortalLinks(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := start(t, emulator.Options{Now: clock.Now})
	id := env.create(t, "Acme").GetId()

	link, err := env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(link.GetId()) {
		t.Errorf("id %q is not a UUID", link.GetId())
	}
	if want := env.URL() + "/magicLink/" + link.GetId(); link.GetLocation() != want {
		t.Errorf("location %q, want %q", link.GetLocation(), want)
	}
	if want := clock.Now().Add(time.Minute); !link.GetExpireTime().AsTime().Equal(want) {
		t.Errorf("expires %v, want %v", link.GetExpireTime().AsTime(), want)
	}

	_, err = env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id, Features: []orgv1.Feature{orgv1.Feature_dir_sync}})
	wantViolation(t, err, "features[0]", "feature.enabled")
	if _, err = env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id, Features: []orgv1.Feature{orgv1.Feature_sso}}); err != nil {
		t.Error(err)
	}
	_, err = env.link(t, &orgv1.GeneratePortalLinkRequest{
		Id: id, Features: []orgv1.Feature{orgv1.Feature_sso, orgv1.Feature_dir_sync},
	})
	wantViolation(t, err, "features[1]", "feature.enabled")
	_, err = env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id, Features: []orgv1.Feature{0}})
	wantViolation(t, err, "features[0]", "enum.defined_only")
	_, err = env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id, DirectorySync: new(true)})
	wantViolation(t, err, "features[0]", "feature.enabled")

	clock.advance(2 * time.Minute)
	if _, err := env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id}); err != nil {
		t.Error(err)
	}
	if count := env.Counts()["portal_links"]; count != 1 {
		t.Errorf("%d links, want 1: expired ones go", count)
	}
}

func TestPortalLinkNeedsFeature(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Quirks: emulator.Quirks{PortalLinkNeedsFeature: true, NoFreshFeatures: true}})
	id := env.create(t, "Acme").GetId()
	_, err := env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id})
	wantError(t, err, connect.CodeInvalidArgument, "INVALID_ARGUMENT")
	if _, err := env.setFeatures(t, id, map[string]bool{"dir_sync": true}); err != nil {
		t.Fatal(err)
	}
	if _, err := env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id}); err != nil {
		t.Error(err)
	}
}

func TestDeletePortalLink(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{Quirks: emulator.Quirks{PrefixedLinkIDs: true}})
	id, other := env.create(t, "Acme").GetId(), env.create(t, "Other").GetId()
	link, err := env.link(t, &orgv1.GeneratePortalLinkRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	remove := func(org, link string) error {
		_, err := env.DeletePortalLinkByID(t.Context(),
			connect.NewRequest(&orgv1.DeletePortalLinkByIdRequest{Id: org, LinkId: link}))
		return err
	}
	wantError(t, remove(other, link.GetId()), connect.CodeNotFound, "NOT_FOUND")
	if err := remove(id, link.GetId()); err != nil {
		t.Error(err)
	}
	wantError(t, remove(id, link.GetId()), connect.CodeNotFound, "NOT_FOUND")
	wantViolation(t, remove(id, "7c6f4f7e-3a52-4c57-9f0e-0a4a4d3a1b11"), "link_id", "string.prefix")
}
