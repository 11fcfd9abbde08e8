package emulator_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"connectrpc.com/connect"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"

	orgv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"
)

func (env *environment) list(t *testing.T, req *orgv1.ListOrganizationsRequest) (*orgv1.ListOrganizationsResponse, error) {
	t.Helper()
	reply, err := env.ListOrganization(t.Context(), connect.NewRequest(req))
	if err != nil {
		return nil, err
	}
	return reply.Msg, nil
}

func names(orgs []*orgv1.Organization) []string {
	out := make([]string, 0, len(orgs))
	for _, org := range orgs {
		out = append(out, org.GetDisplayName())
	}
	return out
}

func TestListPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objects int
		size    uint32
		pages   []int
	}{
		{objects: 0, pages: []int{0}},
		{objects: 1, pages: []int{1}},
		{objects: 10, pages: []int{10}}, // The default page is 10.
		{objects: 11, pages: []int{10, 1}},
		{objects: 23, pages: []int{10, 10, 3}},
		{objects: 3, size: 1, pages: []int{1, 1, 1}},
		{objects: 101, size: 1000, pages: []int{100, 1}}, // A bigger page than 100 is cut.
	} {
		t.Run(fmt.Sprintf("%d by %d", test.objects, test.size), func(t *testing.T) {
			t.Parallel()
			env := start(t, emulator.Options{})
			var want []string
			for i := range test.objects {
				want = append(want, env.create(t, fmt.Sprintf("Org %d", i)).GetDisplayName())
			}
			slices.Reverse(want) // Newest first.

			var got []string
			var sizes []int
			var last *orgv1.ListOrganizationsResponse
			for token, more := "", true; more; more = token != "" {
				page, err := env.list(t, &orgv1.ListOrganizationsRequest{PageSize: test.size, PageToken: token})
				if err != nil {
					t.Fatal(err)
				}
				if int(page.GetTotalSize()) != test.objects {
					t.Errorf("total_size %d, want %d", page.GetTotalSize(), test.objects)
				}
				if first := token == ""; first != (page.GetPrevPageToken() == "") {
					t.Errorf("prev_page_token %q on page %d", page.GetPrevPageToken(), len(sizes))
				}
				got = append(got, names(page.GetOrganizations())...)
				sizes = append(sizes, len(page.GetOrganizations()))
				token, last = page.GetNextPageToken(), page
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if !slices.Equal(sizes, test.pages) {
				t.Errorf("pages of %v, want %v", sizes, test.pages)
			}

			// And back again.
			var back []string
			for token := last.GetPrevPageToken(); token != ""; {
				page, err := env.list(t, &orgv1.ListOrganizationsRequest{PageSize: test.size, PageToken: token})
				if err != nil {
					t.Fatal(err)
				}
				back = append(names(page.GetOrganizations()), back...)
				token = page.GetPrevPageToken()
			}
			if want := want[:len(want)-sizes[len(sizes)-1]]; !slices.Equal(back, want) {
				t.Errorf("back %q\nwant %q", back, want)
			}
		})
	}
}

// What comes and goes between two pages neither repeats nor hides what stays.
func TestListIsStable(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	var ids []string
	for i := range 9 {
		ids = append(ids, env.create(t, fmt.Sprintf("Org %d", i)).GetId())
	}
	page := func(token string) *orgv1.ListOrganizationsResponse {
		reply, err := env.list(t, &orgv1.ListOrganizationsRequest{PageSize: 3, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	want := func(page *orgv1.ListOrganizationsResponse, want ...string) {
		t.Helper()
		if got := names(page.GetOrganizations()); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}

	first := page("")
	want(first, "Org 8", "Org 7", "Org 6")
	env.create(t, "Newest")
	for _, gone := range []int{7, 6, 5} { // The last of the page too, and the first of the next.
		if err := env.delete(t, ids[gone]); err != nil {
			t.Fatal(err)
		}
	}
	second := page(first.GetNextPageToken())
	want(second, "Org 4", "Org 3", "Org 2")
	want(page(second.GetNextPageToken()), "Org 1", "Org 0")
	want(page(second.GetPrevPageToken()), "Newest", "Org 8")

	for _, gone := range []int{8, 4, 3} {
		if err := env.delete(t, ids[gone]); err != nil {
			t.Fatal(err)
		}
	}
	front := page(second.GetPrevPageToken())
	want(front, "Newest")
	want(page(front.GetNextPageToken()), "Org 2", "Org 1", "Org 0")
}

func TestListFilter(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	env.create(t, "Acme", func(o *orgv1.CreateOrganization) { o.ExternalId = new("acme") })
	env.create(t, "Other", func(o *orgv1.CreateOrganization) { o.ExternalId = new("acme2") })
	for externalID, want := range map[string]int{"acme": 1, "ACME": 0, "none": 0, "": 2} {
		reply, err := env.list(t, &orgv1.ListOrganizationsRequest{ExternalId: &externalID})
		if err != nil || len(reply.GetOrganizations()) != want || int(reply.GetTotalSize()) != want {
			t.Errorf("external_id %q: %v (%v), want %d", externalID, reply, err, want)
		}
	}
}

func TestBadPageTokens(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for i := range 4 {
		env.create(t, fmt.Sprintf("Organization %d", i))
	}
	listed, err := env.list(t, &orgv1.ListOrganizationsRequest{PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	searched, err := env.SearchOrganization(t.Context(),
		connect.NewRequest(&orgv1.SearchOrganizationsRequest{Query: "organization", PageSize: 2}))
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{
		"!", "1", base64.RawURLEncoding.EncodeToString([]byte("{}")), searched.Msg.GetNextPageToken(),
		listed.GetNextPageToken() + "A",
	} {
		_, err := env.list(t, &orgv1.ListOrganizationsRequest{PageToken: token})
		wantViolation(t, err, "page_token", "page_token")
	}
	_, err = env.list(t, &orgv1.ListOrganizationsRequest{PageToken: listed.GetNextPageToken(), ExternalId: new("x")})
	wantViolation(t, err, "page_token", "page_token")
}

func TestSearchOrganization(t *testing.T) {
	t.Parallel()
	env := start(t, emulator.Options{})
	for i := range 12 {
		env.create(t, fmt.Sprintf("Organization %d", i))
	}
	env.create(t, "Acme", func(o *orgv1.CreateOrganization) {
		o.ExternalId = new("crm-77")
		o.Metadata = map[string]string{"secret": "needle"}
	})
	search := func(query string, size uint32, token string) (*orgv1.SearchOrganizationsResponse, error) {
		reply, err := env.SearchOrganization(t.Context(), connect.NewRequest(
			&orgv1.SearchOrganizationsRequest{Query: query, PageSize: size, PageToken: token}))
		if err != nil {
			return nil, err
		}
		return reply.Msg, nil
	}
	for query, want := range map[string]int{"ACM": 1, "crm-77": 1, "needle": 0, "ORGANIZATION": 12} {
		got, err := search(query, 0, "")
		if err != nil || int(got.GetTotalSize()) != want {
			t.Errorf("%q: %v (%v), want %d", query, got, err, want)
		}
	}
	first, err := search("organization", 0, "")
	if err != nil || len(first.GetOrganizations()) != 10 {
		t.Fatalf("got %v (%v), want a page of 10", first, err)
	}
	second, err := search("organization", 0, first.GetNextPageToken())
	if err != nil || len(second.GetOrganizations()) != 2 || second.GetNextPageToken() != "" {
		t.Errorf("got %v (%v), want the last 2", second, err)
	}
	_, err = search("ab", 0, "")
	wantViolation(t, err, "query", "string.min_len")
	_, err = search("organization", 31, "")
	wantViolation(t, err, "page_size", "uint32.lte")
}
