package facts_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	organizationsv1 "github.com/scalekit-inc/scalekit-sdk-go/v2/pkg/grpc/scalekit/v1/organizations"

	"github.com/scalekit-inc/terraform-provider-scalekit/internal/emulator"
)

var organizationFacts = []fact{
	{
		key:      "organization.id-form",
		question: "What form has an organization's id?",
		assumed:  "org_ and 18 digits, which hold the create_time to 10 ms",
		mark:     inferred,
		relies:   "The emulator makes ids of this form; the provider asks for the prefix alone.",
		probe:    (*run).organizationID,
	},
	{
		key:      "organization.metadata",
		question: "What does an update do to the pairs of the metadata that it does not send?",
		assumed:  "removes them",
		mark:     inferred,
		relies:   "scalekit_organization sends the whole map, and says so when a pair stays.",
		probe: func(r *run) string {
			org := r.organization(withMetadata)
			got := r.update(org, &organizationsv1.UpdateOrganization{Metadata: map[string]string{"plan": "b"}}, nil)
			return yesNo(got.GetMetadata()["owner"] == "", "removes them", "keeps them")
		},
		variants: []variant{{emulator.Quirks{MetadataMerges: true}, "keeps them"}},
	},
	{
		key:      "organization.update-mask",
		question: "Can the last pair of the metadata be removed, by an update_mask that names the empty map?",
		assumed:  "yes",
		mark:     unknown,
		relies:   "scalekit_organization empties the metadata so, and says so when that has no effect.",
		probe: func(r *run) string {
			org := r.organization(withMetadata)
			got := r.update(org, &organizationsv1.UpdateOrganization{}, []string{"metadata"})
			return yesNo(len(got.GetMetadata()) == 0, "yes", "no")
		},
		variants: []variant{{emulator.Quirks{IgnoresUpdateMask: true}, "no"}},
	},
	{
		key:      "organization.update-mask-decides",
		question: "Is a field written that an update sends and its update_mask does not name?",
		assumed:  "no",
		mark:     unknown,
		relies:   "The provider's masks name all that it sends.",
		probe: func(r *run) string {
			org := r.organization(withMetadata)
			got := r.update(org, &organizationsv1.UpdateOrganization{
				DisplayName: new(r.env.Name("Changed")), Metadata: map[string]string{"plan": "b"},
			}, []string{"metadata"})
			return yesNo(got.GetDisplayName() == org.GetDisplayName(), "no", "yes")
		},
		variants: []variant{{emulator.Quirks{IgnoresUpdateMask: true}, "yes"}},
	},
	{
		key:      "organization.empty-metadata",
		question: "What does an update with an empty metadata map and no update_mask do to the metadata?",
		assumed:  "nothing",
		mark:     inferred,
		relies:   "scalekit_organization does not use it to empty the metadata.",
		probe: func(r *run) string {
			org := r.organization(withMetadata)
			got := r.update(org, &organizationsv1.UpdateOrganization{Metadata: map[string]string{}}, nil)
			return yesNo(len(got.GetMetadata()) == 2, "nothing", "empties it")
		},
	},
	{
		key:      "organization.external-id-empty",
		question: `What does an update with the external_id "" do?`,
		assumed:  "clears it",
		mark:     unknown,
		relies:   "scalekit_organization removes an external_id so, and says so when it stays.",
		probe: func(r *run) string {
			org := r.organization(func(org *organizationsv1.CreateOrganization) { org.ExternalId = new(r.env.Name("fact")) })
			reply, err := try(r, r.client.Organizations.UpdateOrganization, &organizationsv1.UpdateOrganizationRequest{
				Identities:   &organizationsv1.UpdateOrganizationRequest_Id{Id: org.GetId()},
				Organization: &organizationsv1.UpdateOrganization{ExternalId: new("")},
			})
			if err != nil {
				return outcome(err)
			}
			return yesNo(reply.GetOrganization().GetExternalId() == "", "clears it", "nothing")
		},
		variants: []variant{
			{emulator.Quirks{KeepsExternalID: true}, "nothing"},
			{emulator.Quirks{RejectsEmptyExternalID: true}, "refused as invalid_argument"},
		},
	},
	{
		key:      "organization.external-id-taken",
		question: "How is the external_id of another organization refused?",
		assumed:  "refused as invalid_argument",
		mark:     contradictory,
		relies:   "The provider says which organization has it, and how to import that.",
		probe: func(r *run) string {
			named := func(org *organizationsv1.CreateOrganization) { org.ExternalId = new(r.env.Name("fact")) }
			r.organization(named)
			return r.createAnother(named)
		},
	},
	{
		key:      "organization.slug-taken",
		question: "How is the slug of another organization refused?",
		assumed:  "refused as invalid_argument",
		mark:     inferred,
		relies:   "The provider passes the error on.",
		probe: func(r *run) string {
			named := func(org *organizationsv1.CreateOrganization) { org.Slug = new(r.env.Name("fact")) }
			r.organization(named)
			return r.createAnother(named)
		},
	},
	{
		key:      "organization.slug-generated",
		question: "Has an organization that was created without a slug one?",
		assumed:  "no",
		mark:     unknown,
		relies:   "scalekit_organization leaves a slug that is not declared to the platform.",
		probe:    func(r *run) string { return yesNo(r.organization().GetSlug() == "", "no", "yes") },
		variants: []variant{{emulator.Quirks{GeneratesSlug: true}, "yes"}},
	},
	{
		key:      "organization.slug-hostname",
		question: "May a slug have dots and more than 63 characters?",
		assumed:  "accepted",
		mark:     contradictory,
		relies:   "The provider's validation lets such slugs through.",
		probe: func(r *run) string {
			return r.createAnother(func(org *organizationsv1.CreateOrganization) {
				org.Slug = new(strings.Repeat("a", 60) + "." + r.env.Name("fact"))
			})
		},
	},
	{
		key:      "organization.slug-empty",
		question: `What does an update with the slug "" do?`,
		assumed:  "clears it",
		mark:     contradictory,
		relies:   "Nothing depends on it yet: a slug that is no longer declared stays.",
		probe: func(r *run) string {
			org := r.organization(func(org *organizationsv1.CreateOrganization) { org.Slug = new(r.env.Name("fact")) })
			reply, err := try(r, r.client.Organizations.UpdateOrganization, &organizationsv1.UpdateOrganizationRequest{
				Identities:   &organizationsv1.UpdateOrganizationRequest_Id{Id: org.GetId()},
				Organization: &organizationsv1.UpdateOrganization{Slug: new("")},
			})
			if err != nil {
				return outcome(err)
			}
			return yesNo(reply.GetOrganization().GetSlug() == "", "clears it", "nothing")
		},
	},
	{
		key:      "organization.missing",
		question: "What is the answer to a read of an organization that does not exist?",
		assumed:  "by id refused as not_found, by external_id refused as not_found",
		mark:     seen,
		relies:   "A resource whose organization is gone leaves the state.",
		probe: func(r *run) string {
			_, byIDErr := try(r, r.client.Organizations.GetOrganization, byID(missingOrganization))
			_, byExternalIDErr := try(r, r.client.Organizations.GetOrganizationByExternalId, &organizationsv1.GetOrganizationRequest{
				Identities: &organizationsv1.GetOrganizationRequest_ExternalId{ExternalId: r.env.Name("no-such-customer")},
			})
			return fmt.Sprintf("by id %s, by external_id %s", outcome(byIDErr), outcome(byExternalIDErr))
		},
	},
	{
		key:      "organization.list-order",
		question: "In which order are organizations listed?",
		assumed:  "newest first",
		mark:     seen,
		relies:   "The data sources and lists keep the platform's order and say which it is.",
		probe: func(r *run) string {
			older, newer := r.organization(), r.organization()
			return order(r.listedOrganizations(2), older.GetId(), newer.GetId())
		},
	},
	{
		key:      "organization.page-of-one",
		question: "How many organizations does a page of 1 have, when there are more?",
		assumed:  "1",
		mark:     contradictory,
		relies:   "The provider asks for pages of 100, which are documented.",
		probe: func(r *run) string {
			r.organization()
			r.organization()
			return strconv.Itoa(len(r.listedOrganizations(1)))
		},
	},
}

