package emulator_test

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	domainsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/domains"
	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func newDomain(organizationID, name string, kind domainsv1.DomainType) *domainsv1.CreateDomainRequest {
	return &domainsv1.CreateDomainRequest{
		Identities: &domainsv1.CreateDomainRequest_OrganizationId{OrganizationId: organizationID},
		Domain:     &domainsv1.CreateDomain{Domain: name, DomainType: kind},
	}
}

func getDomain(organizationID, id string) *domainsv1.GetDomainRequest {
	return &domainsv1.GetDomainRequest{
		Identities: &domainsv1.GetDomainRequest_OrganizationId{OrganizationId: organizationID}, Id: id,
	}
}

func deleteDomain(organizationID, id string) *domainsv1.DeleteDomainRequest {
	return &domainsv1.DeleteDomainRequest{
		Identities: &domainsv1.DeleteDomainRequest_OrganizationId{OrganizationId: organizationID}, Id: id,
	}
}

func verifyDomain(organizationID, id string) *domainsv1.VerifyDomainRequest {
	return &domainsv1.VerifyDomainRequest{
		Identities: &domainsv1.VerifyDomainRequest_OrganizationId{OrganizationId: organizationID}, Id: id,
	}
}

func listDomains(organizationID string) *domainsv1.ListDomainRequest {
	return &domainsv1.ListDomainRequest{
		Identities: &domainsv1.ListDomainRequest_OrganizationId{OrganizationId: organizationID},
	}
}

func TestCreateDomain(t *testing.T) {
	t.Parallel()
	clock := newClock()
	env := startPlatform(t, emulator.Options{Now: clock.Now})
	org := env.create(t, "Acme", func(o *orgv1.CreateOrganization) { o.ExternalId = new("acme") }).GetId()

	got := must(t, env.domains.CreateDomain, newDomain(org, "Acme.Example", 0)).GetDomain()
	want := proto.CloneOf(got)
	want.Domain = "acme.example"
	want.OrganizationId = org
	want.DomainType = domainsv1.DomainType_ORGANIZATION_DOMAIN
	want.VerificationMethod = domainsv1.VerificationMethod_ADMIN
	want.VerificationStatus = domainsv1.VerificationStatus_AUTO_VERIFIED
	want.TxtRecordKey = "scalekit-verify-" + got.GetId()
	if !proto.Equal(got, want) || !strings.HasPrefix(got.GetId(), "dom_") || !strings.HasPrefix(got.GetEnvironmentId(), "env_") {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if secret, err := hex.DecodeString(got.GetTxtRecordSecret()); err != nil || len(secret) == 0 {
		t.Errorf("secret %q is not hex", got.GetTxtRecordSecret())
	}
	if !got.GetCreateTime().AsTime().Equal(clock.Now()) || !proto.Equal(got.GetCreateTime(), got.GetUpdateTime()) {
		t.Errorf("created %v, updated %v", got.GetCreateTime().AsTime(), got.GetUpdateTime().AsTime())
	}
	if read := must(t, env.domains.GetDomain, getDomain(org, got.GetId())).GetDomain(); !proto.Equal(read, got) {
		t.Errorf("read %v\nwant %v", read, got)
	}
	updated := must(t, env.domains.UpdateDomain, &domainsv1.UpdateDomainRequest{
		Identities: &domainsv1.UpdateDomainRequest_OrganizationId{OrganizationId: org},
		Id:         got.GetId(), Domain: &domainsv1.UpdateDomain{},
	}).GetDomain()
	if !proto.Equal(updated, got) {
		t.Errorf("an update changed %v\nto %v", got, updated)
	}
	if !must(t, env.domains.VerifyDomain, verifyDomain(org, got.GetId())).GetVerified() {
		t.Error("not verified")
	}

	allowed := must(t, env.domains.CreateDomain, &domainsv1.CreateDomainRequest{
		Identities: &domainsv1.CreateDomainRequest_ExternalId{ExternalId: "acme"},
		Domain: &domainsv1.CreateDomain{
			Domain: "mail.acme.test", DomainType: domainsv1.DomainType_ALLOWED_EMAIL_DOMAIN,
		},
	}).GetDomain()
	if allowed.GetOrganizationId() != org || allowed.GetTxtRecordKey() != "" ||
		allowed.GetVerificationMethod() != domainsv1.VerificationMethod_NOT_APPLICABLE {
		t.Errorf("got %v", allowed)
	}
	byExternal := must(t, env.domains.GetDomain, &domainsv1.GetDomainRequest{
		Identities: &domainsv1.GetDomainRequest_ExternalId{ExternalId: "acme"}, Id: allowed.GetId(),
	}).GetDomain()
	if !proto.Equal(byExternal, allowed) {
		t.Errorf("by external id %v\nwant %v", byExternal, allowed)
	}
}

func TestCreateDomainRefused(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	other := env.create(t, "Other").GetId()
	must(t, env.domains.CreateDomain, newDomain(org, "taken.example", 0))
	const field = "domain.domain"
	for name, constraint := range map[string]string{
		"":                                   "required",
		"a.b":                                "string.min_len",
		strings.Repeat("a.", 128) + "co":     "string.max_len",
		"localhost":                          "string.hostname",
		"two words.example":                  "string.hostname",
		"-acme.example":                      "string.hostname",
		"acme..example":                      "string.hostname",
		"acme.example.":                      "string.hostname",
		"user@acme.example":                  "string.hostname",
		strings.Repeat("a", 64) + ".example": "string.hostname",
		"gmail.com":                          "domain.public",
		"Yahoo.COM":                          "domain.public",
		"mailinator.com":                     "domain.public",
	} {
		wantViolation(t, refused(t, env.domains.CreateDomain, newDomain(org, name, 0)), field, constraint)
	}
	for _, good := range []string{"sub.acme.example", "acme.test", "123.example", "xn--bcher-kva.example", "mail.gmail.com"} {
		must(t, env.domains.CreateDomain, newDomain(org, good, 0))
	}
	wantInvalid(t, "already exists", env.domains.CreateDomain, newDomain(org, "TAKEN.example", 0))
	wantInvalid(t, "already exists", env.domains.CreateDomain, newDomain(other, "taken.example", 0))
	wantInvalid(t, "already exists", env.domains.CreateDomain,
		newDomain(org, "taken.example", domainsv1.DomainType_ALLOWED_EMAIL_DOMAIN))
	wantViolation(t, refused(t, env.domains.CreateDomain, newDomain(org, "acme.example", 9)), "domain.domain_type", "enum.defined_only")

	request := newDomain(org, "acme.example", 0)
	request.Domain = nil
	wantViolation(t, refused(t, env.domains.CreateDomain, request), "domain", "required")
	request = newDomain(org, "acme.example", 0)
	request.Identities = nil
	wantViolation(t, refused(t, env.domains.CreateDomain, request), "organization_id", "required")
	wantNotFound(t, env.domains.CreateDomain, newDomain("org_1", "acme.example", 0))
	request.Identities = &domainsv1.CreateDomainRequest_ExternalId{ExternalId: "nobody"}
	wantNotFound(t, env.domains.CreateDomain, request)
}

func TestDomainNotFound(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	other := env.create(t, "Other").GetId()
	id := must(t, env.domains.CreateDomain, newDomain(org, "acme.example", 0)).GetDomain().GetId()
	for _, where := range [][2]string{{org, "dom_1"}, {other, id}, {"org_1", id}} {
		wantNotFound(t, env.domains.GetDomain, getDomain(where[0], where[1]))
		wantNotFound(t, env.domains.DeleteDomain, deleteDomain(where[0], where[1]))
		wantNotFound(t, env.domains.VerifyDomain, verifyDomain(where[0], where[1]))
		wantNotFound(t, env.domains.UpdateDomain, &domainsv1.UpdateDomainRequest{
			Identities: &domainsv1.UpdateDomainRequest_OrganizationId{OrganizationId: where[0]}, Id: where[1],
		})
	}
	wantNotFound(t, env.domains.ListDomains, listDomains("org_1"))
	wantViolation(t, refused(t, env.domains.VerifyDomain, verifyDomain(org, "acme")), "id", "string.prefix")

	must(t, env.domains.DeleteDomain, deleteDomain(org, id))
	wantNotFound(t, env.domains.DeleteDomain, deleteDomain(org, id))
	must(t, env.domains.CreateDomain, newDomain(other, "acme.example", 0)) // It is free again.

	before := env.Counts()["domains"]
	if err := env.delete(t, other); err != nil {
		t.Fatal(err)
	}
	if after := env.Counts()["domains"]; before != 1 || after != 0 {
		t.Errorf("%d domains, then %d; want the organization's gone with it", before, after)
	}
}

func TestListDomains(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects, size int
		pages         []int32
	}{
		{objects: 0, pages: []int32{0}},
		{objects: 1, pages: []int32{1, 0}},
		{objects: 30, pages: []int32{30, 0}}, // The default page is 30.
		{objects: 31, pages: []int32{30, 1, 0}},
		{objects: 3, size: 1, pages: []int32{1, 1, 1, 0}},
		{objects: 1000, size: 5000, pages: []int32{100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 0}},
	} {
		t.Run(fmt.Sprintf("%d by %d", test.objects, test.size), func(t *testing.T) {
			t.Parallel()
			seed := emulator.SeedOrganization{DisplayName: "Acme", ExternalID: "acme"}
			var want []string
			for i := range test.objects {
				name := fmt.Sprintf("d%d.example", i)
				seed.Domains = append(seed.Domains, emulator.SeedDomain{Domain: name})
				want = append(want, name)
			}
			slices.Reverse(want)
			env := startPlatform(t, emulator.Options{Seed: &emulator.Seed{Organizations: []emulator.SeedOrganization{seed}}})
			var got []string
			for number, size := range test.pages {
				request := &domainsv1.ListDomainRequest{
					Identities: &domainsv1.ListDomainRequest_ExternalId{ExternalId: "acme"},
					PageNumber: wrapperspb.Int32(int32(number)),
				}
				if test.size != 0 {
					request.PageSize = wrapperspb.Int32(int32(test.size))
				}
				page := must(t, env.domains.ListDomains, request)
				if len(page.GetDomains()) != int(size) || page.GetPageSize() != size || page.GetPageNumber() != int32(number) {
					t.Errorf("page %d: %d domains, page_size %d, page_number %d; want %d",
						number, len(page.GetDomains()), page.GetPageSize(), page.GetPageNumber(), size)
				}
				for _, domain := range page.GetDomains() {
					got = append(got, domain.GetDomain())
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestListDomainsFilter(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{})
	org := env.create(t, "Acme").GetId()
	must(t, env.domains.CreateDomain, newDomain(org, "a.example", 0))
	must(t, env.domains.CreateDomain, newDomain(org, "b.example", domainsv1.DomainType_ALLOWED_EMAIL_DOMAIN))
	must(t, env.domains.CreateDomain, newDomain(env.create(t, "Other").GetId(), "c.example", 0))
	for kind, want := range map[domainsv1.DomainType]int{0: 2, 1: 1, 2: 1} {
		request := listDomains(org)
		request.DomainType = kind
		if got := must(t, env.domains.ListDomains, request).GetDomains(); len(got) != want {
			t.Errorf("%v: %v, want %d", kind, got, want)
		}
	}
	request := listDomains(org)
	request.PageSize = wrapperspb.Int32(-1)
	wantViolation(t, refused(t, env.domains.ListDomains, request), "page_size", "int32.gte")
	request.PageSize, request.PageNumber = nil, wrapperspb.Int32(-1)
	wantViolation(t, refused(t, env.domains.ListDomains, request), "page_number", "int32.gte")
	request.PageNumber = wrapperspb.Int32(1<<31 - 1)
	if got := must(t, env.domains.ListDomains, request).GetDomains(); len(got) != 0 {
		t.Errorf("the last page has %v", got)
	}
}

func TestDomainQuirks(t *testing.T) {
	t.Parallel()
	env := startPlatform(t, emulator.Options{Quirks: emulator.Quirks{DomainsVerified: true, DomainsUniquePerOrganization: true}})
	first, second := env.create(t, "First").GetId(), env.create(t, "Second").GetId()
	got := must(t, env.domains.CreateDomain, newDomain(first, "acme.example", 0)).GetDomain()
	if got.GetVerificationStatus() != domainsv1.VerificationStatus_VERIFIED {
		t.Errorf("status %v, want VERIFIED", got.GetVerificationStatus())
	}
	must(t, env.domains.CreateDomain, newDomain(second, "acme.example", 0))
	wantInvalid(t, "already exists", env.domains.CreateDomain, newDomain(first, "acme.example", 0))

	env = startPlatform(t, emulator.Options{Quirks: emulator.Quirks{KeepsDomainCase: true}})
	first = env.create(t, "First").GetId()
	for _, name := range []string{"Acme.example", "acme.example"} {
		if got := must(t, env.domains.CreateDomain, newDomain(first, name, 0)).GetDomain(); got.GetDomain() != name {
			t.Errorf("domain %q, want %q", got.GetDomain(), name)
		}
	}
	wantInvalid(t, "public", env.domains.CreateDomain, newDomain(first, "Gmail.com", 0))
}

func TestConcurrentDomains(t *testing.T) {
	t.Parallel()
	options := emulator.Options{StateFile: filepath.Join(t.TempDir(), "state.json")}
	env := startPlatform(t, options)
	orgs := []string{env.create(t, "First").GetId(), env.create(t, "Second").GetId()}
	var group sync.WaitGroup
	var created atomic.Int32
	for worker := range 8 {
		group.Go(func() {
			for i := range 10 { // Pairs of workers want the same domains.
				name := fmt.Sprintf("d%d-%d.example", worker/2, i)
				if _, err := ask(t, env.domains.CreateDomain, newDomain(orgs[worker%2], name, 0)); err == nil {
					created.Add(1)
				}
			}
		})
	}
	group.Wait()
	if created.Load() != 40 || env.Counts()["domains"] != 40 {
		t.Errorf("%d created, %v; want 40", created.Load(), env.Counts())
	}

	again := startPlatform(t, options)
	for _, org := range orgs {
		before := must(t, env.domains.ListDomains, listDomains(org))
		if after := must(t, again.domains.ListDomains, listDomains(org)); !proto.Equal(before, after) {
			t.Errorf("after a restart %v\nwant %v", after, before)
		}
	}
}
