package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	rolesv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/roles"
)

func newPermission(name, description string) *rolesv1.CreatePermissionRequest {
	return &rolesv1.CreatePermissionRequest{Permission: &rolesv1.CreatePermission{Name: name, Description: description}}
}

func updatePermission(name, newName, description string) *rolesv1.UpdatePermissionRequest {
	return &rolesv1.UpdatePermissionRequest{
		PermissionName: name, Permission: &rolesv1.CreatePermission{Name: newName, Description: description},
	}
}

func TestPermission(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := startPlatform(t, emulator.Options{Now: clock.Now})
	got := must(t, env.roles.CreatePermission, newPermission("billing:read", "Reads bills")).GetPermission()
	want := proto.CloneOf(got)
	want.Name, want.Description, want.IsScalekitPermission = "billing:read", "Reads bills", false
	if !proto.Equal(got, want) || !strings.HasPrefix(got.GetId(), "perm_") || got.GetCreateTime() == nil {
		t.Errorf("got %v", got)
	}
	read := &rolesv1.GetPermissionRequest{PermissionName: "billing:read"}
	if read := must(t, env.roles.GetPermission, read).GetPermission(); !proto.Equal(read, got) {
		t.Errorf("read %v\nwant %v", read, got)
	}

	clock.advance(time.Minute)
	for _, description := range []string{"Other", ""} {
		updated := must(t, env.roles.UpdatePermission, updatePermission("billing:read", "billing:read", description)).GetPermission()
		if updated.GetDescription() != description || !updated.GetUpdateTime().AsTime().Equal(clock.Now()) ||
			!proto.Equal(updated.GetCreateTime(), got.GetCreateTime()) {
			t.Errorf("got %v", updated)
		}
	}
	wantViolation(t, refused(t, env.roles.UpdatePermission, updatePermission("billing:read", "billing:write", "")),
		"permission.name", "immutable")
	wantInvalid(t, "already exists", env.roles.CreatePermission, newPermission("billing:read", ""))
	wantViolation(t, refused(t, env.roles.CreatePermission, newPermission("billing read", "")),
		"permission.name", "permission.name.format")
	wantViolation(t, refused(t, env.roles.CreatePermission, newPermission(strings.Repeat("x", 65), "")),
		"permission.name", "string.max_len")

	for _, name := range []string{"nothing", "Billing:read"} {
		wantNotFound(t, env.roles.GetPermission, &rolesv1.GetPermissionRequest{PermissionName: name})
		wantNotFound(t, env.roles.UpdatePermission, updatePermission(name, name, ""))
		wantNotFound(t, env.roles.DeletePermission, &rolesv1.DeletePermissionRequest{PermissionName: name})
	}
	const builtIn = "sk_org_sso_read"
	wantInvalid(t, "predefined", env.roles.UpdatePermission, updatePermission(builtIn, builtIn, "Mine"))
	wantInvalid(t, "predefined", env.roles.DeletePermission, &rolesv1.DeletePermissionRequest{PermissionName: builtIn})
}

func TestDeletePermission(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		env := startPlatform(t, emulator.Options{Quirks: emulator.Quirks{KeepsUsedPermissions: keeps}})
		org := env.create(t, "Acme").GetId()
		env.permission(t, "a", "b", "unused")
		env.role(t, "engineer", "", "a", "b")
		env.orgRole(t, org, "lead", "", "a")
		must(t, env.roles.DeletePermission, &rolesv1.DeletePermissionRequest{PermissionName: "unused"})
		request := &rolesv1.DeletePermissionRequest{PermissionName: "a"}
		want := "b@engineer"
		if keeps {
			wantInvalid(t, "assigned to roles", env.roles.DeletePermission, request)
			want = "a@engineer b@engineer"
		} else {
			must(t, env.roles.DeletePermission, request)
			env.permission(t, "a") // A new one is not the old one.
		}
		if got := sources(env.readRole(t, "engineer")); got != want {
			t.Errorf("permissions %q, want %q", got, want)
		}
	}
}

func TestRolePermissions(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.permission(t, "a", "b", "c")
	env.role(t, "base", "", "a", "b")
	env.role(t, "top", "base", "b", "c")
	listed := func(name string) string {
		return permissionNames(must(t, env.roles.ListRolePermissions,
			&rolesv1.ListRolePermissionsRequest{RoleName: name}).GetPermissions())
	}
	effective := must(t, env.roles.ListEffectiveRolePermissions,
		&rolesv1.ListEffectiveRolePermissionsRequest{RoleName: "top"}).GetPermissions()
	if got := permissionNames(effective); got != "b c a" || effective[2].GetId() == "" || effective[2].GetCreateTime() == nil {
		t.Errorf("effective %v, want b, c and a in full", effective)
	}
	added := must(t, env.roles.AddPermissionsToRole, &rolesv1.AddPermissionsToRoleRequest{
		RoleName: "base", PermissionNames: []string{"c", "a", "missing"},
	}).GetPermissions()
	if got := permissionNames(added); got != "a b c" || listed("base") != got {
		t.Errorf("after adding %q, listed %q; want a b c", got, listed("base"))
	}
	remove := func(role, permission string) *rolesv1.RemovePermissionFromRoleRequest {
		return &rolesv1.RemovePermissionFromRoleRequest{RoleName: role, PermissionName: permission}
	}
	must(t, env.roles.RemovePermissionFromRole, remove("base", "b"))
	if got := listed("base"); got != "a c" {
		t.Errorf("listed %q, want a c", got)
	}
	for _, missing := range [][2]string{{"base", "b"}, {"base", "missing"}, {"top", "a"}, {"nobody", "a"}} {
		wantNotFound(t, env.roles.RemovePermissionFromRole, remove(missing[0], missing[1]))
	}
	wantNotFound(t, env.roles.ListRolePermissions, &rolesv1.ListRolePermissionsRequest{RoleName: "nobody"})
	wantNotFound(t, env.roles.ListEffectiveRolePermissions, &rolesv1.ListEffectiveRolePermissionsRequest{RoleName: "nobody"})
	wantNotFound(t, env.roles.AddPermissionsToRole, &rolesv1.AddPermissionsToRoleRequest{
		RoleName: "nobody", PermissionNames: []string{"a"},
	})
}

func TestListPermissions(t *testing.T) {
	t.Parallel()
	const environment = rolesv1.PermissionType_ENVIRONMENT
	for _, test := range []struct {
		objects int
		kind    rolesv1.PermissionType
		size    uint32
		pages   []int
	}{
		{objects: 0, kind: environment, pages: []int{0}},
		{objects: 0, kind: rolesv1.PermissionType_SCALEKIT, pages: []int{10, 2}}, // The default page is 10.
		{objects: 1, kind: environment, size: 1, pages: []int{1}},
		{objects: 1, size: 100, pages: []int{13}},
		{objects: 10, kind: environment, pages: []int{10}},
		{objects: 11, kind: environment, pages: []int{10, 1}},
		{objects: 1000, kind: environment, size: 100, pages: []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 100}},
	} {
		t.Run(fmt.Sprintf("%d %v by %d", test.objects, test.kind, test.size), func(t *testing.T) {
			t.Parallel()
			seed := &emulator.Seed{}
			for i := range test.objects {
				seed.Permissions = append(seed.Permissions, emulator.SeedPermission{Name: fmt.Sprintf("p%d", i)})
			}
			env := startPlatform(t, emulator.Options{Seed: seed})
			total := 0
			for _, size := range test.pages {
				total += size
			}
			var sizes []int
			seen := map[string]bool{}
			for token, more := "", true; more; more = token != "" {
				request := &rolesv1.ListPermissionsRequest{Type: test.kind, PageToken: &token}
				if test.size != 0 {
					request.PageSize = &test.size
				}
				page := must(t, env.roles.ListPermissions, request)
				if int(page.GetTotalSize()) != total || (page.GetPrevPageToken() == "") != (token == "") {
					t.Errorf("total_size %d, prev_page_token %q; want %d", page.GetTotalSize(), page.GetPrevPageToken(), total)
				}
				sizes = append(sizes, len(page.GetPermissions()))
				for _, permission := range page.GetPermissions() {
					seen[permission.GetName()] = true
				}
				token = page.GetNextPageToken()
			}
			if !slices.Equal(sizes, test.pages) || len(seen) != total {
				t.Errorf("pages of %v with %d permissions, want %v", sizes, len(seen), test.pages)
			}
		})
	}
	env := startPlatform(t, emulator.Options{})
	for _, size := range []uint32{0, 101} {
		wantInvalid(t, "page_size", env.roles.ListPermissions, &rolesv1.ListPermissionsRequest{PageSize: &size})
	}
	token := must(t, env.roles.ListPermissions, &rolesv1.ListPermissionsRequest{}).NextPageToken
	for _, request := range []*rolesv1.ListPermissionsRequest{
		{PageToken: new("nonsense")}, {PageToken: &token, Type: rolesv1.PermissionType_SCALEKIT},
	} {
		wantViolation(t, refused(t, env.roles.ListPermissions, request), "page_token", "page_token")
	}
}

func TestConcurrentPermissions(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	env.role(t, "engineer", "")
	var group sync.WaitGroup
	var created atomic.Int32
	for range 8 {
		group.Go(func() {
			for i := range 10 { // All want the same ten.
				name := fmt.Sprintf("p%d", i)
				if _, err := ask(t, env.roles.CreatePermission, newPermission(name, "")); err == nil {
					created.Add(1)
				}
				if _, err := ask(t, env.roles.AddPermissionsToRole, &rolesv1.AddPermissionsToRoleRequest{
					RoleName: "engineer", PermissionNames: []string{name},
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := len(env.readRole(t, "engineer").GetPermissions()); created.Load() != 10 || got != 10 {
		t.Errorf("%d created, the role has %d; want 10", created.Load(), got)
	}
}