func byID(id string) *organizationsv1.GetOrganizationRequest {
	return &organizationsv1.GetOrganizationRequest{Identities: &organizationsv1.GetOrganizationRequest_Id{Id: id}}
}

func withMetadata(org *organizationsv1.CreateOrganization) {
	org.Metadata = map[string]string{"plan": "a", "owner": "ann"}
}

// update changes an organization and reads it again. The paths are the update_mask's; nil is none.
func (r *run) update(org *organizationsv1.Organization, change *organizationsv1.UpdateOrganization, paths []string) *organizationsv1.Organization {
	request := &organizationsv1.UpdateOrganizationRequest{
		Identities: &organizationsv1.UpdateOrganizationRequest_Id{Id: org.GetId()}, Organization: change,
	}
	if paths != nil {
		request.UpdateMask = &fieldmaskpb.FieldMask{Paths: paths}
	}
	must(r, r.client.Organizations.UpdateOrganization, request)
	return must(r, r.client.Organizations.GetOrganization, byID(org.GetId())).GetOrganization()
}

// createAnother creates an organization, which is the probe's last call, and says what came of it.
func (r *run) createAnother(edit func(*organizationsv1.CreateOrganization)) string {
	wanted := &organizationsv1.CreateOrganization{DisplayName: r.env.Name("Fact")}
	edit(wanted)
	reply, err := try(r, r.client.Organizations.CreateOrganization, &organizationsv1.CreateOrganizationRequest{Organization: wanted})
	if err == nil {
		r.removeOrganization(reply.GetOrganization().GetId())
	}
	return outcome(err)
}

func (r *run) listedOrganizations(pageSize uint32) []string {
	var listed []string
	for _, org := range must(r, r.client.Organizations.ListOrganization, &organizationsv1.ListOrganizationsRequest{PageSize: pageSize}).GetOrganizations() {
		listed = append(listed, org.GetId())
	}
	return listed
}

// order says in which order two objects are listed.
func order(listed []string, older, newer string) string {
	olderAt, newerAt := slices.Index(listed, older), slices.Index(listed, newer)
	switch {
	case olderAt < 0 || newerAt < 0:
		return "neither order: one of two new objects is not on the first page"
	case newerAt < olderAt:
		return "newest first"
	default:
		return "oldest first"
	}
}

// organizationID holds an id against what it is inferred to be made of: ticks of 10 ms since 2024, shifted by 24 bits.
func (r *run) organizationID() string {
	org := r.organization()
	answer := form(org.GetId())
	number, err := strconv.ParseInt(strings.TrimPrefix(org.GetId(), "org_"), 10, 64)
	if err != nil {
		return answer
	}
	const tick = 10 * time.Millisecond
	held := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(number>>24) * tick)
	if apart := held.Sub(org.GetCreateTime().AsTime()).Abs(); apart > tick {
		return answer + ", which do not hold the create_time"
	}
	return answer + ", which hold the create_time to 10 ms"
}

// sorted prints a set.
func sorted(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }
